-- Every layer and criterion of tests/names.lua with an input, for checks that
-- hold for all of them.

local torch = require 'torch'
local nn = require 'nn'

local M = {}

-- Numbers in a shuffled row from -2 to 2: no two are near to each other, and
-- none is at a kink (0, the halves, 1, ...).
local function away (...)
  local x = torch.zeros(...):double()
  local n = x:nElement()
  local row = torch.randperm(n):double() * (4 / n) - (2 - 0.0137)
  return x:copy(row:view(x:size()))
end

local function above (...) return torch.abs(away(...)) + 0.2 end
local function share (...) return torch.sigmoid(away(...)) end
local function labels (...) return torch.LongTensor {...} end
local function signs (...) return torch.DoubleTensor {...} end
local function simplex (n, k)
  return torch.softmax(away(n, k), 2)
end

M.away = away

-- name -> a function that returns the module and its input
M.modules = {}

local function add (names, make)
  for name in names:gmatch '%S+' do
    M.modules[name] = function () return make(nn[name], name) end
  end
end

add([[ReLU ReLU6 LeakyReLU ELU SELU CELU GELU SiLU Swish Mish HardSigmoid
  HardSwish Sigmoid LogSigmoid Tanh HardTanh HardShrink SoftShrink TanhShrink
  SoftMax SoftMin LogSoftMax SoftPlus SoftSign Threshold Abs Square Exp Identity
  PReLU GatedLinearUnit Copy Contiguous LIdentity LRepu LRelu LSoftmax
  LExp LRexp LSigmoid LTanh LLayerNorm LSphericalNorm Mul]],
    function (class) return class(), away(3, 4) end)
add('CReLU', function (class) return class(1), away(3, 4) end)
add('Sqrt Log', function (class) return class(), above(3, 4) end)
add('Power', function (class) return class(2.5), above(3, 4) end)
add('Clamp', function (class) return class(-0.7, 0.9), away(3, 4) end)
add('RReLU', function (class) -- the mean slope
  local m = class()
  m:evaluate()
  return m, away(3, 4)
end)
add('Dropout SpatialDropout WhiteNoise', function (class, name)
  local m = class()
  m:evaluate() -- training draws other noise for each difference
  return m, name == 'SpatialDropout' and away(2, 3, 2, 2) or away(3, 4)
end)
add('Linear Dense Euclidean Cosine', function (class)
  return class(4, 3), away(2, 4)
end)
add('Bilinear', function (class)
  return class(3, 2, 2), {away(2, 3), away(2, 2)}
end)
add('Add', function (class) return class(4), away(3, 4) end)
add('CAdd CMul', function (class) return class(3, 4), away(3, 4) end)
add('AddConstant MulConstant', function (class)
  return class(1.3), away(3, 4)
end)
add('Maxout', function (class) return class(3, 2, 2), away(2, 3) end)
add('LookupTable Embedding', function (class)
  return class(5, 3), labels(2, 5, 2, 1)
end)
add('Normalize', function (class) return class(2), away(3, 4) end)

-- shapes
add('View', function (class) return class(2, 6), away(3, 4) end)
add('Reshape', function (class) return class(6, 2, false), away(3, 4) end)
add('Select', function (class) return class(2, 3), away(3, 4) end)
add('Narrow', function (class) return class(2, 2, 2), away(3, 4) end)
add('Replicate', function (class) return class(3, 2), away(2, 3) end)
add('Squeeze', function (class) return class(), away(3, 1, 2) end)
add('Unsqueeze', function (class) return class(2), away(3, 2) end)
add('Index', function (class)
  return class(1), {away(4, 3), labels(2, 4, 2)}
end)
add('MaskedSelect', function (class)
  return class(), {away(4), torch.ByteTensor {1, 0, 1, 1}}
end)
add('Padding', function (class) return class(2, -2, 2, 0.3), away(2, 3) end)
add('Transpose', function (class) return class({1, 2}), away(2, 3) end)
add('Collapse', function (class) return class(1), away(2, 3, 2) end)
add('Max Min Mean Sum', function (class) return class(2), away(3, 4) end)

