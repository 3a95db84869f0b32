-- Every module of nn once, for wrong_inputs_spec.lua: how to make it, an input
-- that it takes, and what it takes beside: any = any number of dimensions and
-- sizes; sizes, planes, small, rank1, rank8 = another last size, other planes,
-- images of one pixel, 1 or 8 dimensions; int = integers alone; fold = a table
-- of one; list = a table of anything; container = an empty table.

local torch = require 'torch'
local nn = require 'nn'

local function x (...) return torch.rand(...) end

local layers = {}

local function layer (name, make, input, takes)
  layers[#layers + 1] = {name = name, make = make, input = input,
                         takes = takes or {}}
end

-- of elements: any shape
for name in ([[Identity ReLU ReLU6 LeakyReLU ELU SELU CELU GELU SiLU Swish
    Mish HardSigmoid HardSwish Sigmoid LogSigmoid Tanh HardTanh HardShrink
    SoftShrink TanhShrink SoftPlus SoftSign Threshold Abs Square Sqrt Exp Log
    Contiguous Dropout RReLU GradientReversal ZeroGrad WhiteNoise Mul
    Flatten Ternary Binary SoftMax SoftMin LogSoftMax PReLU]]):gmatch '%S+' do
  layer(name, function () return nn[name]() end, function () return x(2, 4) end,
        {any = true})
end
layer('Power', function () return nn.Power(2) end,
      function () return x(2, 4) end, {any = true})
layer('Clamp', function () return nn.Clamp(0, 1) end,
      function () return x(2, 4) end, {any = true})
layer('AddConstant', function () return nn.AddConstant(1) end,
      function () return x(2, 4) end, {any = true})
layer('MulConstant', function () return nn.MulConstant(2) end,
      function () return x(2, 4) end, {any = true})
layer('L1Penalty', function () return nn.L1Penalty(1) end,
      function () return x(2, 4) end, {any = true})
layer('Constant', function () return nn.Constant(1) end,
      function () return x(2, 4) end, {any = true})
layer('Copy', function () return nn.Copy() end,
      function () return x(2, 4) end, {any = true})
layer('Activation', function () return nn.Activation(torch.tanh) end,
      function () return x(2, 4) end, {any = true})
layer('Lagrangian', function () return nn.Lagrangian(nn.LRelu()) end,
      function () return x(2, 4) end, {any = true})
for name in ([[LIdentity LRepu LRelu LSoftmax LExp LRexp LSigmoid LTanh
    LLayerNorm LSphericalNorm LGhostmax]]):gmatch '%S+' do
  layer(name, function () return nn[name]() end, function () return x(2, 4) end,
        {any = true})
end

-- of the last dimension
for name, make in pairs {
  Linear = function () return nn.Linear(4, 3) end,
  Dense = function () return nn.Dense(4, 3) end,
  Maxout = function () return nn.Maxout(4, 3, 2) end,
  Euclidean = function () return nn.Euclidean(4, 3) end,
  Cosine = function () return nn.Cosine(4, 3) end,
  KAF = function () return nn.KAF(4) end,
  KAF2D = function () return nn.KAF2D(4) end,
  LayerNormalization = function () return nn.LayerNormalization(4) end,
  BatchNormalization = function () return nn.BatchNormalization(4) end,
  Add = function () return nn.Add(4) end,
  CAdd = function () return nn.CAdd(4) end,
  CMul = function () return nn.CMul(4) end,
  WeightNorm = function () return nn.WeightNorm(nn.Linear(4, 3)) end,
  Normalize = function () return nn.Normalize(2) end,
  GatedLinearUnit = function () return nn.GatedLinearUnit() end,
} do
  layer(name, make, function () return x(2, 4) end, {
    sizes = name == 'Normalize', rank1 = name == 'Normalize'})
end

-- shapes
layer('View', function () return nn.View(-1, 4) end,
      function () return x(2, 4) end)
layer('Reshape', function () return nn.Reshape(4) end,
      function () return x(2, 4) end)
layer('Narrow', function () return nn.Narrow(2, 1, 4) end,
      function () return x(2, 4) end, {sizes = true})
layer('Select', function () return nn.Select(2, 4) end,
      function () return x(2, 4) end, {sizes = true})
layer('Squeeze', function () return nn.Squeeze(2) end,
      function () return x(2, 1) end, {sizes = true, rank8 = true})
layer('Unsqueeze', function () return nn.Unsqueeze(2) end,
      function () return x(2, 4) end, {sizes = true, rank1 = true})
