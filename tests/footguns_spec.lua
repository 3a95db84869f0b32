-- One test for each known trap: what other libraries get silently wrong.
require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local grad, vmap, jit = autograd.grad, autograd.vmap, autograd.jit

local function message_of (f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok, 'no error')
  return tostring(message)
end
local function says (text, f, ...)
  assert.truthy(message_of(f, ...):find(text, 1, true),
                'the message lacks: ' .. text)
end
local function thrice (f, ...)
  f(...)
  f(...)
  return f(...)
end

describe('in-place trap:', function ()
  local x
  before_each(function () x = torch.Tensor {1, 2, 3} end)

  it('x:add(x), x:cmul(x), x:cdiv(x), x:csub(x)', function ()
    assert.tensor_equal(torch.Tensor {2, 4, 6}, x:clone():add(x):add(0))
    local y = x:clone()
    assert.tensor_equal(torch.Tensor {2, 4, 6}, y:add(y))
    assert.tensor_equal(torch.Tensor {4, 16, 36}, y:cmul(y))
    assert.tensor_equal(torch.ones(3), y:cdiv(y))
    assert.tensor_equal(torch.zeros(3), y:csub(y))
  end)

  it('x:add(x:t()) and x:copy(x:t()) read before they write', function ()
    local m = torch.range(1, 9):view(3, 3)
    assert.tensor_equal(m + m:t():clone(), m:clone():add(m:t():clone()))
    local a, b = m:clone(), m:clone()
    a:add(a:t())
    assert.tensor_equal(m + m:t(), a)
    b:copy(b:t())
    assert.tensor_equal(m:t():contiguous(), b)
  end)

  it('overlapping views of one storage', function ()
    local function shift (from, to)
      local v = torch.range(1, 5)
      v:narrow(1, to, 4):copy(v:narrow(1, from, 4))
      return v
    end
    assert.tensor_equal(torch.Tensor {1, 1, 2, 3, 4}, shift(1, 2))
    assert.tensor_equal(torch.Tensor {2, 3, 4, 5, 5}, shift(2, 1))
    local v = torch.range(1, 5)
    v:narrow(1, 2, 4):add(v:narrow(1, 1, 4))
    assert.tensor_equal(torch.Tensor {1, 3, 5, 7, 9}, v)
    local s = torch.range(1, 6)
    s[{{1, 3}}], s[{{4, 6}}] = s[{{4, 6}}]:clone(), s[{{1, 3}}]:clone()
    assert.tensor_equal(torch.Tensor {4, 5, 6, 1, 2, 3}, s)
  end)

  it('a product into one of its factors', function ()
    local m = torch.Tensor {{1, 2}, {3, 4}}
    local want = m * m
    assert.tensor_equal(want, m:clone():copy(m * m))
    m:mm(m, m)
    assert.tensor_equal(want, m)
  end)

  it('an expanded tensor is not written element by element', function ()
    local e = torch.zeros(3, 1):expand(3, 4)
    says('is expanded', function () e:add(1) end)
    says('is expanded', function () e:copy(torch.randn(3, 4)) end)
    local u = torch.range(1, 5):unfold(1, 2, 1)
    says('more than once', function () u:add(1) end)
  end)

  it('a value that the tape saved may be overwritten', function ()
    local function spoil (change)
      return (grad(function (v)
        local y = torch.exp(v)
        local z = torch.cmul(y, y)
        change(y, z, v)
        return z:sum()
      end)(x:clone()))
    end
    local want = torch.exp(x * 2) * 2
    for _, change in ipairs {
      function (y) y:zero() end, function (y) y[2] = 0 end,
      function (_, _, v) v:fill(9) end,
      function (y) y:narrow(1, 1, 2):mul(3) end,
      function (y) y:resize(5) end,
      function (y, _, v) v:copy(y) end,
    } do
      assert.tensor_near(want, spoil(change), {rtol = 1e-5})
    end
  end)

  it('a pullback still has what was changed after its forward', function ()
    local w = x:clone()
    local _, pull = autograd.vjp(function (v) return torch.cmul(v, w) end, x)
    w:zero()
    assert.tensor_equal(x, (pull(torch.ones(3))))
  end)

  it('clone is a copy, assignment and views are not', function ()
    local y, z, view = x, x:clone(), x:narrow(1, 1, 2)
    x:fill(7)
    assert.equal(7.0, y[1])
    assert.equal(1.0, z[1])
    assert.equal(7.0, view[2])
  end)
end)