-- containers and tables
local function inner () return nn.Linear(3, 2) end
add('Sequential', function (class)
  return class():add(inner()):add(nn.Tanh()):add(nn.Linear(2, 1)), away(2, 3)
end)
add('Parallel', function (class)
  return class(1, 1):add(inner()):add(inner()), away(2, 3)
end)
add('Concat', function (class)
  return class(2):add(inner()):add(inner()), away(2, 3)
end)
add('DepthConcat', function (class)
  return class(1):add(nn.SpatialConvolution(1, 1, 2, 2))
                 :add(nn.SpatialConvolution(1, 1, 1, 1)), away(1, 3, 3)
end)
add('ConcatTable', function (class)
  return class():add(inner()):add(nn.Square()), away(2, 3)
end)
add('ParallelTable', function (class)
  return class():add(inner()):add(nn.Square()), {away(2, 3), away(2)}
end)
add('MapTable', function (class)
  return class(inner()), {away(2, 3), away(2, 3)}
end)
add('Bottle', function (class) return class(inner()), away(2, 2, 3) end)
add('Decorator', function (class) return class(inner()), away(2, 3) end)
add('WeightNorm', function (class) return class(inner()), away(2, 3) end)
add('gModule', function ()
  local x = nn.Identity()()
  local h = nn.Tanh()(nn.Linear(3, 2)(x))
  return nn.gModule({x}, {nn.CMulTable()({h, nn.Linear(3, 2)(x)})}),
         away(2, 3)
end)
add('CAddTable CSubTable CMulTable CMaxTable CMinTable', function (class)
  return class(), {away(2, 3), away(2, 3) + 0.031}
end)
add('CDivTable', function (class)
  return class(), {away(2, 3), above(2, 3)}
end)
add('JoinTable', function (class)
  return class(2), {away(2, 3), away(2, 1)}
end)
add('SplitTable', function (class) return class(2), away(2, 3) end)
add('SelectTable', function (class) return class(2), {away(2), away(3)} end)
add('NarrowTable', function (class)
  return class(2, 2), {away(2), away(3), away(1)}
end)
add('FlattenTable', function (class)
  return class(), {away(2), {away(3), away(1)}}
end)
add('ZipTable', function (class)
  return class(), {{away(2), away(3)}, {away(1), away(2)}}
end)
add('MixtureTable', function (class)
  return class(), {simplex(2, 3), {away(2, 2), away(2, 2), away(2, 2)}}
end)
add('MM', function (class) return class(), {away(2, 3), away(3, 2)} end)
add('MV', function (class) return class(), {away(2, 3), away(3)} end)
add('DotProduct CosineDistance PairwiseDistance', function (class, name)
  return name == 'PairwiseDistance' and class(2) or class(),
         {away(2, 3), away(2, 3) * 0.7 + 0.31}
end)

-- images and sequences
local function image (class, ...) return class(...), away(1, 2, 4, 3) end
add('SpatialConvolution', function (class)
  return image(class, 2, 2, 2, 2, 2, 1, 1, 0)
end)
add('SpatialDilatedConvolution', function (class)
  return image(class, 2, 1, 2, 2, 1, 1, 0, 0, 2, 2)
end)
add('SpatialDepthWiseConvolution', function (class)
  return image(class, 2, 2, 2, 2)
end)
add('SpatialFullConvolution', function (class)
  return class(2, 1, 2, 2, 2, 2, 1, 0, 1, 1), away(1, 2, 3, 2)
end)
add('SpatialMaxPooling SpatialAveragePooling', function (class)
  return image(class, 2, 2, 1, 2, 1, 0)
end)
add('SpatialMaxUnpooling', function (class)
  local pool = nn.SpatialMaxPooling(2, 2)
  local m = class(pool)
  pool:forward(away(1, 2, 4, 5))
  return m, away(1, 2, 2, 2)
end)
add('SpatialAdaptiveMaxPooling SpatialAdaptiveAveragePooling',
    function (class) return image(class, 2, 3) end)