layer('Transpose', function () return nn.Transpose {1, 2} end,
      function () return x(2, 4) end, {sizes = true, rank8 = true})
layer('Padding', function () return nn.Padding(2, 1) end,
      function () return x(2, 4) end, {sizes = true, rank8 = true})
layer('Replicate', function () return nn.Replicate(3) end,
      function () return x(2, 4) end, {any = true})
layer('Collapse', function () return nn.Collapse(2) end,
      function () return x(2, 4) end,
      {sizes = true, rank8 = true, rank1 = true})
for _, name in ipairs {'Max', 'Min', 'Mean', 'Sum'} do
  layer(name, function () return nn[name](2) end,
        function () return x(2, 4) end, {sizes = true, rank8 = true})
end
layer('CReLU', function () return nn.CReLU(1) end,
      function () return x(2, 4) end, {any = true})

-- images
local planes = {} -- those that take any number of planes
for name in ([[SpatialMaxPooling SpatialDilatedMaxPooling
    SpatialAveragePooling SpatialAdaptiveMaxPooling
    SpatialAdaptiveAveragePooling SpatialZeroPadding SpatialUpSamplingNearest
    SpatialSoftMax SpatialLogSoftMax SpatialDropout]]):gmatch '%S+' do
  planes[name] = true
end
local small = {} -- those that take an image of one pixel
for name in ([[SpatialAdaptiveMaxPooling SpatialAdaptiveAveragePooling
    SpatialZeroPadding SpatialUpSamplingNearest SpatialBatchNormalization
    InstanceNormalization GroupNormalization SpatialSoftMax SpatialLogSoftMax
    SpatialDropout SpatialFullConvolution]]):gmatch '%S+' do
  small[name] = true
end
for name, make in pairs {
  SpatialConvolution = function () return nn.SpatialConvolution(3, 2, 2, 2) end,
  SpatialConvolutionMM = function ()
    return nn.SpatialConvolutionMM(3, 2, 2, 2)
  end,
  SpatialDilatedConvolution = function ()
    return nn.SpatialDilatedConvolution(3, 2, 2, 2)
  end,
  SpatialFullConvolution = function ()
    return nn.SpatialFullConvolution(3, 2, 2, 2)
  end,
  SpatialDepthWiseConvolution = function ()
    return nn.SpatialDepthWiseConvolution(3, 2, 2, 2)
  end,
  SpatialMaxPooling = function () return nn.SpatialMaxPooling(2, 2) end,
  SpatialDilatedMaxPooling = function ()
    return nn.SpatialDilatedMaxPooling(2, 2)
  end,
  SpatialAveragePooling = function ()
    return nn.SpatialAveragePooling(2, 2)
  end,
  SpatialAdaptiveMaxPooling = function ()
    return nn.SpatialAdaptiveMaxPooling(2, 2)
  end,
  SpatialAdaptiveAveragePooling = function ()
    return nn.SpatialAdaptiveAveragePooling(2, 2)
  end,
  SpatialZeroPadding = function () return nn.SpatialZeroPadding(1, 1) end,
  SpatialUpSamplingNearest = function ()
    return nn.SpatialUpSamplingNearest(2)
  end,
  SpatialBatchNormalization = function ()
    return nn.SpatialBatchNormalization(3)
  end,
  InstanceNormalization = function ()
    return nn.InstanceNormalization(3)
  end,
  GroupNormalization = function () return nn.GroupNormalization(3, 3) end,
  SpatialSoftMax = function () return nn.SpatialSoftMax() end,
  SpatialLogSoftMax = function () return nn.SpatialLogSoftMax() end,
  SpatialDropout = function () return nn.SpatialDropout() end,
} do
  layer(name, make, function () return x(2, 3, 4, 4) end, {
    sizes = true, planes = planes[name], small = small[name],
    rank8 = name:find 'SoftMax' or name == 'SpatialDropout',
    rank1 = name:find 'SoftMax'})
end
layer('SpatialMaxUnpooling', function ()
  local pool = nn.SpatialMaxPooling(2, 2)
  local m = nn.SpatialMaxUnpooling(pool)
  pool:forward(x(2, 3, 8, 8))
  return m
end, function () return x(2, 3, 4, 4) end)
layer('TemporalConvolution', function ()
  return nn.TemporalConvolution(4, 2, 2)
end, function () return x(2, 5, 4) end)
layer('TemporalMaxPooling', function () return nn.TemporalMaxPooling(2) end,
      function () return x(2, 5, 4) end, {sizes = true})

-- sequences and labels
layer('RNN', function () return nn.RNN(4, 3) end,
      function () return x(5, 2, 4) end)
