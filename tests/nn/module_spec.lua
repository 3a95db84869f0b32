-- The contract of nn.Module, in each of the three ways to write a class.

local torch = require 'torch'
local nn = require 'nn'
local optim = require 'optim'
local autograd = require 'autograd'
require 'nnlua.busted'

local P = {} -- the classes of this file

-- y = a tanh(x) + b with parameters of its own names
local Pure, pure_parent = torch.class('spec.Pure', 'nn.Module', P)
Pure.parameterNames = {'a', 'b'}

function Pure:__init (n)
  pure_parent.__init(self)
  self.a, self.b = torch.ones(n) * 2, torch.zeros(n)
end

function Pure:compute (x)
  return torch.cmul(torch.tanh(x), self.a) + self.b
end

-- Torch7's way: buffers, in place, a gradient that is not the true one
local Old, old_parent = torch.class('spec.Old', 'nn.Module', P)

function Old:__init (n)
  old_parent.__init(self)
  self.weight, self.gradWeight = torch.ones(n) * 3, torch.zeros(n)
end

function Old:updateOutput (input)
  self.output:resizeAs(input):copy(input)
  self.output:cmul(self.weight:view(1, -1):expandAs(input))
  return self.output
end

function Old:updateGradInput (input, gradOutput)
  self.gradInput:resizeAs(input):copy(gradOutput):mul(10)
  return self.gradInput
end

function Old:accGradParameters (input, gradOutput, scale)
  self.gradWeight:add(scale, torch.cmul(input, gradOutput):sum(1):view(-1))
end

-- modules in fields
local Net, net_parent = torch.class('spec.Net', 'nn.Module', P)

function Net:__init ()
  net_parent.__init(self)
  self.first, self.second = nn.Dense(4, 3), nn.Dense(3, 2)
end

function Net:compute (x)
  return self.second:forward(torch.relu(self.first:forward(x)))
end

local function small ()
  return nn.Sequential(nn.Dense(4, 3), nn.Tanh(), nn.Dense(3, 2))
end