add('SpatialZeroPadding', function (class) return image(class, 1, 0, -1, 2) end)
add('SpatialUpSamplingNearest', function (class) return image(class, 2) end)
add('SpatialSoftMax SpatialLogSoftMax', function (class)
  return image(class)
end)
add('TemporalConvolution', function (class)
  return class(2, 3, 2, 1), away(4, 2)
end)
add('TemporalMaxPooling', function (class) return class(2, 1), away(4, 2) end)
add('BatchNormalization', function (class) return class(3), away(4, 3) end)
add('LayerNormalization', function (class) return class(3), away(2, 3) end)
add('SpatialBatchNormalization', function (class)
  return class(2), away(2, 2, 2, 2)
end)
add('GroupNormalization', function (class)
  return class(2, 4), away(2, 4, 2)
end)
add('InstanceNormalization', function (class)
  return class(2), away(2, 2, 3)
end)
add('RNN LSTM GRU', function (class) return class(2, 2), away(3, 1, 2) end)
add('Attention', function (class)
  return class(), {away(1, 2, 3), away(1, 3, 3), away(1, 3, 2)}
end)
add('MultiHeadAttention', function (class)
  return class(4, 2), away(1, 3, 4)
end)

-- research
add('KAF', function (class) return class(3, {D = 5}), away(2, 3) end)
add('KAF2D', function (class) return class(4, {D = 3}), away(2, 4) end)
add('Activation', function (class)
  return class(function (x) return torch.cmul(torch.sin(x), x) end), away(2, 3)
end)
add('Lagrangian', function (class) return class(nn.LSoftmax {}), away(2, 3) end)

-- name -> criterion, input, target
M.criterions = {
  MSECriterion = {{}, away(2, 3), away(2, 3)},
  WeightedMSECriterion = {{above(2, 3)}, away(2, 3), away(2, 3)},
  AbsCriterion = {{}, away(2, 3), away(2, 3) + 0.031},
  SmoothL1Criterion = {{}, away(2, 3), away(2, 3) + 0.031},
  BCECriterion = {{}, share(2, 3), share(2, 3)},
  BCEWithLogitsCriterion = {{}, away(2, 3), share(2, 3)},
  ClassNLLCriterion = {{}, away(2, 3), labels(3, 1)},
  CrossEntropyCriterion = {{}, away(2, 3), labels(3, 1)},
  SpatialClassNLLCriterion = {{}, away(1, 3, 2, 2),
                              torch.LongTensor {{{1, 3}, {2, 2}}}},
  DistKLDivCriterion = {{}, away(2, 3), simplex(2, 3)},
  MarginCriterion = {{}, away(4), signs(1, -1, -1, 1)},
  SoftMarginCriterion = {{}, away(4), signs(1, -1, -1, 1)},
  MultiMarginCriterion = {{2}, away(2, 3), labels(3, 1)},
  MultiLabelMarginCriterion = {{}, away(2, 3),
                               torch.LongTensor {{3, 1, 0}, {2, 0, 0}}},
  MultiLabelSoftMarginCriterion = {{}, away(2, 3), share(2, 3)},
  HingeEmbeddingCriterion = {{}, away(4), signs(1, -1, -1, 1)},
  L1HingeEmbeddingCriterion = {{}, {away(3), away(3) + 0.031}, -1},
  CosineEmbeddingCriterion = {{}, {away(2, 3), away(2, 3) + 0.31},
                              signs(1, -1)},
  MarginRankingCriterion = {{}, {away(3), away(3) + 0.031},
                            signs(1, -1, 1)},
  L1Cost = {{}, away(4)},
  CTCCriterion = {{}, away(4, 1, 3), torch.LongTensor {{2, 3}}},
}

