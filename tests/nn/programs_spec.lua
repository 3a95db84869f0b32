-- What programs of Torch7's users do with layers: surgery on graphs, tables of
-- words with a largest norm in compiled steps, losses with weights.

require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'

local function double (...) return torch.randn(...):double() end

local function message (...)
  local ok, text = pcall(...)
  assert.is_false(ok)
  return (text:gsub('^[^:]*:%d+: ', ''))
end

describe('nn.gModule', function ()
  local function graph ()
    local x = nn.Identity()()
    local shared = nn.Linear(3, 3)
    local h = nn.Dropout(0.5)(nn.Tanh()(shared(x)))
    return nn.gModule({x}, {nn.Linear(3, 2)(shared(h))}), shared
  end

  local function without (m)
    return torch.type(m) == 'nn.Dropout' and nn.MulConstant(2) or m
  end

  it('takes other modules in the place of its own', function ()
    local net, shared = graph()
    local x = torch.randn(4, 3)
    local last = net:get(5)
    assert.equal(net, net:replace(without))
    local want = last:forward(shared:forward(
      torch.tanh(shared:forward(x)) * 2)):clone()
    assert.tensor_equal(want, net:forward(x))
    net:backward(x, torch.ones(4, 2))
    assert.is_true(shared.gradWeight:norm() > 0)
    for _, copy in ipairs {net:clone(),
                           torch.deserialize(torch.serialize(net))} do
      assert.tensor_equal(want, copy:forward(x))
    end
    -- by hand, as a walk over `modules` does
    net.modules[3] = nn.Identity()
    assert.tensor_equal(last:forward(shared:forward(
      shared:forward(x) * 2)), net:forward(x))
  end)

  it('has the modules of its nodes and no others', function ()
    local net = graph()
    for name, args in pairs {add = {nn.Tanh()}, insert = {nn.Tanh(), 1},
                             remove = {1}} do
      assert.equal(('nn.gModule: %s: its modules are those of its nodes; make '
                    .. 'a new graph, or put another module in the place of '
                    .. 'one with replace'):format(name),
                   message(net[name], net, table.unpack(args)))
    end
    assert.equal(5, net:size())
  end)
end)

describe('nn.LookupTable with a largest norm', function ()
  local x = torch.LongTensor {{1, 2, 3}, {2, 2, 5}}

  it('has the gradients of backward under grad and jit', function ()
    local words = nn.LookupTable(5, 3, 0, 0.5, 2)
    local net = nn.Sequential(words, nn.Linear(3, 2)):double()
    words.weight:mul(10)
    local long, y = words.weight:clone(), double(2, 3, 2)
    local f, p = autograd.functionalize(net)
    local criterion = nn.MSECriterion()
    local function loss (q) return criterion:forward(f(q, x), y) end
    local out = net:forward(x)
    net:zeroGradParameters()
    criterion:forward(out, y)
    net:backward(x, criterion:backward(out, y))
    local short = words.weight:clone()
    assert.near(0.5, short[1]:norm(), 1e-6)
    assert.tensor_equal(long[4], short[4])
    local grad = autograd.grad(loss)
    local jitted = autograd.jit(function (q) return (grad(q)) end)
    for _, g in ipairs {grad, jitted, jitted, jitted} do
      words.weight:copy(long)
      assert.tensor_equal(words.gradWeight, (g(p))[1].weight)
      assert.tensor_equal(short, words.weight)
    end
  end)

  it('shortens in a compiled forward', function ()
    local words = nn.LookupTable(5, 3, 0, 0.5)
    words.weight:mul(10)
    local twin = words:clone()
    local f = autograd.jit(function (v) return twin:forward(v) end)
    for _ = 1, 4 do
      words.weight:mul(3)
      twin.weight:mul(3)
      assert.tensor_equal(words:forward(x), f(x))
      assert.tensor_equal(words.weight, twin.weight)
    end
  end)

  it('wants whole numbers', function ()
    local words = nn.LookupTable(5, 3)
    assert.equal('nn.LookupTable: expected whole numbers 1..5, got 2.5',
                 message(words.forward, words, torch.Tensor {1, 2.5, 3}))
    assert.tensor_equal(words:forward(torch.LongTensor {1, 2}),
                        words:forward(torch.Tensor {1, 2}):clone())
  end)
end)

