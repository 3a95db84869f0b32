-- Graphs, WeightNorm, Jacobian, StochasticGradient, and simple modules that
-- the reference values don't have.

local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
require 'nnlua.busted'

local function double (...) return torch.randn(...):double() end

local function jacobian (module, x)
  local m = module:double()
  assert.is_true(nn.Jacobian.testJacobian(m, x) < 1e-6, tostring(m))
  for i, p in ipairs((m:parameters()) or {}) do
    local _, g = m:parameters()
    assert.is_true(nn.Jacobian.testJacobianParameters(m, x, p, g[i]) < 1e-6,
                   tostring(m))
  end
end

describe('nn.Jacobian', function ()
  it('passes right modules', function ()
    for _, m in ipairs {nn.Dense(4, 3), nn.Tanh(), nn.CAdd(4), nn.CMul(4),
                        nn.Add(4), nn.Mul(), nn.MulConstant(3),
                        nn.Euclidean(4, 3), nn.Cosine(4, 3), nn.Normalize(2),
                        nn.LayerNormalization(4), nn.BatchNormalization(4),
                        nn.WeightNorm(nn.Dense(4, 3)), nn.PReLU(4),
                        nn.GroupNormalization(2, 4), nn.AddConstant(2)} do
      jacobian(m, double(3, 4))
    end
    jacobian(nn.SpatialConvolution(2, 3, 2, 2, 1, 1, 1), double(2, 2, 3, 3))
    jacobian(nn.SpatialDepthWiseConvolution(2, 2, 2, 2), double(2, 2, 3, 3))
    jacobian(nn.SpatialUpSamplingNearest(2), double(1, 2, 2, 3))
    jacobian(nn.SpatialZeroPadding(1, 0, -1, 2), double(1, 2, 3, 3))
  end)

  it('finds wrong ones', function ()
    local m = nn.Tanh():double()
    function m.updateGradInput (_, _, g) return g * 1 end
    assert.is_true(nn.Jacobian.testJacobian(m, double(3, 4)) > 1e-2)
  end)

  it('tests what a file keeps', function ()
    local net = nn.Sequential(nn.Dense(4, 3), nn.BatchNormalization(3),
                              nn.LSTM(3, 2, 1)):double()
    net:remove()
    local a, b = nn.Jacobian.testIO(net, double(3, 4))
    assert.equal(0, a)
    assert.equal(0, b)
  end)
end)