function M.composite (name)
  if name == 'ParallelCriterion' then
    return nn.ParallelCriterion():add(nn.MSECriterion(), 0.5)
             :add(nn.ClassNLLCriterion()), {away(3), away(2, 3)},
           {away(3), labels(3, 1)}
  elseif name == 'MultiCriterion' then
    return nn.MultiCriterion():add(nn.MSECriterion(), 0.5)
             :add(nn.SmoothL1Criterion()), away(3), away(3) + 0.031
  elseif name == 'ModuleCriterion' then
    return nn.ModuleCriterion(nn.MSECriterion(), nn.Tanh()), away(3), away(3)
  end
end

-- name -> why it has no check here
M.none = {
  Module = 'a base class', Container = 'a base class',
  Criterion = 'a base class',
  OneHot = 'its input is labels', Constant = 'its output is constant',
  GradientReversal = 'its gradient is not its derivative, by definition',
  L1Penalty = 'adds a gradient that is not its derivative, by definition',
  Ternary = 'its gradient is the expected state\'s; see below',
  Binary = 'its gradient is the expected state\'s; see below',
  HAM = 'a system, not a layer; see research_ham_spec',
  functional = 'functions; the layers are made of them',
  init = 'fills weights', transform = 'makes functions of functions',
  without_apply_rng = 'makes functions of functions',
  Jacobian = 'a tool', StochasticGradient = 'a tool',
}

-- Other options, and classes that are not in names.lua.
M.more = {
  ['GELU tanh'] = function () return nn.GELU 'tanh', away(3, 4) end,
  ['SoftPlus with a threshold'] = function ()
    return nn.SoftPlus(2, 1), away(3, 4)
  end,
  ['SoftMax along 1'] = function () return nn.SoftMax(1), away(3, 4) end,
  ['PReLU of planes'] = function () return nn.PReLU(3), away(2, 3, 2) end,
  ['Normalize 1'] = function () return nn.Normalize(1), away(2, 3) end,
  ['Normalize inf'] = function ()
    return nn.Normalize(math.huge), away(2, 3)
  end,
  ['PairwiseDistance 1'] = function ()
    return nn.PairwiseDistance(1), {away(2, 3), away(2, 3) + 0.031}
  end,
  ['MM transposed'] = function ()
    return nn.MM(true, true), {away(2, 3, 2), away(2, 4, 3)}
  end,
  ['MV of a batch'] = function ()
    return nn.MV(true), {away(2, 3, 2), away(2, 3)}
  end,
  ['SpatialConvolution in groups'] = function ()
    return nn.SpatialConvolution(2, 4, 2, 2, 1, 2, 1, 1, 2), away(2, 2, 3, 3)
  end,
  ['SpatialConvolution of one image'] = function ()
    return nn.SpatialConvolution(2, 2, 3, 1), away(2, 2, 4)
  end,
  ['SpatialMaxPooling ceil, dilated'] = function ()
    return nn.SpatialDilatedMaxPooling(2, 2, 2, 1, 0, 0, 2, 1):ceil(),
           away(1, 1, 4, 5)
  end,
  ['SpatialAveragePooling without padding'] = function ()
    return nn.SpatialAveragePooling(2, 2, 2, 2, 1, 1):setCountExcludePad()
             :ceil(), away(1, 2, 4, 3)
  end,
  ['BatchNormalization in evaluate()'] = function ()
    local m = nn.BatchNormalization(3)
    m:evaluate()
    return m, away(4, 3)
  end,
  ['LayerNorm of two dimensions'] = function ()
    return nn.LayerNorm {2, 3}, away(2, 2, 3)
  end,
  ['LookupTable with padding'] = function ()
    return nn.LookupTable(5, 3, 2), labels(3, 5, 1) -- no padding there
  end,
  ['RNN relu'] = function () return nn.RNN(2, 2, 1, 'relu'), away(3, 1, 2) end,
  ['LSTM of two layers'] = function ()
    return nn.LSTM(2, 2, 2), away(2, 1, 2)
  end,
  ['GRU from a state'] = function ()
    return nn.GRU(2, 2), {away(2, 1, 2), away(1, 1, 2)}
  end,
  ['RNNCell'] = function ()
    return nn.RNNCell(2, 3), {away(2, 2), away(2, 3)}
  end,
  ['LSTMCell'] = function ()
    return nn.LSTMCell(2, 3), {away(2, 2), away(2, 3), away(2, 3)}
  end,
  ['GRUCell'] = function ()
    return nn.GRUCell(2, 3), {away(2, 2), away(2, 3)}
  end,
  ['Attention, causal'] = function ()
    return nn.Attention(true), {away(1, 3, 2), away(1, 3, 2), away(1, 3, 2)}
  end,
  ['MultiHeadAttention to others'] = function ()
    return nn.MultiHeadAttention(4, 2, {kdim = 3, vdim = 2}),
           {away(1, 2, 4), away(1, 3, 3), away(1, 3, 2)}
  end,
  ['WeightNorm of a convolution'] = function ()
    return nn.WeightNorm(nn.SpatialConvolution(1, 2, 2, 2)), away(1, 1, 3, 3)
  end,
  ['KAF softplus'] = function ()
    return nn.KAF(3, {D = 4, kernel = 'softplus'}), away(2, 3)
  end,
  ['KAF of channels'] = function ()
    return nn.KAF(2, {D = 4, channels = true}), away(1, 2, 2, 2)
  end,
  ['LGhostmax'] = function () return nn.LGhostmax {}, away(2, 3) end,
  ['Flatten'] = function () return nn.Flatten(), away(2, 2, 2) end,
}

