-- nn: modules and criterions, as Torch7's nn.  A class is loaded when it is
-- first named; files with several classes are listed here.

local torch = require 'torch'

local nn = {}
package.loaded['nn'] = nn -- its files put their classes into it

local files = {} -- class -> file

local function list (file, names)
  for name in names:gmatch '%S+' do files[name] = file or 'nn.' .. name end
end

list(nil, [[Module Container Criterion Sequential Dense Linear]])
list('nn.activations', [[ReLU ReLU6 LeakyReLU ELU SELU CELU GELU SiLU Swish
  Mish HardSigmoid HardSwish Sigmoid LogSigmoid Tanh HardTanh Clamp HardShrink
  SoftShrink TanhShrink SoftPlus SoftSign Threshold Abs Power Square Sqrt Exp
  Log]])
list('nn.softmax', [[SoftMax SoftMin LogSoftMax SpatialSoftMax
  SpatialLogSoftMax]])
list('nn.shapes', [[Identity Copy Contiguous View Reshape Flatten]])
list('nn.slices', [[Narrow Select Squeeze Unsqueeze Transpose Padding Replicate Index
  MaskedSelect Collapse Max Min Mean Sum]])
list('nn.branches', [[ConcatTable ParallelTable Concat Parallel DepthConcat]])
list('nn.wrappers', [[MapTable Bottle Decorator]])
list('nn.tables', [[CAddTable CSubTable CMulTable CDivTable CMaxTable CMinTable
  JoinTable SplitTable SelectTable NarrowTable FlattenTable ZipTable
  ZipTableOneToMany MixtureTable MM MV]])
list('nn.scaling', [[Add CAdd Mul CMul AddConstant MulConstant]])
list('nn.distances', [[Bilinear Euclidean Cosine DotProduct CosineDistance
  PairwiseDistance Normalize]])
list('nn.gates', [[PReLU RReLU CReLU GatedLinearUnit Maxout]])
list('nn.special', [[OneHot Constant GradientReversal ZeroGrad WhiteNoise
  L1Penalty]])
list('nn.LookupTable', [[LookupTable Embedding]])
list('nn.normalisation', [[BatchNormalization SpatialBatchNormalization
  LayerNormalization GroupNormalization InstanceNormalization]])
list('nn.spatial', [[SpatialConvolution SpatialDilatedConvolution
  SpatialDepthWiseConvolution SpatialFullConvolution]])
list('nn.unpooling', 'SpatialMaxUnpooling')
list('nn.pooling', [[SpatialMaxPooling SpatialDilatedMaxPooling
  SpatialAveragePooling SpatialAdaptiveMaxPooling
  SpatialAdaptiveAveragePooling SpatialZeroPadding
  SpatialUpSamplingNearest]])
list('nn.temporal', [[TemporalConvolution TemporalMaxPooling]])
list('nn.recurrent', [[RNN LSTM GRU RNNCell LSTMCell GRUCell]])
list('nn.attention', [[Attention MultiHeadAttention]])
list(nil, [[Dropout SpatialDropout]])
list('nn.elementwise_criterions', [[MSECriterion WeightedMSECriterion
  AbsCriterion SmoothL1Criterion HuberCriterion BCECriterion
  BCEWithLogitsCriterion MultiLabelSoftMarginCriterion DistKLDivCriterion
  SoftMarginCriterion MarginCriterion HingeEmbeddingCriterion L1Cost]])
list('nn.likelihood_criterions', [[PoissonNLLCriterion GaussianNLLCriterion]])
list('nn.pair_criterions', [[CosineEmbeddingCriterion MarginRankingCriterion
  L1HingeEmbeddingCriterion TripletMarginCriterion]])
list('nn.margin_criterions', [[MultiMarginCriterion
  MultiLabelMarginCriterion]])
list('nn.joint_criterions', [[MultiCriterion ParallelCriterion
  ModuleCriterion]])
list(nil, [[ClassNLLCriterion CrossEntropyCriterion SpatialClassNLLCriterion]])
list(nil, [[Ternary Binary Activation KAF KAF2D Lagrangian HAM]])
list(nil, [[HAMConvolution HAMMemory]])
list('nn.HAMSynapses', [[HAMLinear HAMBias HAMEdge]])
list('nn.Lagrangians', [[LIdentity LRepu LRelu LSoftmax LExp LRexp LSigmoid
  LTanh LLayerNorm LSphericalNorm LGhostmax]])
list(nil, [[CriterionTable SpatialConvolutionMM utils]])
list(nil, [[WeightNorm CTCCriterion Jacobian StochasticGradient]])
list(nil, [[gModule Node]])
list('nn.functional', 'functional')
list('nn.transform', 'transform without_apply_rng')
list('nn.aliases', [[LayerNorm BatchNorm GroupNorm InstanceNorm Conv
  ConvTranspose Embed SimpleCell MultiHeadDotProductAttention initializers]])
list('nn.functional', [[relu relu6 leaky_relu elu selu celu gelu silu swish
  sigmoid log_sigmoid tanh hard_tanh hard_sigmoid hard_swish hard_silu softplus
  soft_sign softmax log_softmax glu one_hot max_pool avg_pool]])
list('nn.initialisers', 'init') -- nn.init is this file's own name

local function missing (name)
  if type(name) ~= 'string' then return nil end
  local lower, found = name:lower(), nil
  for known in pairs(files) do -- nn.Relu is ReLU rather than relu
    if known:lower() == lower
       and (not found or known:sub(1, 1) == name:sub(1, 1)) then
      found = known
    end
  end
  if found then return found end
  if not name:find '^%u' then return nil end
  return require 'nnlua.nearest'(name, files)
end

return setmetatable(nn, {
  __index = function (self, name)
    local file = files[name]
    if not file then
      local near = missing(name)
      if not near then return nil end
      error(("nn has no '%s'; did you mean nn.%s"):format(name, near), 2)
    end
    local value = require(file)
    if rawget(self, name) == nil then
      if type(value) == 'table' and rawget(value, name) ~= nil then
        value = value[name]
      end
      rawset(self, name, value)
    end
    return rawget(self, name)
  end,
  __pairs = function (self) -- all classes, for completion and help
    local names = {}
    for name in pairs(files) do names[#names + 1] = name end
    for _, name in ipairs(names) do local _ = self[name] end
    return next, self, nil
  end,
  __tostring = function () return 'nn, nnlua ' .. torch.version end,
})