describe('nn.gModule', function ()
  it('computes a graph and its gradients', function ()
    local x, y = nn.Identity()(), nn.Identity()()
    local first, second = nn.Dense(3, 4), nn.Dense(4, 2)
    local h = nn.Tanh()(first(x)):annotate {name = 'hidden'}
    local net = nn.gModule({x, y}, {second(nn.CAddTable()({h, y})), h})
    net:double()
    local a, b = double(5, 3), double(5, 4)
    local out = net:forward {a, b}
    assert.tensor_near(second:forward(torch.tanh(first:forward(a)) + b),
                       out[1], 1e-12)
    local gx = net:backward({a, b}, {double(5, 2), double(5, 4)})
    assert.equal(3, gx[1]:size(2))
    assert.equal(4, #(net:parameters()))
    assert.is_true(first.gradWeight:norm() > 0)
    local other = net:clone()
    assert.tensor_equal(out[1], other:forward({a, b})[1])
  end)

  it('takes one input as it is, and chains by -', function ()
    local x = nn.Identity()()
    local net = nn.gModule({x}, {x - nn.Dense(3, 4) - nn.Tanh()})
    local a = torch.randn(2, 3)
    assert.tensor_near(torch.tanh(net:findModules('nn.Dense')[1]:forward(a)),
                       net:forward(a))
    jacobian(net, double(2, 3))
  end)

  it('explains what is missing', function ()
    local x, y = nn.Identity()(), nn.Dense(3, 2)()
    local ok, text = pcall(nn.gModule, {x}, {y})
    assert.is_false(ok)
    assert.equal("nn.gModule: the node of nn.Dense(3 -> 2) has no input and "
                 .. "is none of the graph's inputs",
                 (text:gsub('^[^:]*:%d+: ', '')))
  end)
end)

describe('nn.WeightNorm', function ()
  it('begins as its module', function ()
    local dense = nn.Dense(4, 3)
    local x = torch.randn(5, 4)
    local y = dense:forward(x):clone()
    local m = nn.WeightNorm(dense)
    assert.tensor_near(y, m:forward(x), 1e-6)
    assert.equal(3, #(m:parameters()))
    m.g:mul(2)
    assert.tensor_near((y - dense.bias) * 2 + dense.bias, m:forward(x), 1e-5)
  end)
end)

describe('nn.StochasticGradient', function ()
  it("runs Torch7's own example", function ()
    torch.manualSeed(1)
    local dataset = {}
    function dataset.size () return 100 end
    for i = 1, 100 do
      local input = torch.randn(2)
      dataset[i] = {input, torch.tensor {input[1] * input[2] > 0 and -1 or 1}}
    end
    local mlp = nn.Sequential(nn.Dense(2, 20), nn.Tanh(), nn.Dense(20, 1))
    local trainer = nn.StochasticGradient(mlp, nn.MSECriterion())
    trainer.verbose, trainer.learningRate = false, 0.05
    local errors = {}
    function trainer.hookIteration (_, i, e) errors[i] = e end
    local last = trainer:train(dataset)
    assert.equal(25, #errors)
    assert.equal(errors[25], last)
    assert.is_true(last < 0.5 * errors[1])
  end)
end)

describe('simple modules:', function ()
  local x = torch.randn(4, 3)

  it('GradientReversal, ZeroGrad, L1Penalty', function ()
    local g = torch.randn(4, 3)
    local m = nn.GradientReversal(2)
    assert.tensor_equal(x, m:forward(x))
    assert.tensor_near(g * -2, m:backward(x, g))
    m = nn.ZeroGrad()
    assert.tensor_equal(x, m:forward(x))
    assert.equal(0, m:backward(x, g):norm())
    m = nn.L1Penalty(0.1)
    assert.tensor_equal(x, m:forward(x))
    assert.near(0.1 * torch.abs(x):sum(), m.loss, 1e-5)
    assert.tensor_near(g + torch.sign(x) * 0.1, m:backward(x, g))
  end)

  it('OneHot, Constant, WhiteNoise', function ()
    assert.tensor_equal({{0, 0, 1}, {1, 0, 0}},
                        nn.OneHot(3):forward(torch.LongTensor {3, 1}))
    assert.tensor_equal({{7, 8}, {7, 8}, {7, 8}, {7, 8}},
                        nn.Constant(torch.tensor {7, 8}, 1):forward(x))
    local m = nn.WhiteNoise(0, 0.5)
    assert.is_true((m:forward(x) - x):norm() > 0)
    m:evaluate()
    assert.tensor_equal(x, m:forward(x))
  end)

  it('View, Reshape, Flatten', function ()
    local y = torch.randn(4, 2, 3)
    local function sizes (m, v) return m:forward(v):size():totable() end
    assert.same({4, 6}, sizes(nn.View(6), y))
    assert.same({4, 6}, sizes(nn.View(-1, 6), y))
    assert.same({4, 6}, sizes(nn.View(-1):setNumInputDims(2), y))
    assert.same({4, 3, 2}, sizes(nn.Reshape(3, 2), y))
    assert.same({4, 6}, sizes(nn.Reshape(6), y))
    assert.same({1, 6}, sizes(nn.Reshape(6), y:narrow(1, 1, 1)))
    assert.same({24}, sizes(nn.Reshape(24), y))
    assert.same({4, 6}, sizes(nn.Flatten(), y))
    local gx = nn.View(6)
    gx:forward(y)
    assert.same({4, 2, 3},
                gx:backward(y, torch.randn(4, 6)):size():totable())
  end)

  it('Narrow, Select, Padding, Replicate, Transpose', function ()
    assert.tensor_equal(x:narrow(2, 2, 2),
                        nn.Narrow(2, 2, -1):forward(x):contiguous())
    assert.tensor_equal(x:select(2, 3):contiguous(),
                        nn.Select(2, -1):forward(x):contiguous())
    local y = nn.Padding(2, -2, 2, 9):forward(x)
    assert.equal(5, y:size(2))
    assert.equal(9, y[1][1])
    assert.tensor_equal(x, y:narrow(2, 3, 3):contiguous())
    y = nn.Padding(1, 1, 1, 5):forward(x)
    assert.equal(5, y[1][4])
    assert.same({4, 2, 3}, nn.Replicate(2, 2):forward(x):size():totable())
    assert.tensor_equal(x:t():contiguous(),
                        nn.Transpose({1, 2}):forward(x))
  end)

  it('Max, Min, Mean, Sum, Squeeze, Unsqueeze, Collapse', function ()
    assert.tensor_equal((x:max(2)):view(4), nn.Max(2):forward(x))
    assert.tensor_equal((x:min(1)):view(3), nn.Min():forward(x))
    assert.tensor_equal(x:mean(2):view(4), nn.Mean(1, 1):forward(x))
    assert.tensor_equal(x:sum(2):view(4), nn.Sum(2):forward(x))
    assert.same({4, 1}, nn.Sum(2, nil, false, false):forward(x):size()
                        :totable())
    assert.same({4, 1, 3}, nn.Unsqueeze(1, 1):forward(x):size():totable())
    assert.same({4, 3}, nn.Squeeze(2):forward(x:view(4, 1, 3)):size()
                        :totable())
    assert.same({4, 3}, nn.Collapse(2):forward(x:view(4, 1, 3)):size()
                        :totable())
  end)

  it('LookupTable of no indices, and of ones made inside jit', function ()
    local table_ = nn.LookupTable(5, 3)
    local none = torch.LongTensor(0, 2)
    assert.same({0, 2, 3}, table_:forward(none):size():totable())
    table_:backward(none, torch.zeros(0, 2, 3))
    assert.equal(0, table_.gradWeight:norm())
    local made = autograd.jit(function (y)
      return table_:forward(torch.LongTensor {2, 5}) + y
    end)
    for _ = 1, 3 do
      assert.tensor_equal(table_:forward(torch.LongTensor {2, 5}),
                          made(torch.zeros(3)))
    end
  end)

  it('Index, MaskedSelect', function ()
    assert.tensor_equal(x:index(1, torch.LongTensor {4, 1}),
      nn.Index(1):forward {x, torch.LongTensor {4, 1}})
    assert.equal(torch.gt(x, 0):sum(),
                 nn.MaskedSelect():forward({x, torch.gt(x, 0)}):size(1))
  end)
end)
