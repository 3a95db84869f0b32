-- Torch7's documentation of simple, transfer and convolution layers: the
-- documented calls give the documented results.
require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'

local function T (...) return torch.Tensor {...} end
local function M (t) return torch.Tensor(t) end
local function sizes (x) return x:size():totable() end
local function grid () return torch.range(1, 16):resize(4, 4) end

local function train (layer, x, y, rate, steps)
  local net, criterion = nn.Sequential():add(layer), nn.MSECriterion()
  for _ = 1, steps do
    local input = x()
    local pred, target = net:forward(input), y(input)
    criterion:forward(pred, target)
    net:zeroGradParameters()
    net:backward(input, criterion:backward(pred, target))
    net:updateParameters(rate)
  end
end

describe('documented: simple layers', function ()
  it('Linear of a vector and of a batch, with and without bias', function ()
    local m = nn.Linear(10, 5)
    assert.same({5, 10}, sizes(m.weight))
    assert.same({5}, sizes(m.bias))
    assert.same({5, 10}, sizes(m.gradWeight))
    local x = torch.randn(10)
    local y = m:forward(x)
    assert.tensor_near(m.weight * x + m.bias, y)
    assert.same({3, 5}, sizes(m:forward(torch.randn(3, 10))))
    m = nn.Linear(10, 5, false)
    assert.is_nil(m.bias)
    assert.tensor_near(m.weight * x, m:forward(x))
    local r = 1 / math.sqrt(10) -- U(-1/sqrt n, 1/sqrt n)
    assert.is_true(m.weight:max() <= r and m.weight:min() >= -r)
  end)

  it('Bilinear', function ()
    local m = nn.Bilinear(10, 5, 3)
    local a, b = torch.randn(128, 10), torch.randn(128, 5)
    local y = m:forward {a, b}
    assert.same({128, 3}, sizes(y))
    assert.near(a[7] * (m.weight[2] * b[7]) + m.bias[2], y[7][2], 1e-4)
    assert.is_nil(nn.Bilinear(2, 2, 2, false).bias)
  end)

  it('Dropout scales by 1 / (1 - p), drops gradients alike', function ()
    local m, x = nn.Dropout(), M {{1, 2, 3, 4}, {5, 6, 7, 8}}
    for _ = 1, 5 do
      local y = m:forward(x)
      local ratio = torch.cdiv(y, x)
      assert.tensor_equal(ratio, m:backward(x, x:clone():fill(1)))
      assert.is_true(torch.eq(ratio, 0):sum() + torch.eq(ratio, 2):sum() == 8)
    end
    m:evaluate()
    assert.tensor_equal(x, m:forward(x))
    m:training()
    m = nn.SpatialDropout(0.5)
    local y = m:forward(torch.ones(6, 3, 3))
    for i = 1, 6 do assert.equal(y[i]:min(), y[i]:max()) end
  end)

  it('Add, Mul, CMul learn what is documented', function ()
    torch.manualSeed(4)
    local m = nn.Add(5)
    train(m, function () return torch.rand(5) end,
          function (x) return x + torch.range(1, 5) end, 0.5, 100)
    assert.tensor_near({1, 2, 3, 4, 5}, m.bias, 1e-3)
    m = nn.Mul()
    train(m, function () return torch.rand(5) end,
          function (x) return x * math.pi end, 0.5, 300)
    assert.tensor_near({3.1416}, m.weight, 1e-3)
    m = nn.CMul(5, 1)
    local scale = torch.range(1, 5):view(5, 1):expand(5, 4)
    train(m, function () return torch.rand(5, 4) end,
          function (x) return torch.cmul(x, scale) end, 1, 400)
    assert.tensor_near({{1}, {2}, {3}, {4}, {5}}, m.weight, 1e-2)
    assert.same({1, 3, 4, 5}, -- a batch of such sizes has a 1 in front
                sizes(nn.CMul(torch.LongStorage {3, 4, 5}).weight:view(
                  1, 3, 4, 5)))
    m = nn.Add(5, true)
    assert.same({1}, sizes(m.bias))
    m.bias:fill(2)
    assert.tensor_near({3, 3, 3, 3, 3}, m:forward(torch.ones(5)))
  end)

  it('Max, Min, Mean, Sum over a dimension', function ()
    local x = torch.range(1, 24):view(2, 3, 4)
    for _, name in ipairs {'Max', 'Min', 'Mean', 'Sum'} do
      assert.same({2, 4}, sizes(nn[name](2):forward(x)), name)
      assert.tensor_near((torch[name:lower()](x, 2)):squeeze(2),
                         nn[name](2):forward(x))
      assert.same({2, 4}, sizes(nn[name](1, 2):forward(x)), name) -- batches
    end
    assert.same({2, 3}, sizes(nn.Sum(-1):forward(x)))
    assert.tensor_near(x:mean(2):squeeze(2), nn.Sum(2, nil, true):forward(x))
    local m = nn.Max(2)
    m:forward(x)
    local g = m:backward(x, torch.ones(2, 4))
    assert.equal(8, g[{ {}, 3 }]:sum())
    assert.equal(8, g:sum())
  end)

  it('Euclidean, Cosine', function ()
    local x = torch.randn(4)
    local m = nn.Euclidean(4, 3)
    local y = m:forward(x)
    assert.same({3}, sizes(y))
    local w = m.weight:size(1) == 3 and m.weight or m.weight:t()
    assert.near((w[2] - x):norm(), y[2], 1e-5)
    m = nn.Cosine(4, 3)
    y = m:forward(x)
    assert.near(m.weight[2] * x / (m.weight[2]:norm() * x:norm()), y[2], 1e-5)
  end)

  it('Identity passes anything', function ()
    local x = torch.ones(5, 2)
    assert.tensor_equal(x, nn.Identity():forward(x))
    local t = nn.Identity():forward {x, {x}}
    assert.tensor_equal(x, t[2][1])
  end)

  it('Narrow, with negative lengths too', function ()
    local x = torch.rand(4, 5)
    local function narrow (d, from, to, ...)
      local want = d == 1 and x[{ {from, to} }] or x[{ {}, {from, to} }]
      assert.tensor_equal(want:contiguous(),
                          nn.Narrow(...):forward(x):contiguous())
    end
    narrow(1, 2, 4, 1, 2, 3)
    narrow(1, 2, 4, 1, 2, -1)
    narrow(1, 2, 3, 1, 2, 2)
    narrow(1, 2, 3, 1, 2, -2)
    narrow(2, 2, 4, 2, 2, 3)
    narrow(2, 2, 4, 2, 2, -2)
  end)

  it('Replicate, Reshape, View, Contiguous', function ()
    local x = torch.linspace(1, 5, 5)
    local y = nn.Replicate(3):forward(x)
    assert.same({{1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}},
                y:totable())
    assert.same({2, 3, 5}, -- dimension 1 of a sample in a batch
                sizes(nn.Replicate(3, 1, 1):forward(torch.rand(2, 5))))
    assert.same({2, 8}, sizes(nn.Reshape(2, 8):forward(grid())))
    assert.same({8, 2}, sizes(nn.Reshape(8, 2):forward(grid())))
    assert.same({16}, sizes(nn.Reshape(16):forward(grid())))
    y = torch.Tensor(1, 4):fill(0)
    assert.same({1, 4}, sizes(nn.Reshape(4):forward(y)))
    assert.same({4}, sizes(nn.Reshape(4, false):forward(y)))
    assert.same({1, 2, 2}, sizes(nn.Reshape(2, 2, true):forward(y)))
    assert.same({2, 8}, sizes(nn.View(2, 8):forward(grid())))
    assert.same({8, 2}, sizes(nn.View(torch.LongStorage {8, 2})
                              :forward(grid())))
    assert.same({16}, sizes(nn.View(16):forward(grid())))
    local m = nn.View(-1):setNumInputDims(2)
    assert.same({6}, sizes(m:forward(torch.Tensor(2, 3))))
    assert.same({5, 6}, sizes(m:forward(torch.Tensor(5, 2, 3))))
    m:resetSize(3, 2)
    assert.same({3, 2}, sizes(m:forward(torch.Tensor(2, 3))))
    assert.is_true(nn.Contiguous():forward(torch.rand(2, 3):t())
                   :isContiguous())
  end)

  it('Select, Index, MaskedSelect, Squeeze, Unsqueeze, Transpose',
     function ()
    local x = torch.randn(10, 5)
    assert.tensor_equal(x[3], nn.Select(1, 3):forward(x))
    assert.tensor_equal(x[{ {}, -1 }]:contiguous(),
                        nn.Select(2, -1):forward(x):contiguous())
    local i = torch.LongTensor {3, 1}
    assert.tensor_equal(x:index(1, i), nn.Index(1):forward {x, i})
    local ms = nn.MaskedSelect()
    local mask = torch.ByteTensor {{1, 0}, {0, 1}}
    local input = torch.DoubleTensor {{10, 20}, {30, 40}}
    local out = ms:forward {input, mask}
    assert.same({10, 40}, out:totable())
    assert.same({{10, 0}, {0, 40}},
                ms:backward({input, mask}, out)[1]:totable())
    local s = torch.rand(2, 1, 3)
    assert.same({2, 3}, sizes(nn.Squeeze():forward(s)))
    assert.same({2, 3}, sizes(nn.Squeeze(2):forward(s)))
    assert.same({1, 3}, -- a batch of one keeps it
                sizes(nn.Squeeze(1, 2):forward(torch.rand(1, 1, 3))))
    local u = torch.Tensor(2, 4, 3)
    assert.same({1, 2, 4, 3}, sizes(nn.Unsqueeze(1):forward(u)))
    assert.same({2, 4, 3, 1}, sizes(nn.Unsqueeze(4):forward(u)))
    local m = nn.Unsqueeze(2)
    assert.same({2, 1, 4, 3}, sizes(m:forward(u)))
    assert.same({3, 1, 5, 7}, sizes(m:forward(torch.Tensor(3, 5, 7))))
    local b = torch.Tensor(5, 2, 4, 3)
    assert.same({5, 2, 4, 3, 1}, sizes(nn.Unsqueeze(4, 3):forward(b)))
    assert.same({5, 2, 1, 4, 3}, sizes(nn.Unsqueeze(2):setNumInputDims(3)
                                       :forward(b)))
    assert.same({4, 3, 2}, sizes(nn.Transpose({1, 2}, {2, 3}):forward(u)))
  end)

  it('Clamp, Power, Square, Sqrt, Exp, Log, Abs', function ()
    local A = M {{-1.1321, 0.0227, -0.4672, 0.6519, -0.5380},
                 {0.9061, -1.0858, 0.3697, -0.8120, -1.6759}}
    assert.tensor_near({{-0.1, 0.0227, -0.1, 0.5, -0.1},
                        {0.5, -0.1, 0.3697, -0.1, -0.1}},
                       nn.Clamp(-0.1, 0.5):forward(A))
    local x = torch.linspace(0.5, 2, 4)
    local function check (m, f, df)
      local y = m:forward(x)
      local g = m:backward(x, torch.ones(4))
      for i = 1, 4 do
        assert.near(f(x[i]), y[i], 1e-5)
        assert.near(df(x[i]), g[i], 1e-5)
      end
    end
    check(nn.Power(1.25), function (v) return v ^ 1.25 end,
          function (v) return 1.25 * v ^ 0.25 end)
    check(nn.Square(), function (v) return v * v end,
          function (v) return 2 * v end)
    check(nn.Sqrt(), math.sqrt, function (v) return 0.5 / math.sqrt(v) end)
    check(nn.Exp(), math.exp, math.exp)
    check(nn.Log(), math.log, function (v) return 1 / v end)
    check(nn.Abs(), math.abs, function () return 1 end)
    check(nn.MulConstant(3), function (v) return 3 * v end,
          function () return 3 end)
    check(nn.AddConstant(3), function (v) return v + 3 end,
          function () return 1 end)
  end)

  it('Normalize with p, and with the largest', function ()
    local A = torch.randn(3, 5)
    assert.tensor_near({{1}, {1}, {1}},
                       torch.norm(nn.Normalize(2):forward(A), 2, 2))
    local B = nn.Normalize(math.huge):forward(A)
    local largest = (torch.abs(A):max(2))
    assert.tensor_near(torch.cdiv(A, largest:expandAs(A)), B)
  end)

  it('MM', function ()
    local A, B = torch.randn(2, 3, 4), torch.randn(2, 4, 5)
    local C = nn.MM():forward {A, B}
    assert.tensor_near(A[2] * B[2], C[2])
    assert.same({2, 3, 5}, sizes(nn.MM(true):forward {torch.randn(2, 4, 3),
                                                      B}))
  end)

  it('BatchNormalization', function ()
    local A = torch.randn(50, 3) * 2 + 1
    local m = nn.BatchNormalization(3, nil, nil, false)
    local C = m:forward(A)
    assert.tensor_near({{0, 0, 0}}, C:mean(1))
    assert.tensor_near({{1, 1, 1}}, torch.std(C, 1, true), 1e-4)
    assert.is_nil(m.weight)
    assert.tensor_near(A:mean(1):view(-1) * 0.1, m.running_mean)
    assert.tensor_near(torch.var(A, 1):view(-1) * 0.1 + 0.9, m.running_var)
    m:evaluate()
    C = m:forward(A)
    assert.tensor_near(torch.cdiv(A - m.running_mean:view(1, 3):expandAs(A),
                                  torch.sqrt(m.running_var + 1e-5):view(1, 3)
                                  :expandAs(A)), C)
  end)

  it('Padding', function ()
    assert.same({1, 2, 3, -1, -1},
                nn.Padding(1, 2, 1, -1):forward(T(1, 2, 3)):totable())
    local x = M {{1, 2, 3}, {4, 5, 6}}
    assert.same({{-1, -1, 1, 2, 3}, {-1, -1, 4, 5, 6}},
                nn.Padding(1, -2, 1, -1):forward(x):totable())
    assert.same({{1, -1, -1, 2, 3}, {4, -1, -1, 5, 6}},
                nn.Padding(1, -2, 1, -1, 2):forward(x):totable())
  end)

  it('L1Penalty, GradientReversal', function ()
    local m, x = nn.L1Penalty(0.5), T(1, -2, 3)
    assert.tensor_equal(x, m:forward(x))
    assert.near(3, m.loss, 1e-6)
    assert.tensor_near({1.5, 0.5, 1.5}, m:backward(x, torch.ones(3)))
    m = nn.GradientReversal()
    m:forward(x)
    assert.tensor_near({-1, -1, -1}, m:backward(x, torch.ones(3)))
    m:setLambda(3)
    m:forward(x)
    assert.tensor_near({-3, -3, -3}, m:backward(x, torch.ones(3)))
  end)

  it('LookupTable takes numbers of rows', function ()
    local m = nn.LookupTable(10, 3)
    local y = m:forward(T(1, 2, 1, 10))
    assert.same({4, 3}, sizes(y))
    assert.tensor_equal(m.weight[10], y[4])
    assert.same({2, 4, 3}, sizes(m:forward(M {{1, 2, 4, 5}, {4, 3, 2, 10}})))
    m:zeroGradParameters()
    m:forward(T(1, 2, 1, 10))
    m:backward(T(1, 2, 1, 10), torch.ones(4, 3))
    assert.same({2, 2, 2}, m.gradWeight[1]:totable())
    assert.same({0, 0, 0}, m.gradWeight[3]:totable())
    assert.has_error(function () m:forward(T(11)) end)
  end)

  it('Concat over Select emulates Parallel', function ()
    local net, c = nn.Sequential(), nn.Concat(2)
    for i = 1, 10 do
      c:add(nn.Sequential():add(nn.Select(1, i)):add(nn.Linear(3, 2))
                           :add(nn.Reshape(2, 1)))
    end
    net:add(c)
    local x = torch.randn(10, 3)
    assert.same({2, 10}, sizes(net:forward(x)))
    assert.same({10, 3}, sizes(net:backward(x, torch.ones(2, 10))))
  end)
end)