describe('weights of losses', function ()
  it('are like the input, or broadcast to it', function ()
    local x, t = torch.sigmoid(double(4, 3)), torch.gt(double(4, 3), 0):double()
    for _, name in ipairs {'BCECriterion', 'BCEWithLogitsCriterion',
                           'MultiLabelSoftMarginCriterion',
                           'WeightedMSECriterion'} do
      for _, bad in ipairs {torch.ones(2):double(), torch.ones(3, 1):double(),
                            torch.ones(2, 4, 3):double()} do
        assert.is_truthy(message(function ()
          nn[name](bad):forward(x, t)
        end):find('^nn%.' .. name .. ': input %[4 x 3%]: weights of this '
                  .. 'shape, or that broadcast to it, expected, got %['))
      end
      for _, good in ipairs {torch.ones(3):double(), torch.ones(4, 1):double(),
                             torch.ones(4, 3):double()} do
        assert.equal(nn[name](good):forward(x, t),
                     nn[name](torch.ones(1):double()):forward(x, t))
      end
    end
  end)
end)

describe('nn.Concat and nn.Parallel', function ()
  it('name outputs that do not fit', function ()
    local net = nn.Sequential(nn.Concat(2, nn.Linear(3, 2), nn.Linear(3, 4)))
    assert.equal('nn.Concat #1 of Sequential: outputs that can be joined in '
                 .. 'dimension 2 expected, got [2]',
                 message(net.forward, net, torch.ones(3)))
    net = nn.Parallel(1, 1, nn.Linear(3, 2), nn.Unsqueeze(1))
    assert.equal('nn.Parallel: outputs that can be joined in dimension 1 '
                 .. 'expected, got [2] and [1 x 3] of #2',
                 message(net.forward, net, torch.ones(2, 3)))
  end)
end)

describe('convolutions', function ()
  it('refuse arguments that can not be', function ()
    local function try (name, ...) return message(nn[name], ...) end
    for groups, got in pairs {[0] = '0', [2.5] = '2.5'} do
      assert.equal('nn.SpatialConvolution: groups: an integer of at least 1 '
                   .. 'expected, got the number ' .. got,
                   try('SpatialConvolution', 4, 6, 3, 3, 1, 1, 0, 0, groups))
    end
    assert.equal('nn.SpatialDilatedConvolution: dilationH: an integer of at '
                 .. 'least 1 expected, got the number 0',
                 try('SpatialDilatedConvolution', 1, 1, 3, 3, 1, 1, 0, 0, 1, 0))
    assert.equal('nn.SpatialFullConvolution: padW: an integer of at least 0 '
                 .. 'expected, got the number -1',
                 try('SpatialFullConvolution', 1, 1, 3, 3, 1, 1, -1))
    assert.equal('nn.SpatialFullConvolution: adjH: below dH (2) expected, got '
                 .. '2', try('SpatialFullConvolution', 1, 1, 3, 3, 2, 2, 0, 0,
                             0, 2))
    assert.equal('nn.SpatialFullConvolution: 3 groups do not divide 4 and 6 '
                 .. 'planes', try('SpatialFullConvolution', 4, 6, 3, 3, 1, 1,
                                  0, 0, 0, 0, 3))
  end)

  it('make images like another one, or say which they can', function ()
    local m = nn.SpatialFullConvolution(1, 1, 3, 3, 2, 2)
    local x = torch.ones(1, 1, 3, 3)
    assert.same({1, 1, 8, 7}, m:forward({x, torch.ones(1, 1, 8, 7)}):size()
                              :totable())
    assert.equal('nn.SpatialFullConvolution: sizes of 7 to 8 can come of 3, '
                 .. 'not the 9 of [1 x 1 x 9 x 7] as #2',
                 message(m.forward, m, {x, torch.ones(1, 1, 9, 7)}))
  end)

  it('print groups and dilation', function ()
    assert.equal('nn.SpatialConvolution(4 -> 6, 3x3, 2 groups)',
                 tostring(nn.SpatialConvolution(4, 6, 3, 3, 1, 1, 0, 0, 2)))
    assert.equal('nn.SpatialDilatedConvolution(4 -> 6, 3x3, dilation 2,3)',
                 tostring(nn.SpatialDilatedConvolution(4, 6, 3, 3, 1, 1, 0, 0,
                                                       2, 3)))
  end)
end)