describe('jit trap:', function ()
  local x
  before_each(function () x = torch.Tensor {1, 2, 3} end)

  it('a step count in a table: adam would be corrected as at step 1',
     function ()
    local state = {t = 0}
    local f = jit(function (v)
      state.t = state.t + 1
      return v / (1 - 0.9 ^ state.t)
    end)
    f(x)
    says('the function is not the same at its second call', f, x)
  end)

  it('a step count in an upvalue', function ()
    local t = 0
    local f = jit(function (v)
      t = t + 1
      return v * t
    end)
    says("changed its upvalue 't' from 0 to 1", f, x)
  end)

  it('math.random would be one number for ever', function ()
    local f = jit(function (v) return v * math.random() end)
    f(x)
    says('the number 0.', f, x)
    local g = jit(function (v) return v * torch.uniform() end)
    local a, b = thrice(g, x), g(x)
    assert.is_true(a[1] ~= b[1])
  end)

  it('an upvalue that gets a new tensor', function ()
    local mean = torch.zeros(3)
    local f = jit(function (v)
      mean = mean * 0.9 + v * 0.1
      return v - mean
    end)
    says("set its upvalue 'mean' to a new tensor", f, x)
  end)

  it('a field that gets a new tensor', function ()
    local t = {w = torch.ones(3)}
    local f = jit(function (v) return torch.dot(v, t.w) end)
    f(x)
    t.w = torch.ones(3) * 2
    says('an upvalue or a field got a new tensor', f, x)
  end)

  it('closures are by reference: weights that are trained are seen',
     function ()
    local w = torch.ones(3)
    local f = jit(function (v) return torch.dot(v, w) end)
    assert.equal(6.0, thrice(f, x))
    w:mul(2)
    assert.equal(12.0, f(x))
  end)

  it('jit(grad) sees weights whichever trace is innermost', function ()
    local w = torch.ones(3)
    local f = jit(function (v)
      return (grad(function (u)
        return (grad(function (s) return torch.cmul(s ^ 3, w):sum() end)(u))
               :sum()
      end)(v))
    end)
    assert.tensor_equal(x * 6, thrice(f, x))
    w:mul(2)
    assert.tensor_equal(x * 12, f(x))
  end)

  it('a decaying learning rate does not compile at each step', function ()
    local f = jit(function (v, lr) return v * lr end)
    for i = 1, 100 do f(x, 0.1 / i) end
    assert.equal(1, #autograd.jit_info(f).graphs)
  end)

  it('print shows a tracer once, not values that never change', function ()
    local f = jit(function (v) return tostring(v) end)
    assert.truthy(f(x):find('tracer', 1, true))
  end)

  it('two arguments that are one tensor, where one is written', function ()
    local f = jit(function (a, b)
      a:add(1)
      return b * 1
    end)
    f(x:clone(), x)
    says('two arguments share memory', f, x, x)
  end)

  it('a module in evaluation mode replays its own graph', function ()
    local net = nn.Sequential(nn.Dropout(0.5))
    local f = jit(function (v) return net:forward(v) end)
    local ones = torch.ones(1000)
    assert.is_true(thrice(f, ones):min() == 0)
    net:evaluate()
    assert.tensor_equal(ones, thrice(f, ones))
    net:training()
    assert.is_true(f(ones):min() == 0)
  end)

  it('in jit a dropout draws a new mask at each call', function ()
    local net = nn.Dropout(0.5)
    local f = jit(function (v) return net:forward(v) end)
    local a = thrice(f, torch.ones(100)):clone()
    assert.is_false(torch.equal(a, f(torch.ones(100))))
  end)
end)

describe('tracer trap:', function ()
  local x
  before_each(function () x = torch.Tensor {1, 2, 3} end)

  it('what escapes from grad or jvp is its primal', function ()
    local self, best = {}, nil
    grad(function (v)
      self.output = v * 2
      best = v:sum()
      return best
    end)(x)
    assert.tensor_equal(x * 2, self.output)
    assert.equal(7.0, torch.item(best + 1))
    self.output:add(1)
    assert.tensor_equal(x * 2 + 1, self.output)
    autograd.jvp(function (v)
      self.output = v * 3
      return v
    end, {x}, {x})
    assert.tensor_equal(x * 3, self.output)
  end)

  it('what escapes from vmap or jit says where it was made', function ()
    local t = {}
    for name, transform in pairs {vmap = vmap, jit = jit} do
      transform(function (v)
        t.out = v * 2
        return v
      end)(x)
      says('escaped tracer: a value made inside ' .. name .. ' at tests/',
           function () return t.out + 1 end)
      says('escaped tracer', tostring, t.out)
      says('escaped tracer', grad(function (v)
        return torch.cmul(v, t.out):sum()
      end), x)
    end
  end)

  it('a branch on a traced value', function ()
    local function relu (v)
      if v > 0 then return v end
      return 0 * v
    end
    assert.equal(1.0, (grad(relu)(3)))
    assert.equal(0.0, (grad(relu)(-3)))
    local remedy = 'use torch.where(torch.gt(x, 0), ...)'
    says(remedy, vmap(relu), x)
    says(remedy, jit(relu), 3.0)
  end)

  it('== compares identity; torch.eq compares values', function ()
    grad(function (v)
      local loss = v:sum()
      assert.is_false(loss == 6)
      assert.is_true(torch.item(torch.eq(loss, 6)) ~= 0)
      assert.is_true(loss <= 6 and loss >= 6)
      return loss
    end)(x)
  end)

  it("Lua's own functions want numbers, and say what to use", function ()
    local remedy = '; a number that is traced is a tensor: torch.sqrt and its '
                   .. 'like take it, torch.item(x) reads its value'
    says(remedy, grad(function (v) return math.sqrt(v:sum()) end), x)
    says(remedy, grad(function (v)
      return ('%.3f'):format(v:sum())
    end), x)
    says('a number that is traced is a tensor: use tostring(x)',
         grad(function (v) return 'loss ' .. v:sum() end), x)
    local _, text
    _, _, text = grad(function (v)
      local loss = v:sum()
      return loss, ('%.1f'):format(torch.item(loss))
    end)(x)
    assert.equal('6.0', text)
  end)

  it('perturbations are not confused', function ()
    local d = grad(function (a)
      return a * grad(function (b) return a + b end)(1.0)
    end)
    assert.equal(1.0, (d(3)))
  end)

  it('an argument that only a closure reads has no zero gradient', function ()
    local net = {w = torch.ones(3)}
    says('a closure reads the same storage', grad(function ()
      return torch.dot(net.w, x)
    end), net.w)
  end)

  it('nor in any other transform, or through jit and checkpoint', function ()
    local net = nn.Dense(3, 2)
    local f, params = autograd.functionalize(net)
    local input = torch.ones(1, 3)
    local function loss () return net:forward(input):sum() end -- not f(p)
    local function of (what, at)
      return what .. ': the function does not use ' .. at .. ', which is '
             .. 'differentiated, but a closure reads the same storage; read it '
             .. 'through the argument'
    end
    local first = 'argument #1 at [1].bias'
    says(of('grad', first), grad(loss), params)
    says(of('grad', first), autograd.value_and_grad(loss), params)
    says(of('grad', 'argument #2 at [1].bias'),
         grad(function (_, _, v) return loss() + v:sum() end,
              {argnums = {2, 3}}), 1, params, x)
    says(of('vjp', first), autograd.vjp, loss, params)
    says(of('jvp', 'the primal [1][1].bias'), autograd.jvp, loss, {params},
         {params})
    says(of('vjp', first), autograd.jacobian(loss), params)
    says(of('grad', first), grad(jit(loss)), params)
    says(of('grad', first), grad(autograd.checkpoint(loss)), params)
    local step = jit(function (p) return (grad(loss)(p)) end)
    says(of('grad', first), step, params)
    says(of('grad', first), vmap(function (v)
      return (grad(function () return loss() + v:sum() end)(params))
    end), torch.stack {x, x})
    says(of('grad', 'argument #1'),
         vmap(grad(function () return net.bias[1] end)), net.bias:view(1, 2))
    -- all is well with f
    local g = grad(function (p) return f(p, input):sum() end)(params)
    assert.tensor_equal(torch.ones(2), g[1].bias)
    for _ = 1, 3 do
      g = jit(function (p) return (grad(jit(function (q)
        return f(q, input):sum()
      end))(p)) end)(params)
      assert.tensor_equal(torch.ones(2), g[1].bias)
    end
  end)

  it('a per-example write to an outer tensor', function ()
    local sum = torch.zeros(1)
    says("a per-example value can't be written", vmap(function (v)
      sum:add(v)
      return v
    end), x)
    assert.equal(0.0, sum[1])
  end)

  it('each example draws its own noise', function ()
    local y = vmap(function (v) return v * 0 + torch.normal() end)(
      torch.zeros(4))
    assert.is_true(y[1] ~= y[2] and y[2] ~= y[3] and y[3] ~= y[4])
  end)

  it('state made inside is outside with autograd.outside', function ()
    local t = {}
    local f = grad(function (v)
      t.sum = t.sum or autograd.outside(torch.zeros, 3)
      t.sum:add(v)
      return v:sum()
    end)
    for i = 1, 3 do
      f(x)
      assert.tensor_equal(x * i, t.sum)
    end
  end)

  it('a transform that fails leaves weights and state alone', function ()
    local w = torch.ones(3)
    torch.manualSeed(1)
    local state = torch.getRNGState()
    for _, transform in ipairs {grad, jit} do
      pcall(transform(function (v)
        w:add(v)
        v:zero()
        torch.randn(3)
        error 'stop'
      end), x)
      assert.tensor_equal(torch.ones(3), w)
      assert.tensor_equal(torch.Tensor {1, 2, 3}, x)
      assert.tensor_equal(state, torch.getRNGState())
    end
  end)
end)

describe('tree trap:', function ()
  it('pairs has no order, trees have', function ()
    local t = {}
    for i = 1, 30 do t['k' .. i] = torch.Tensor {i} end
    local function order (tree)
      local list = {}
      for i, v in ipairs(autograd.tree.leaves(tree)) do list[i] = v[1] end
      return list
    end
    local again = {}
    for i = 30, 1, -1 do again['k' .. i] = t['k' .. i] end
    assert.same(order(t), order(again))
    local sorted = autograd.tree.keys(t)
    for i = 2, #sorted do assert.is_true(sorted[i - 1] < sorted[i]) end
  end)

  it('a draw in tree.map does not depend on how the table was made',
     function ()
    local function draw (tree)
      torch.manualSeed(1)
      return autograd.tree.map(function (v) return torch.randn(v:size()) end,
                               tree)
    end
    local a, b = {}, {}
    for i = 1, 20 do a['k' .. i] = torch.zeros(2) end
    for i = 20, 1, -1 do b['k' .. i] = torch.zeros(2) end
    a, b = draw(a), draw(b)
    for k, v in pairs(a) do assert.tensor_equal(v, b[k]) end
  end)

  it('nil in a list of arguments keeps its place', function ()
    local f = jit(function (a, b, c) return a, b, c end)
    for _ = 1, 3 do
      local a, b, c = f(nil, 2.0, nil)
      assert.is_nil(a)
      assert.equal(2.0, b)
      assert.is_nil(c)
    end
  end)
end)

describe('shape and number trap:', function ()
  it('a batch of one has the bits of a batch of many', function ()
    torch.manualSeed(1)
    local net = nn.Sequential(nn.Dense(20, 30), nn.Tanh(), nn.Dense(30, 5),
                              nn.LogSoftMax())
    net:evaluate()
    local batch = torch.randn(64, 20)
    local all = net:forward(batch):clone()
    for i = 1, 64, 9 do
      assert.tensor_equal(all[{{i, i}}], net:forward(batch[{{i, i}}]))
    end
  end)

  it('a batch of one is squeezed by nobody', function ()
    local x = torch.ones(1, 3)
    assert.same({1, 1}, x:sum(2):size():totable())
    assert.same({1, 3}, (x * torch.eye(3)):size():totable())
    assert.same({1}, vmap(torch.sum)(x):size():totable())
  end)

  it('arithmetic of other shapes of equal size is an error', function ()
    local a, b = torch.ones(2, 3), torch.ones(3, 2)
    says("can't broadcast [2 x 3] with [3 x 2]", function () return a + b end)
    says("can't broadcast [2 x 3] with [6]", function ()
      return a + torch.ones(6)
    end)
  end)

  it('a loss of a column against a vector is over pairs, not n x n',
     function ()
    local y = torch.Tensor {1, 2, 3, 4}
    for _, name in ipairs {'MSECriterion', 'AbsCriterion'} do
      assert.equal(0.0, nn[name]():forward(y:view(4, 1), y))
    end
    says('differ in shape', function ()
      return nn.MSECriterion():forward(torch.ones(4, 2), torch.ones(4, 3))
    end)
  end)

  it('integers divide as floats and keep floor division', function ()
    local i = torch.LongTensor {7, -7}
    assert.tensor_equal(torch.Tensor {3.5, -3.5}, i / 2)
    assert.tensor_equal(torch.LongTensor {3, -4}, i // 2)
    assert.tensor_equal(torch.LongTensor {1, 2}, i % 3)
  end)

  it('a mean of integers and a sum of bytes do not wrap', function ()
    assert.equal(300, torch.ByteTensor {200, 100}:sum())
    assert.equal(150, torch.ByteTensor({200, 100}):float():mean())
  end)

  it('a Lua number does not widen a float32 tensor', function ()
    assert.equal('torch.FloatTensor', (torch.ones(2) * 0.5):type())
    assert.equal('torch.FloatTensor', (torch.ones(2) * torch.ones(2):sum())
                                      :type())
    grad(function (v)
      assert.equal('torch.FloatTensor', (v * v:sum()):type())
      return v:sum()
    end)(torch.ones(2))
  end)

  it('half a size and index 0', function ()
    says('an integer expected', torch.zeros, 2.5)
    says('index 0 is outside 1..3', function () return torch.ones(3)[0] end)
  end)

  it('constructors give zeros, not what memory held', function ()
    for _ = 1, 5 do torch.randn(1000) end
    assert.equal(0.0, torch.Tensor(1000):abs():max())
    assert.equal(0.0, torch.empty(1000):abs():max())
  end)

  it('comparisons give bool, which counts and indexes', function ()
    local mask = torch.gt(torch.Tensor {1, 2, 3}, 1)
    assert.equal('bool', mask:dtype())
    assert.equal(2, mask:sum())
  end)
end)

describe('module trap:', function ()
  local function net () return nn.Sequential(nn.Dense(3, 4), nn.Dense(4, 2)) end

  it('getParameters twice gives the same memory', function ()
    local model = net()
    local w, dw = model:getParameters()
    local w2, dw2 = model:getParameters()
    w:fill(3)
    dw:fill(5)
    assert.tensor_equal(w, w2)
    assert.tensor_equal(dw, dw2)
    for _, p in ipairs((model:parameters())) do
      assert.equal(3.0, p:min())
    end
  end)

  it('labels are 1..C; 0 is an error that says so', function ()
    local c = nn.ClassNLLCriterion()
    local out = torch.zeros(2, 3)
    assert.equal(0.0, c:forward(out, torch.LongTensor {1, 3}))
    says('1..3', c.forward, c, out, torch.LongTensor {0, 1})
    says('1..3', c.forward, c, out, torch.LongTensor {1, 4})
  end)

  it('gradients add up until zeroGradParameters', function ()
    local model, x = net(), torch.ones(1, 3)
    local _, dw = model:getParameters()
    dw:zero()
    local function backward ()
      model:backward(x, torch.ones(1, 2) + 0 * model:forward(x))
    end
    backward()
    local once = dw:clone()
    backward()
    assert.tensor_near(once * 2, dw, 1e-5)
    model:zeroGradParameters()
    assert.equal(0.0, dw:abs():max())
  end)

  it('a clone shares nothing', function ()
    local model = net()
    local copy = model:clone()
    for _, p in ipairs((model:parameters())) do p:fill(1) end
    local same = true
    for _, p in ipairs((copy:parameters())) do
      same = same and p:min() == 1
    end
    assert.is_false(same)
  end)
end)
