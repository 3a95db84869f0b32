-- nn.gModule as nngraph's users know it; print(net) and net:summary(x).
require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'

local function message (f, ...)
  local ok, text = pcall(f, ...)
  assert.is_false(ok)
  return (text:gsub('^[^\n]-:%d+: ', ''))
end

local function rows (...) return torch.randn(...):double() end

describe('documented: gModule', function ()
  it('several inputs and outputs, a node used twice', function ()
    local x1, x2 = nn.Identity()(), nn.Identity()()
    local first, second = nn.Linear(4, 3), nn.Linear(5, 3)
    local a = nn.Tanh()(first(x1))
    local b = nn.Sigmoid()(second(x2))
    local net = nn.gModule({x1, x2}, {nn.CMulTable()({a, b}),
                                      nn.CAddTable()({a, a, b})}):double()
    local p, q = rows(2, 4), rows(2, 5)
    local y = net:forward {p, q}
    local u, v = torch.tanh(first:forward(p)), torch.sigmoid(second:forward(q))
    assert.tensor_near(torch.cmul(u, v), y[1], 1e-12)
    assert.tensor_near(u * 2 + v, y[2], 1e-12)
    local g, h = rows(2, 3), rows(2, 3)
    local gx = net:backward({p, q}, {g, h})
    local du = torch.cmul(g, v) + h * 2
    local dz = torch.cmul(du, 1 - torch.square(u))
    assert.tensor_near(dz * first.weight, gx[1], 1e-12)
    assert.tensor_near(dz:t() * p, first.gradWeight, 1e-12)
    assert.same({2, 5}, gx[2]:size():totable())
    local names = {}
    net:apply(function (m) names[#names + 1] = torch.type(m) end)
    assert.equal('nn.gModule', names[1])
    assert.equal(9, #names) -- nine modules, the graph among them
  end)

  it('a module at two nodes has one set of parameters', function ()
    local x = nn.Identity()()
    local tied = nn.Linear(4, 4)
    local net = nn.gModule({x}, {tied(nn.Tanh()(tied(x)))}):double()
    assert.equal(2, #net:parameters())
    local p = rows(3, 4)
    local want = tied:forward(torch.tanh(tied:forward(p)))
    assert.tensor_near(want, net:forward(p), 1e-12)
    assert.is_true(nn.Jacobian.testJacobian(net, p) < 1e-6)
    assert.is_true(nn.Jacobian.testJacobianParameters(
      net, p, tied.weight, tied.gradWeight, -1, 1) < 1e-6)
    net:evaluate()
    assert.is_true(nn.Jacobian.testJacobian(net, p) < 1e-6)
  end)

  it('split, -, annotate, nested tables, a graph in a graph', function ()
    local x = nn.Identity()()
    local a, b = nn.SplitTable(2)(x):split(2)
    local inner_x = nn.Identity()()
    local inner = nn.gModule({inner_x}, {inner_x - nn.Linear(3, 3) - nn.Tanh()})
    local net = nn.gModule({x}, {
      nn.CSubTable()({inner(a):annotate {name = 'left'}, b})}):double()
    local p = rows(3, 2)
    assert.tensor_near(inner:forward(p:select(2, 1)) - p:select(2, 2),
                       net:forward(p), 1e-12)
    assert.is_true(nn.Jacobian.testJacobian(net, p) < 1e-6)
    local names = {} -- char-rnn finds its layers so
    for _, node in ipairs(net:clone().forwardnodes) do
      names[#names + 1] = node.data.annotations.name
    end
    assert.same({'left'}, names)
  end)

  it('is saved, cloned, and works under transforms', function ()
    local x, y = nn.Identity()(), nn.Identity()()
    local net = nn.gModule({x, y}, {nn.CMulTable()({nn.Linear(3, 3)(x), y})})
    net:double()
    local input = {rows(2, 3), rows(2, 3)}
    local want = net:forward(input)
    assert.tensor_near(want, net:clone():forward(input), 0)
    assert.tensor_near(want, torch.deserialize(torch.serialize(net))
                             :forward(input), 0)
    local f = autograd.jit(function (v) return net:forward(v) end)
    for _ = 1, 3 do assert.tensor_near(want, f(input), 0) end
    local g, params = autograd.functionalize(net)
    local d = autograd.grad(function (p) return g(p, input):sum() end)(params)
    net:zeroGradParameters()
    net:backward(input, torch.ones(2, 3):double())
    local leaves, _, grads = autograd.tree.leaves(d), net:parameters()
    assert.equal(#grads, #leaves)
    for _, leaf in ipairs(leaves) do
      local same = false
      for _, t in ipairs(grads) do
        same = same or t:isSameSizeAs(leaf) and (t - leaf):norm() < 1e-12
      end
      assert.is_true(same)
    end
  end)

  it('says what is wrong with a graph', function ()
    local x, y = nn.Identity()(), nn.Identity()()
    local h = nn.Tanh()(x)
    assert.equal('nn.gModule: inputs: entry #2: no output needs the node of '
                 .. 'nn.Identity', message(nn.gModule, {x, y}, {h}))
    assert.equal('nn.gModule: the node of nn.Identity has no input and is '
                 .. "none of the graph's inputs",
                 message(nn.gModule, {x}, {nn.CAddTable()({h, y})}))
    assert.equal('nn.gModule: inputs: entry #1: a node without inputs '
                 .. 'expected, got the node of nn.Tanh',
                 message(nn.gModule, {h}, {nn.Sigmoid()(h)}))
    assert.equal('nn.gModule: outputs: entry #1: a node expected, got nn.Tanh',
                 message(nn.gModule, {x}, {nn.Tanh()}))
    assert.equal('nn.gModule: inputs: a table of nodes expected, got a table '
                 .. 'of 0', message(nn.gModule, {}, {h}))
    assert.equal('nn.CAddTable: entry #2: a node expected, got the number 3',
                 message(function () return nn.CAddTable()({h, 3}) end))
    local ring = nn.CAddTable()({h, h})
    ring.inputs[2] = nn.Tanh()(ring)
    assert.equal('nn.gModule: the graph has a cycle',
                 message(nn.gModule, {x}, {ring}))
    local net = nn.gModule({x, y}, {nn.CAddTable()({h, y})})
    assert.equal('nn.gModule: expected a table of 2 inputs, got a table of 1',
                 message(net.forward, net, {torch.ones(2)}))
  end)
end)

describe('documented: print and summary', function ()
  it('branches, shapes and numbers of parameters', function ()
    local net = nn.Sequential(
      nn.ConcatTable(nn.Linear(4, 3), nn.Sequential(nn.Linear(4, 3),
                                                    nn.Tanh())),
      nn.CAddTable(), nn.Dropout(0.5))
    assert.equal([[
nn.Sequential {
  [input -> (1) -> (2) -> (3) -> output]
  (1): nn.ConcatTable {
    input
      |`-> (1): nn.Linear(4 -> 3)
       `-> (2): nn.Sequential {
             [input -> (1) -> (2) -> output]
             (1): nn.Linear(4 -> 3)
             (2): nn.Tanh
           } with 15 parameters
       ... -> output
  } with 30 parameters
  (2): nn.CAddTable
  (3): nn.Dropout(0.5)
} with 30 parameters]], tostring(net))
    assert.equal([[
nn.Sequential                 [2 x 3]       30
  (1): nn.ConcatTable         a table of 2  30
    (1): nn.Linear(4 -> 3)    [2 x 3]       15
    (2): nn.Sequential        [2 x 3]       15
      (1): nn.Linear(4 -> 3)  [2 x 3]       15
      (2): nn.Tanh            [2 x 3]       0
  (2): nn.CAddTable           [2 x 3]       0
  (3): nn.Dropout(0.5)        [2 x 3]       0
30 parameters]], net:summary(torch.zeros(2, 4)))
    assert.is_true(net.train) -- summary runs it in evaluate() and puts it back
  end)

  it('parameters that modules share count once', function ()
    local tied = nn.Linear(4, 4)
    local net = nn.Sequential(tied, nn.Tanh(), tied)
    assert.matches('} with 20 parameters$', tostring(net))
    assert.matches('20 parameters$', net:summary(torch.zeros(1, 4)))
  end)
end)