describe('a module that says only compute', function ()
  it('has gradients of its input and parameters', function ()
    local m, x = P.Pure(3), torch.randn(5, 3)
    local y = m:forward(x)
    assert.tensor_near(torch.tanh(x) * 2, y)
    local gy = torch.randn(5, 3)
    local gx = m:backward(x, gy)
    local slope = (1 - torch.square(torch.tanh(x))) * 2
    assert.tensor_near(torch.cmul(slope, gy), gx)
    assert.tensor_near(torch.cmul(torch.tanh(x), gy):sum(1):view(-1), m.gradA)
    assert.tensor_near(gy:sum(1):view(-1), m.gradB)
    m:backward(x, gy, 2) -- adds
    assert.tensor_near(gy:sum(1):view(-1) * 3, m.gradB)
    m:zeroGradParameters()
    assert.equal(0, m.gradB:norm())
  end)

  it('has them in evaluate() too', function ()
    local m, x = P.Pure(3), torch.randn(5, 3)
    m:evaluate()
    m:forward(x)
    assert.is_nil(m._record)
    local gx = m:backward(x, torch.ones(5, 3))
    assert.tensor_near((1 - torch.square(torch.tanh(x))) * 2, gx)
  end)

  it('may hold modules in its fields', function ()
    local m, x, gy = P.Net(), torch.randn(5, 4), torch.randn(5, 2)
    local same = nn.Sequential(m.first:clone(), nn.ReLU(), m.second:clone())
    assert.tensor_near(same:forward(x), m:forward(x))
    assert.tensor_near(same:backward(x, gy), m:backward(x, gy))
    local _, g = m:parameters()
    local _, h = same:parameters()
    assert.equal(4, #g)
    for i = 1, 4 do assert.tensor_near(h[i], g[i]) end
    assert.equal(3, #m:listModules())
  end)
end)

describe("a class in Torch7's way", function ()
  it('works unchanged', function ()
    local m, x = P.Old(3), torch.randn(5, 3)
    assert.tensor_near(x * 3, m:forward(x))
    assert.tensor_near(torch.ones(5, 3) * 10, m:backward(x, torch.ones(5, 3)))
    assert.tensor_near(x:sum(1):view(-1), m.gradWeight)
  end)

  it('keeps its own gradient under transforms', function ()
    local m, x = P.Old(3), torch.randn(5, 3)
    local f, params = autograd.functionalize(nn.Sequential(m))
    local g, dx = autograd.grad(function (p, v) return f(p, v):sum() end,
                                {argnums = {1, 2}})(params, x)
    assert.tensor_near(x:sum(1):view(-1), g[1][1].weight)
    assert.tensor_near(torch.ones(5, 3) * 10, g[2])
    assert.is_number(dx)
    assert.tensor_near(x * 3, autograd.jit(function (v)
      return m:forward(v)
    end)(x))
    assert.equal(0, m.gradWeight:norm())
  end)
end)

describe('functionalize', function ()
  local function gradient (net, y)
    local f, p = autograd.functionalize(net)
    return p, f, autograd.grad(function (q, x)
      return torch.square(f(q, x) - y):sum()
    end)
  end

  it('has one leaf for a weight that clones share', function ()
    local one = nn.Linear(3, 2)
    local two = one:clone('weight', 'gradWeight')
    local net = nn.Sequential(nn.ParallelTable(one, two),
                              nn.CAddTable()):double()
    local x = {torch.randn(4, 3):double(), torch.randn(4, 3):double()}
    local p, f, grad = gradient(net, torch.ones(4, 2):double())
    assert.is_nil(p[2].weight)
    assert.is_not_nil(p[2].bias)
    local g = grad(p, x)
    net:zeroGradParameters()
    local y = net:forward(x)
    net:backward(x, (y - 1) * 2)
    assert.tensor_near(one.gradWeight, g[1].weight, 1e-12, 1e-12)
    -- the update reaches both
    local q = autograd.tree.map(function (a, b) return a - b * 0.1 end, p, g)
    local want = x[1] * q[1].weight:t() + x[2] * q[1].weight:t()
    assert.tensor_near((want + q[1].bias) + q[2].bias, f(q, x), 1e-12, 1e-12)
    -- and a jitted one writes to no memory twice
    local opt = optim.adam {learningRate = 0.1}:init(p)
    local step = autograd.jit(function (r) opt:update(r, (grad(r, x))) end)
    for _ = 1, 3 do step(p) end
    assert.is_true(one.weight:isSetTo(two.weight))
    assert.tensor_equal(one.weight, p[1].weight)
  end)

  it('has one leaf for a weight and its transposed', function ()
    local enc, dec = nn.Linear(3, 2), nn.Linear(2, 3)
    dec.weight, dec.gradWeight = enc.weight:t(), enc.gradWeight:t()
    local net = nn.Sequential(enc, nn.Tanh(), dec):double()
    local x = torch.randn(4, 3):double()
    local p, f, grad = gradient(net, x)
    assert.is_nil(p[2].weight)
    net:zeroGradParameters()
    local y = net:forward(x)
    assert.tensor_equal(y, f(p, x))
    net:backward(x, (y - x) * 2)
    local g = grad(p, x)
    assert.tensor_near(net:get(1).gradWeight, g[1].weight, 1e-12, 1e-12)
    local q = autograd.tree.map(function (a, b) return a - b * 0.1 end, p, g)
    local h = torch.tanh(x * q[1].weight:t() + q[1].bias)
    assert.tensor_near(h * q[1].weight + q[2].bias, f(q, x), 1e-12, 1e-12)
    assert.tensor_equal(f(q, x), autograd.jit(f)(q, x))
  end)
end)

describe('replace', function ()
  it('wants a module for each', function ()
    local net = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    local ok, text = pcall(net.replace, net, function (m)
      if torch.type(m) ~= 'nn.Tanh' then return m end
    end)
    assert.is_false(ok)
    assert.equal('replace: argument #1: a function that returns a module '
                 .. 'expected, it returned nil for nn.Tanh; return the module '
                 .. 'itself to keep it', text)
    assert.equal(2, #net)
  end)
end)

describe('getParameters', function ()
  it('makes all parameters views, and gives the same pair again', function ()
    local net = small()
    local w, dw = net:getParameters()
    assert.equal(4 * 3 + 3 + 3 * 2 + 2, w:nElement())
    local again, dagain = net:getParameters()
    assert.is_true(rawequal(w, again) and rawequal(dw, dagain))
    w:fill(0.5)
    assert.equal(0.5, net:get(3).weight[1][1])
    local inner = net:get(3):getParameters()
    inner:fill(2)
    assert.equal(2, w[w:nElement()])
    assert.equal(0.5, w[1])
  end)

  it('keeps what is shared, and survives clone', function ()
    local net = nn.Sequential(nn.Dense(3, 3), nn.Dense(3, 3))
    net:get(2):share(net:get(1), 'weight', 'bias', 'gradWeight', 'gradBias')
    local w = net:getParameters()
    assert.equal(12, w:nElement())
    net:get(1).weight:fill(7)
    assert.equal(7, net:get(2).weight[3][3])
    local other = net:clone()
    other:get(1).weight:fill(1)
    assert.equal(1, other:get(2).weight[2][2])
    assert.equal(7, net:get(2).weight[2][2])
    local w2 = other:getParameters()
    assert.equal(12, w2:nElement())
    w2:fill(4)
    assert.equal(4, other:get(2).bias[1])
  end)
end)

describe('a gradOutput that is a buffer', function ()
  it('counts as it is now, in every module: rows of a Jacobian', function ()
    local every = dofile 'tests/nn/every.lua'
    local function scaled (x, s)
      return autograd.tree.map(function (v)
        return torch.isTensor(v) and v:mul(s) or v * s
      end, x)
    end
    for name, make in pairs(every.modules) do
      local m, x = make()
      m:double()
      local y = m:forward(x)
      if type(y) ~= 'number' then
        local g = autograd.tree.map(function (v)
          return torch.cos(v:double() * 3)
        end, y)
        m:zeroGradParameters()
        m:backward(x, g)
        local _, grads = m:parameters()
        local before = {}
        for i, v in ipairs(grads or {}) do before[i] = v * 3 end
        local first = autograd.tree.map(function (v)
          return v * 2
        end, m:updateGradInput(x, g))
        scaled(g, 2)
        autograd.tree.map(function (want, got)
          assert.tensor_near(want, got, 1e-12, 1e-12, name)
        end, first, m:updateGradInput(x, g))
        m:accGradParameters(x, g)
        for i, v in ipairs(grads or {}) do
          assert.tensor_near(before[i], v, 1e-12, 1e-12, name)
        end
      end
    end
  end)
end)

describe('a module that stands twice in a container', function ()
  local function check (net, x, g)
    net:double()
    local f, params = autograd.functionalize(net)
    for _, mode in ipairs {'training', 'evaluate'} do
      net[mode](net)
      local _, pull = autograd.vjp(f, params, x)
      local want, dx = pull(g)
      net:zeroGradParameters()
      local y = net:forward(x)
      autograd.tree.map(function (a, b)
        assert.tensor_near(a, b, 1e-12)
      end, f(params, x), y)
      autograd.tree.map(function (a, b)
        assert.tensor_near(a, b, 1e-12)
      end, dx, net:backward(x, g))
      local _, grads = net:parameters()
      local shared = {}
      for _, d in ipairs(grads) do shared[d] = true end
      for i, leaf in ipairs(autograd.tree.leaves(want)) do
        local found
        for d in pairs(shared) do
          found = found or d:isSameSizeAs(leaf)
                  and (d - leaf):abs():max() < 1e-12
        end
        assert.is_true(found, mode .. i)
      end
    end
  end

  it('gets the gradients of each place', function ()
    local x, y = torch.randn(2, 3):double(), torch.randn(2, 3):double()
    local layer = nn.Linear(3, 3)
    check(nn.Sequential(layer, nn.GELU(), layer, nn.GELU()), x, y)
    local block = nn.Sequential(nn.Linear(3, 4), nn.GELU(), nn.Linear(4, 3))
    check(nn.Sequential(block, block, block), x, y)
    check(nn.ParallelTable():add(block):add(block), {x, y}, {y, x})
    check(nn.ConcatTable():add(block):add(block), x, {y, x})
    -- and where the places are not side by side
    check(nn.Sequential(layer, nn.Sequential(nn.GELU(), layer)), x, y)
    check(nn.Sequential(block, nn.Sequential(nn.Sequential(layer, block))),
          x, y)
    check(nn.Sequential(nn.ConcatTable():add(layer)
      :add(nn.Sequential(nn.GELU(), layer)), nn.CAddTable()), x, y)
  end)
end)

describe('a table with indices', function ()
  it('has a gradient without them, through any container', function ()
    local x = {torch.randn(4, 2), torch.LongTensor {1, 3}}
    local net = nn.Sequential(nn.ParallelTable():add(nn.Linear(2, 2))
      :add(nn.Identity()), nn.Identity(), nn.Index(1))
    net:forward(x)
    local g = net:backward(x, torch.ones(2, 2))
    assert.tensor_near(net:get(1):get(1):updateGradInput(x[1],
      torch.Tensor {{1, 1}, {0, 0}, {1, 1}, {0, 0}}), g[1], 1e-6)
    assert.is_nil(g[2])
  end)
end)

describe('the contract', function ()
  it('has parameters, updateParameters, zeroGradParameters', function ()
    local net, x = small(), torch.randn(6, 4)
    local p = net:parameters()
    assert.equal(4, #p)
    local before = p[1]:clone()
    net:forward(x)
    net:backward(x, torch.ones(6, 2))
    net:updateParameters(0.1)
    assert.tensor_near(before - net:get(1).gradWeight * 0.1, p[1])
    assert.is_nil((nn.ReLU():parameters()))
  end)

  it('has accUpdateGradParameters', function ()
    local net, x = small(), torch.randn(6, 4)
    local twin, gy = net:clone(), torch.randn(6, 2)
    net:zeroGradParameters()
    net:forward(x)
    net:backward(x, gy)
    net:updateParameters(0.1)
    twin:forward(x)
    twin:updateGradInput(x, gy)
    twin:accUpdateGradParameters(x, gy, 0.1)
    for i, p in ipairs((net:parameters())) do
      assert.tensor_near(p, ((twin:parameters()))[i])
    end
    assert.equal(0, twin:get(1).gradWeight:norm())
  end)

  it('has training, evaluate, apply, listModules, findModules', function ()
    local net = nn.Sequential(small(), nn.Dropout(0.3), P.Net())
    net:evaluate()
    net:apply(function (m) assert.is_false(m.train) end)
    net:training()
    assert.is_true(net:get(1):get(2).train)
    local list = net:listModules()
    assert.equal(net, list[1])
    assert.equal(9, #list)
    local nodes, containers = net:findModules('nn.Dense')
    assert.equal(4, #nodes)
    assert.equal(net:get(1), containers[1])
    assert.equal(net:get(3), containers[4])
  end)

  it('has replace, insert, remove, get, size', function ()
    local net = nn.Sequential(nn.Dense(2, 2), nn.Sequential(nn.Dropout()))
    net:replace(function (m)
      return torch.type(m) == 'nn.Dropout' and nn.Identity() or m
    end)
    assert.equal('nn.Identity', torch.type(net:get(2):get(1)))
    net:insert(nn.ReLU(), 2):add(nn.Tanh())
    assert.equal(4, net:size())
    assert.equal('nn.ReLU', torch.type(net:get(2)))
    assert.equal('nn.Tanh', torch.type(net:get(-1)))
    net:remove(2):remove()
    assert.equal(2, #net)
  end)

  it('has type, float, double', function ()
    local net = small()
    local w = net:getParameters()
    net:double()
    assert.equal('torch.DoubleTensor', net:type())
    assert.equal('float64', net:get(1).weight:dtype())
    assert.equal('float64', net:forward(torch.randn(2, 4):double()):dtype())
    local w2 = net:getParameters()
    w2:fill(3)
    assert.equal(3, net:get(3).bias[1])
    assert.equal('float32', w:dtype())
    assert.equal('float32', net:float():get(1).weight:dtype())
  end)

  it('has clearState, and is called like a function', function ()
    local net, x = small(), torch.randn(2, 4)
    assert.tensor_equal(net:forward(x), net(x))
    local _, gx = net(x, torch.ones(2, 2))
    assert.equal(2, gx:dim())
    assert.equal(net, net:clearState())
    assert.equal(0, net.output:nElement())
    assert.is_nil(net:get(2)._record)
  end)

  it('prints as Torch7 does', function ()
    assert.equal([[
nn.Sequential {
  [input -> (1) -> (2) -> (3) -> output]
  (1): nn.Dense(4 -> 3)
  (2): nn.Sequential {
    [input -> (1) -> output]
    (1): nn.Dropout(0.5)
  }
  (3): nn.Linear(3 -> 2) without bias
} with 21 parameters]], tostring(nn.Sequential(nn.Dense(4, 3), nn.Sequential(nn.Dropout()),
                            nn.Linear(3, 2, false))))
  end)

  it('is saved without what forward left', function ()
    local net, x = small(), torch.randn(2, 4)
    local y = net:forward(x)
    local other = torch.deserialize(torch.serialize(net))
    assert.is_nil(rawget(other, 'output'))
    assert.tensor_equal(y, other:forward(x))
    other:backward(x, torch.ones(2, 2))
  end)
end)

describe('nn.Dense(n)', function ()
  it('takes its number of inputs from the first batch', function ()
    local net = nn.Sequential(nn.Dense(3), nn.ReLU(), nn.Dense(2))
    assert.equal('nn.Dense(3)', tostring(net:get(1)))
    assert.has_error(function () net:parameters() end)
    local y = autograd.vmap(function (x) return net:forward(x) end)(
      torch.randn(5, 7))
    assert.equal(2, y:size(2))
    assert.equal('nn.Dense(7 -> 3)', tostring(net:get(1)))
    assert.equal(4, #(net:parameters()))
  end)
end)

describe('nn.Dropout', function ()
  it('drops in training only, and draws anew under jit', function ()
    torch.manualSeed(3)
    local m, x = nn.Dropout(0.25), torch.ones(100, 100)
    local y = m:forward(x)
    local zeros = torch.eq(y, 0):sum()
    assert.is_true(zeros > 2300 and zeros < 2700)
    assert.near(4 / 3, y:max(), 1e-6)
    assert.tensor_equal(y, m:backward(x, x))
    local f = autograd.jit(function (v) return m:forward(v) end)
    local a, b, c = f(x), f(x), f(x)
    assert.is_true((a - b):norm() > 0 and (b - c):norm() > 0)
    m:evaluate()
    assert.tensor_equal(x, m:forward(x))
    assert.tensor_equal(x, f(x))
  end)
end)

describe('errors of modules name the layer and its place:', function ()
  local function message (f, ...)
    local ok, text = pcall(f, ...)
    assert.is_false(ok)
    return (text:gsub('^[^:]*:%d+: ', ''))
  end

  it('shapes', function ()
    local net = nn.Sequential(nn.Identity(), nn.Identity(), nn.Dense(784, 10))
    assert.equal('nn.Dense #3 of Sequential: expected [*, 784], got '
                 .. '[200 x 28 x 28]; flatten first: nn.View(-1, 784)',
                 message(net.forward, net, torch.zeros(200, 28, 28)))
    local outer = nn.Sequential(net)
    assert.equal('nn.Dense #3 of Sequential #1 of Sequential: expected '
                 .. '[*, 784], got [2 x 5]',
                 message(outer.forward, outer, torch.zeros(2, 5)))
    assert.equal('nn.Dense #3 of Sequential: expected [*, 784], got nil',
                 message(net.forward, net))
  end)

  it('under a transform', function ()
    local net = nn.Sequential(nn.Tanh(), nn.Dense(3, 1))
    assert.equal('nn.Dense #2 of Sequential: expected [*, 3], got [2 x 5]',
                 message(autograd.grad(function (x)
                   return net:forward(x):sum()
                 end), torch.zeros(2, 5)))
  end)

  it('constructors', function ()
    assert.equal('nn.Dense: number of outputs: an integer of at least 1 '
                 .. 'expected, got nil', message(nn.Dense))
    assert.equal('nn.Dense: number of inputs: an integer of at least 1 '
                 .. 'expected, got the number 0', message(nn.Dense, 0, 3))
    assert.equal('nn.Dropout: p: a number of at least 0 and below 1 '
                 .. 'expected, got the number 1', message(nn.Dropout, 1))
    assert.equal('nn.Sequential: add: a module expected, got the number 3',
                 message(nn.Sequential, 3))
    assert.equal("nn has no 'Relu'; did you mean nn.ReLU",
                 message(function () return nn.Relu end))
    assert.is_nil(nn.SomethingElse)
  end)
end)

describe('summary', function ()
  it('has a line for each module', function ()
    local net = nn.Sequential(nn.Dense(4, 3), nn.Sequential(nn.Tanh()),
                              nn.Dense(3, 2))
    assert.equal([[
nn.Sequential            [5 x 2]  23
  (1): nn.Dense(4 -> 3)  [5 x 3]  15
  (2): nn.Sequential     [5 x 3]  0
    (1): nn.Tanh         [5 x 3]  0
  (3): nn.Dense(3 -> 2)  [5 x 2]  8
23 parameters]], net:summary(torch.zeros(5, 4)))
    assert.is_nil(rawget(net, 'forward'))
    local ok, text = pcall(net.summary, net, torch.zeros(5, 3))
    assert.is_false(ok)
    assert.truthy(text:find('nn.Dense #1 of Sequential: expected [*, 4], got '
                            .. '[5 x 3]', 1, true))
    assert.is_nil(rawget(net, 'forward'))
  end)
end)