M.more_criterions = {
  {'MSECriterion', {false}, away(2, 3), away(2, 3)},
  {'SmoothL1Criterion', {true, 0.5}, away(2, 3), away(2, 3) + 0.031},
  {'HuberCriterion', {true, 0.7}, away(2, 3), away(2, 3) + 0.031},
  {'ClassNLLCriterion', {torch.DoubleTensor {0.5, 2, 1}}, away(2, 3),
   labels(3, 1)},
  {'CrossEntropyCriterion', {torch.DoubleTensor {0.5, 2, 1}, false},
   away(3, 3), labels(3, 1, 2)},
  {'BCECriterion', {torch.DoubleTensor {0.5, 2, 1}}, share(2, 3),
   share(2, 3)},
  {'DistKLDivCriterion', {false, true}, away(2, 3), away(2, 3)},
  {'MultiMarginCriterion', {1, torch.DoubleTensor {0.5, 2, 1}, 0.77},
   away(2, 3), labels(3, 1)},
  {'PoissonNLLCriterion', {}, away(4), above(4)},
  {'PoissonNLLCriterion', {true, false, true}, above(4), above(4)},
  {'GaussianNLLCriterion', {}, {away(4), above(4)}, away(4)},
  {'TripletMarginCriterion', {}, {away(2, 3), away(2, 3) + 0.31,
                                  away(2, 3) - 0.23}, nil},
  {'TripletMarginCriterion', {1.5, 2, true},
   {away(2, 3), away(2, 3) + 0.31, away(2, 3) - 0.23}, nil},
  {'CosineEmbeddingCriterion', {-0.9}, {away(2, 3), away(2, 3) + 0.31},
   signs(1, -1)},
  {'CTCCriterion', {{blank = 3, sizeAverage = false}}, away(5, 2, 3),
   {torch.LongTensor {{1, 2}, {2, 0}}, torch.LongTensor {5, 3}}},
}

return M