layer('LSTM', function () return nn.LSTM(4, 3) end,
      function () return x(5, 2, 4) end)
layer('GRU', function () return nn.GRU(4, 3) end,
      function () return x(5, 2, 4) end)
layer('MultiHeadAttention', function () return nn.MultiHeadAttention(4, 2) end,
      function () return x(2, 5, 4) end)
layer('LookupTable', function () return nn.LookupTable(10, 3) end,
      function () return torch.LongTensor {{1, 2}, {3, 4}} end,
      {any = true, int = true})
layer('Embedding', function () return nn.Embedding(10, 3) end,
      function () return torch.LongTensor {{1, 2}, {3, 4}} end,
      {any = true, int = true})
layer('OneHot', function () return nn.OneHot(10) end,
      function () return torch.LongTensor {{1, 2}, {3, 4}} end,
      {any = true, int = true})

-- tables
local function two () return {x(2, 4), x(2, 4)} end
for name in ([[CAddTable CMulTable CMaxTable CMinTable CSubTable CDivTable
    DotProduct CosineDistance PairwiseDistance]]):gmatch '%S+' do
  layer(name, function () return nn[name]() end, two,
        {fold = name:find '^C[AM]' and name ~= 'CosineDistance'})
end
layer('FlattenTable', function () return nn.FlattenTable() end, two,
      {list = true, fold = true})
layer('JoinTable', function () return nn.JoinTable(2) end, two, {fold = true})
layer('SelectTable', function () return nn.SelectTable(2) end, two,
      {list = true})
layer('NarrowTable', function () return nn.NarrowTable(1, 2) end, two,
      {list = true})
layer('ZipTable', function () return nn.ZipTable() end,
      function () return {two(), two()} end, {fold = true})
layer('ZipTableOneToMany', function () return nn.ZipTableOneToMany() end,
      function () return {x(2), two()} end)
layer('MixtureTable', function () return nn.MixtureTable() end,
      function () return {x(2, 2), two()} end)
layer('MM', function () return nn.MM() end,
      function () return {x(2, 4), x(4, 2)} end)
layer('MV', function () return nn.MV() end,
      function () return {x(2, 4), x(4)} end)
layer('Bilinear', function () return nn.Bilinear(4, 4, 3) end, two)
layer('Index', function () return nn.Index(1) end,
      function () return {x(2, 4), torch.LongTensor {1}} end)
layer('MaskedSelect', function () return nn.MaskedSelect() end,
      function () return {x(2, 4), torch.ones(2, 4):byte()} end)
layer('Attention', function () return nn.Attention() end,
      function () return {x(2, 5, 4), x(2, 5, 4), x(2, 5, 4)} end)
layer('RNNCell', function () return nn.RNNCell(4, 3) end,
      function () return {x(2, 4), x(2, 3)} end)
layer('LSTMCell', function () return nn.LSTMCell(4, 3) end,
      function () return {x(2, 4), x(2, 3), x(2, 3)} end)
layer('GRUCell', function () return nn.GRUCell(4, 3) end,
      function () return {x(2, 4), x(2, 3)} end)
layer('SplitTable', function () return nn.SplitTable(2) end,
      function () return x(2, 4) end, {sizes = true, rank8 = true})
layer('CriterionTable', function ()
  return nn.CriterionTable(nn.MSECriterion())
end, two)

-- containers
local function linear () return nn.Linear(4, 4) end
layer('Sequential', function () return nn.Sequential(linear()) end,
      function () return x(2, 4) end)
layer('Concat', function () return nn.Concat(2, linear(), linear()) end,
      function () return x(2, 4) end)
layer('DepthConcat', function ()
  return nn.DepthConcat(2, linear(), linear())
end, function () return x(2, 4) end)
layer('Parallel', function () return nn.Parallel(1, 1, linear(), linear()) end,
      function () return x(2, 4) end)
layer('ConcatTable', function () return nn.ConcatTable(linear()) end,
      function () return x(2, 4) end)
layer('ParallelTable', function ()
  return nn.ParallelTable(linear(), linear())
end, two)
layer('MapTable', function () return nn.MapTable(linear()) end, two,
      {container = true, fold = true})
layer('Bottle', function () return nn.Bottle(linear()) end,
      function () return x(2, 3, 4) end)
layer('Decorator', function () return nn.Decorator(linear()) end,
      function () return x(2, 4) end)
layer('gModule', function ()
  local node = nn.Identity()()
  return nn.gModule({node}, {linear()(node)})
end, function () return x(2, 4) end)

return layers
