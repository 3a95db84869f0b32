-- Criterions against PyTorch's values: the loss, its gradient by backward, by
-- autograd and jitted.

local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
require 'nnlua.busted'
local golden = dofile 'tests/nn/golden.lua'

local make = {}

local function weights (inp)
  return inp.weights and golden.tensor(inp.weights) or nil
end

local function plain (class, a) return class(a.sizeAverage) end
local function weighted (class, a, inp)
  return class(weights(inp), a.sizeAverage)
end

for _, name in ipairs {'MSE', 'Abs', 'SoftMargin', 'MultiLabelMargin'} do
  make['nn.' .. name .. 'Criterion'] = plain
end
make['nn.L1Cost'] = plain
make['nn.SmoothL1Criterion'] = function (c, a) return c(a.sizeAverage, a.beta) end
make['nn.HuberCriterion'] = function (c, a) return c(a.sizeAverage, a.delta) end
make['nn.BCECriterion'] = weighted
make['nn.MultiLabelSoftMarginCriterion'] = weighted
make['nn.BCEWithLogitsCriterion'] = function (c, a, inp)
  if a.weights then return c(nil, a.sizeAverage, weights(inp)) end
  return c(weights(inp), a.sizeAverage)
end
make['nn.DistKLDivCriterion'] = function (c, a)
  return c(a.reduction == 'mean', a.logTarget)
end
for _, name in ipairs {'Margin', 'HingeEmbedding', 'CosineEmbedding',
                       'MarginRanking'} do
  make['nn.' .. name .. 'Criterion'] = function (c, a)
    return c(a.margin, a.sizeAverage)
  end
end
make['nn.TripletMarginCriterion'] = function (c, a)
  return c(a.margin, a.p, a.swap, a.sizeAverage)
end
make['nn.MultiMarginCriterion'] = function (c, a, inp)
  return c(a.p, weights(inp), a.margin, a.sizeAverage)
end
make['nn.ClassNLLCriterion'] = function (c, a, inp)
  return c(weights(inp), a.sizeAverage, a.ignoreIndex)
end
make['nn.SpatialClassNLLCriterion'] = make['nn.ClassNLLCriterion']
make['nn.CrossEntropyCriterion'] = function (c, a, inp)
  return c {weights = weights(inp), sizeAverage = a.sizeAverage,
            ignoreIndex = a.ignoreIndex, labelSmoothing = a.labelSmoothing}
end

make['nn.CTCCriterion'] = function (c, a)
  return c {blank = a.blank, sizeAverage = a.sizeAverage,
            zeroInfinity = a.zeroInfinity}
end

make['nn.PoissonNLLCriterion'] = function (c, a)
  return c(a.sizeAverage, a.logInput, a.full, a.eps)
end
make['nn.GaussianNLLCriterion'] = function (c, a)
  return c(a.sizeAverage, a.full, a.eps)
end

local inputs = {{'x', 'var'}, {'x'}, {'x1', 'x2'}, {'anchor', 'positive', 'negative'}}