describe('documented: transfer functions', function ()
  local exp, log, abs, max, min = math.exp, math.log, math.abs, math.max,
                                  math.min
  local function tanh (x) return 1 - 2 / (exp(2 * x) + 1) end
  local cases = {
    {nn.HardTanh(), function (x) return max(-1, min(1, x)) end},
    {nn.HardTanh(-2, 0.5), function (x) return max(-2, min(0.5, x)) end},
    {nn.HardShrink(), function (x) return abs(x) > 0.5 and x or 0 end},
    {nn.HardShrink(0.85), function (x) return abs(x) > 0.85 and x or 0 end},
    {nn.SoftShrink(0.85), function (x)
      return x > 0.85 and x - 0.85 or x < -0.85 and x + 0.85 or 0
    end},
    {nn.SoftPlus(), function (x) return log(1 + exp(x)) end},
    {nn.SoftPlus(2), function (x) return log(1 + exp(2 * x)) / 2 end},
    {nn.SoftSign(), function (x) return x / (1 + abs(x)) end},
    {nn.LogSigmoid(), function (x) return -log(1 + exp(-x)) end},
    {nn.Sigmoid(), function (x) return 1 / (1 + exp(-x)) end},
    {nn.Tanh(), tanh},
    {nn.TanhShrink(), function (x) return x - tanh(x) end},
    {nn.ReLU(), function (x) return max(0, x) end},
    {nn.ReLU6(), function (x) return max(0, min(6, x)) end},
    {nn.LeakyReLU(), function (x) return x > 0 and x or x / 100 end},
    {nn.LeakyReLU(0.2), function (x) return x > 0 and x or x / 5 end},
    {nn.PReLU(), function (x) return x > 0 and x or x / 4 end},
    {nn.ELU(), function (x) return x > 0 and x or exp(x) - 1 end},
    {nn.ELU(0.5), function (x) return x > 0 and x or (exp(x) - 1) / 2 end},
    {nn.Threshold(0.3, 7), function (x) return x > 0.3 and x or 7 end},
  }
  for _, case in ipairs(cases) do
    it(tostring(case[1]), function ()
      local m, f = case[1], case[2]
      local x = torch.linspace(-5, 7.3, 100)
      local y = m:forward(x)
      for i = 1, 100 do assert.near(f(x[i]), y[i], 1e-5) end
      local g = m:backward(x, torch.ones(100))
      for i = 1, 100 do
        local h = 1e-6
        local slope = (f(x[i] + h) - f(x[i] - h)) / (2 * h)
        if abs(slope) < 1e3 then assert.near(slope, g[i], 1e-3) end
      end
    end)
  end

  it('SoftMax, SoftMin, LogSoftMax, by rows', function ()
    local x = torch.randn(3, 5)
    local y = nn.SoftMax():forward(x)
    assert.tensor_near({{1}, {1}, {1}}, y:sum(2))
    assert.tensor_near(nn.SoftMax():forward(-x), nn.SoftMin():forward(x))
    assert.tensor_near(torch.log(y), nn.LogSoftMax():forward(x))
    assert.near(1, nn.SoftMax():forward(x[1]):sum(), 1e-6)
    y = nn.SpatialSoftMax():forward(torch.randn(2, 4, 3, 3))
    assert.tensor_near(torch.ones(2, 1, 3, 3), y:sum(2))
  end)

  it('CReLU, GatedLinearUnit, RReLU', function ()
    assert.same({0, 3, 2, 0}, nn.CReLU(1):forward(T(-2, 3)):totable())
    local y = nn.GatedLinearUnit():forward(M {{1, 2, 0, 0}})
    assert.tensor_near({{0.5, 1}}, y)
    local m = nn.RReLU(0.1, 0.3)
    y = m:forward(T(-1, 2))
    assert.is_true(y[1] <= -0.1 and y[1] >= -0.3 and y[2] == 2)
    m:evaluate()
    assert.tensor_near({-0.2, 2}, m:forward(T(-1, 2)))
  end)
end)