describe('backwardUpdate', function ()
  it('is backward and updateParameters', function ()
    local net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(),
                              nn.Linear(4, 2)):double()
    local twin = net:clone()
    local x, g = double(5, 3), double(5, 2)
    net:zeroGradParameters()
    net:forward(x)
    local want = net:backward(x, g):clone()
    net:updateParameters(0.1)
    twin:zeroGradParameters()
    twin:forward(x)
    assert.tensor_near(want, twin:backwardUpdate(x, g, 0.1), 1e-14, 1e-14)
    local p, grads = twin:parameters()
    for i, w in ipairs((net:parameters())) do
      assert.tensor_near(w, p[i], 1e-14, 1e-14)
      assert.equal(0, grads[i]:norm())
    end
  end)
end)

describe('recurrent layers', function ()
  it('want a step and states that fit', function ()
    local m = nn.LSTM(3, 4, 2)
    local x, h = torch.ones(5, 2, 3), torch.zeros(2, 2, 4)
    assert.equal('nn.LSTM: expected at least one step of time, got [0 x 2 x 3]',
                 message(m.forward, m, torch.zeros(0, 2, 3)))
    assert.equal('nn.LSTM: expected states [2 x 2 x 4] as #2, got [2 x 4]',
                 message(m.forward, m, {x, torch.zeros(2, 4), h}))
    assert.equal('nn.LSTM: expected states [2 x 2 x 4] as #3, got [2 x 3 x 4]',
                 message(m.forward, m, {x, h, torch.zeros(2, 3, 4)}))
    local y = m:forward {x, h, h}
    assert.tensor_equal(m:forward(x), y[1])
  end)
end)

describe('nn.KAF2D', function ()
  it('takes a sample, and more dimensions before the units', function ()
    local m = nn.KAF2D(4, {D = 4}):double()
    local x = double(2, 3, 4)
    local want = m:forward(x:view(6, 4)):clone()
    local y = m:forward(x)
    assert.same({2, 3, 2}, y:size():totable())
    assert.tensor_equal(want, y:view(6, 2))
    assert.tensor_equal(want[5], m:forward(x[2][2]))
    assert.is_true(nn.Jacobian.testJacobian(m, x) < 1e-6)
  end)
end)

describe('nn.StochasticGradient', function ()
  it('says what a dataset is', function ()
    local t = nn.StochasticGradient(nn.Linear(2, 1), nn.MSECriterion())
    assert.equal('nn.StochasticGradient: train: a dataset expected, a table of '
                 .. '{input, target} or one with a method size, got nil',
                 message(t.train, t))
    t.verbose = false
    assert.equal('nn.StochasticGradient: train: dataset[1]: {input, target} '
                 .. 'expected, got the number 3', message(t.train, t, {3}))
  end)
end)