-- The input (a tensor, or a table of them) and the names of its parts.
local function input_of (case)
  for _, names in ipairs(inputs) do
    if case.inp[names[1]] and case.inp[names[#names]] then
      if #names == 1 then return golden.tensor(case.inp.x), names end
      local list = {}
      for i, name in ipairs(names) do
        list[i] = golden.tensor(case.inp[name])
      end
      return list, names
    end
  end
end

local function check (case)
  local class = nn[case.op:match '^nn%.(.*)$']
  local criterion = make[case.op](class, case.args, case.inp)
  local scale = 1
  local x, names = input_of(case)
  if case.args.reduction == 'batchmean' then scale = 1 / x:size(1) end
  local t = golden.tensor(case.inp.t)
  if case.inp.inputLengths then
    t = {t, golden.tensor(case.inp.inputLengths),
         golden.tensor(case.inp.targetLengths)}
  end
  local atol = case.name:find '_extremes' and 1e-12 or nil
  local function near (want, got, what)
    golden.near(want, got, case.name .. ' ' .. what, 1e-10, atol)
  end
  near(case.out.loss, criterion:forward(x, t) * scale, 'loss')
  local function compare (grad, what)
    if #names == 1 then grad = {grad} end
    for i, name in ipairs(names) do
      near(golden.tensor(case.out['g' .. name]), grad[i] * scale, what)
    end
  end
  compare(criterion:backward(x, t), 'gradient by backward')
  local step = autograd.jit(autograd.value_and_grad(function (v, target)
    return criterion:forward(v, target)
  end))
  for _ = 1, 3 do
    local loss, grad = step(x, t)
    near(case.out.loss, loss * scale, 'jitted loss')
    compare(grad, 'jitted gradient')
  end
end

describe('criterions have the reference values:', function ()
  it('all that there are', function ()
    for _, case in ipairs(golden.cases 'criterions') do
      assert.is_function(make[case.op], case.op)
    end
  end)

  local names = {}
  for name in pairs(make) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    it(name, function ()
      local cases = golden.cases('criterions', 'op',
                                 '^' .. name:gsub('%.', '%%.') .. '$')
      assert.is_true(#cases > 0)
      for _, case in ipairs(cases) do check(case) end
    end)
  end
end)

describe('a target that is a buffer', function ()
  it('counts as it is at a backward without a forward', function ()
    local x, t = torch.rand(4), torch.ones(4)
    local criterion = nn.BCECriterion()
    criterion:forward(x, t)
    criterion:backward(x, t)
    t:zero()
    local g = criterion:backward(x, t)
    assert.tensor_near(nn.BCECriterion():backward(x, torch.zeros(4)), g, 1e-6)
  end)
end)

describe('labels', function ()
  local function message (...)
    local ok, text = pcall(...)
    assert.is_false(ok)
    return (text:gsub('^[^:]*:%d+: ', ''))
  end
  local c = nn.CrossEntropyCriterion()
  local x = torch.zeros(3, 10)

  it('outside of the classes are refused', function ()
    assert.equal('nn.CrossEntropyCriterion: labels are 1..10; got 0 (did you '
                 .. 'load 0-based MNIST labels; add 1)',
                 message(c.forward, c, x, torch.LongTensor {1, 0, 2}))
    assert.equal('nn.CrossEntropyCriterion: labels are 1..10; got 11',
                 message(c.forward, c, x, torch.LongTensor {1, 11, 2}))
    assert.equal('nn.CrossEntropyCriterion: labels are 1..10; got 1.5',
                 message(c.forward, c, x, torch.tensor {1, 1.5, 2}))
  end)

  it('in a wrong number are refused', function ()
    assert.equal('nn.CrossEntropyCriterion: input [3 x 10] needs 3 labels, '
                 .. 'got [2]',
                 message(c.forward, c, x, torch.LongTensor {1, 2}))
  end)

  it('that jit can not check give NaN', function ()
    local f = autograd.jit(function (v, y) return c:forward(v, y) end)
    local loss = f(x, torch.LongTensor {1, 0, 2})
    assert.is_true(loss ~= loss)
    assert.is_true(math.abs(f(x, torch.LongTensor {1, 3, 2})
                            - math.log(10)) < 1e-6)
  end)

  it('that are all ignored give 0', function ()
    assert.equal(0, c:forward(x, torch.LongTensor {-100, -100, -100}))
  end)
end)

describe('softmax_cross_entropy', function ()
  it("has optax's values, row by row", function ()
    local c = golden.case('notebooks', 'mnist/softmax_cross_entropy')
    local logits = golden.tensor(c.inp.logits)
    local labels = golden.tensor(c.inp.labels)
    local n, k = logits:size(1), logits:size(2)
    local criterion = nn.CrossEntropyCriterion(nil, false)
    local both = nn.BCEWithLogitsCriterion(nil, false)
    local onehot = torch.onehot(labels, k, 'float64')
    for i = 1, n do
      local row, label = logits[{{i, i}}], labels[{{i, i}}]
      local loss = criterion:forward(row, label)
      golden.near(c.out.by_integer.data[i], loss, 'label')
      golden.near(c.out.per_row.data[i], loss, 'row')
      golden.near(c.out.sigmoid_per_row.data[i],
                  both:forward(row, onehot[{{i, i}}]), 'sigmoid')
    end
  end)
end)