describe('documented: convolution', function ()
  it('output sizes of convolutions', function ()
    -- owidth = floor((width + 2 * padW - kW) / dW + 1)
    local m = nn.SpatialConvolution(3, 8, 5, 3, 2, 1, 1, 0)
    assert.same({8, 18, 14}, sizes(m:forward(torch.rand(3, 20, 30))))
    assert.same({2, 8, 18, 14}, sizes(m:forward(torch.rand(2, 3, 20, 30))))
    assert.same({8, 3, 3, 5}, sizes(m.weight:view(8, 3, 3, 5)))
    -- (width - 1) * dW - 2 * padW + kW + adjW
    m = nn.SpatialFullConvolution(3, 2, 4, 3, 2, 2, 1, 1, 1, 0)
    assert.same({2, 39, 61}, sizes(m:forward(torch.rand(3, 20, 30))))
    -- dilation
    m = nn.SpatialDilatedConvolution(3, 2, 3, 3, 1, 1, 0, 0, 2, 3)
    assert.same({2, 14, 26}, sizes(m:forward(torch.rand(3, 20, 30))))
    m = nn.SpatialDepthWiseConvolution(3, 2, 3, 3)
    assert.same({6, 18, 28}, sizes(m:forward(torch.rand(3, 20, 30))))
    m = nn.TemporalConvolution(4, 6, 3, 2)
    assert.same({5, 6}, sizes(m:forward(torch.rand(11, 4))))
    m = nn.TemporalMaxPooling(3, 2)
    assert.same({5, 4}, sizes(m:forward(torch.rand(11, 4))))
  end)

  it('a convolution by hand', function ()
    local m = nn.SpatialConvolution(1, 1, 2, 2)
    m.weight:view(-1):copy(T(1, 2, 3, 4))
    m.bias:fill(0.5)
    local x = torch.range(1, 9):view(1, 3, 3)
    assert.tensor_near({{{37.5, 47.5}, {67.5, 77.5}}}, m:forward(x))
    assert.tensor_near(torch.xcorr2(x[1], T(1, 2, 3, 4):view(2, 2)) + 0.5,
                       m:forward(x)[1])
  end)

  it('pooling: values, sizes, ceil', function ()
    local x = torch.range(1, 25):view(1, 5, 5)
    assert.tensor_near({{{7, 9}, {17, 19}}},
                       nn.SpatialMaxPooling(2, 2):forward(x))
    assert.same({1, 3, 3}, sizes(nn.SpatialMaxPooling(2, 2):ceil()
                                 :forward(x)))
    assert.tensor_near({{{4, 6}, {14, 16}}},
                       nn.SpatialAveragePooling(2, 2, 2, 2):forward(x))
    assert.same({1, 4, 4}, sizes(nn.SpatialAveragePooling(2, 2):forward(x)))
    assert.same({1, 2, 3}, sizes(nn.SpatialAdaptiveMaxPooling(3, 2)
                                 :forward(x)))
    assert.same({1, 2, 3}, sizes(nn.SpatialAdaptiveAveragePooling(3, 2)
                                 :forward(x)))
    local padded = nn.SpatialZeroPadding(1, 2, -1, 3):forward(x)
    assert.same({1, 7, 8}, sizes(padded))
    assert.equal(6, padded[1][1][2])
    local up = nn.SpatialUpSamplingNearest(2):forward(x)
    assert.same({1, 10, 10}, sizes(up))
    assert.equal(7, up[1][4][4])
  end)
end)