describe('nn.HAM', function ()
  it('names a layer whose Lagrangian is none', function ()
    local ham = nn.HAM {neurons = {v = {nn.Tanh(), 3}}, connections = {}}
    for _, call in ipairs {
      function (xs) return ham:activations(xs) end,
      function (xs) return ham:energy(xs) end,
      function (xs) return ham:descend {states = xs} end} do
      for _, x in ipairs {torch.ones(3), torch.ones(2, 3)} do
        assert.equal('nn.HAM: layer v: a Lagrangian, whose output is a number, '
                     .. 'expected, got nn.Tanh with output [3]; its sum is one',
                     message(call, {v = x}))
      end
    end
  end)
end)

describe('share', function ()
  it('wants tensors that fit', function ()
    local a = nn.Linear(3, 2)
    assert.equal('nn.Linear: share: weight is [2 x 3] of float32, that of the '
                 .. 'other module [2 x 4] of float32',
                 message(a.share, a, nn.Linear(4, 2), 'weight'))
    assert.equal('nn.Linear: share: bias is [2] of float32, that of the other '
                 .. 'module [2] of float64',
                 message(a.share, a, nn.Linear(3, 2):double(), 'bias'))
    assert.equal('nn.Sequential: share: it holds 2 modules, the other 1',
                 message(function ()
                   nn.Sequential(a, a:clone()):share(nn.Sequential(a), 'bias')
                 end))
    assert.same({2, 3}, a.weight:size():totable())
  end)
end)

describe('batches of no sample', function ()
  it('leave modules that can be converted, copied and saved', function ()
    for _, m in ipairs {nn.Select(2, 3), nn.Narrow(2, 2, 2),
                        nn.Sequential(nn.Linear(4, 4), nn.Narrow(2, 2, 2))} do
      local none = m:forward(torch.zeros(0, 4))
      assert.equal(0, none:nElement())
      m:clone():double()
      torch.deserialize(torch.serialize(m)):forward(torch.ones(2, 4))
      m:double():forward(torch.ones(2, 4):double())
    end
  end)

  it('go through normalisations of samples', function ()
    for _, m in ipairs {nn.GroupNormalization(2, 4),
                        nn.InstanceNormalization(4),
                        nn.LayerNormalization(3)} do
      local x = torch.zeros(0, 4, 3)
      assert.same({0, 4, 3}, m:forward(x):size():totable())
      assert.same({0, 4, 3}, m:backward(x, x):size():totable())
    end
  end)
end)

describe('a compiled forward sees', function ()
  local function small ()
    return nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3))
  end

  -- what is done to the network -> a function that does it
  local changes = {
    ['getParameters, and what is written there'] = function (net)
      net:getParameters():fill(0.3)
    end,
    ['getParameters of a part'] = function (net)
      net:get(3):getParameters():fill(0.3)
    end,
    ['share'] = function (net)
      local other = small()
      net:share(other, 'weight', 'bias')
      other:get(1).weight:fill(2)
    end,
    ['noBias'] = function (net) net:get(1):noBias() end,
    ['double'] = function (net) net:double() end,
    ['add'] = function (net) net:add(nn.Sigmoid()) end,
    ['insert'] = function (net) net:insert(nn.Sigmoid(), 2) end,
    ['remove'] = function (net) net:remove() end,
    ['replace'] = function (net)
      net:replace(function (m)
        return torch.type(m) == 'nn.Tanh' and nn.Sigmoid() or m
      end)
    end,
  }

  for title, change in pairs(changes) do
    it(title, function ()
      local net, x = small(), torch.randn(2, 3)
      local f = autograd.jit(function (v) return net:forward(v) end)
      local before = net:forward(x):clone()
      for _ = 1, 3 do assert.tensor_equal(before, f(x)) end
      change(net)
      for _ = 1, 3 do
        local y = net:forward(x)
        assert.equal(y:dtype(), f(x):dtype())
        assert.tensor_equal(y, f(x))
      end
      assert.is_false(torch.equal(before, net:forward(x)))
      assert.equal(2, #autograd.jit_info(f).graphs)
      small():add(nn.Tanh()):getParameters() -- of other networks: nothing
      f(x)
      assert.equal(2, #autograd.jit_info(f).graphs)
    end)
  end
end)
