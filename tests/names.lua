-- The names that users look for: each exists, and the manual has an entry for
-- it.
return {
  torch = [[
    Tensor ByteTensor CharTensor ShortTensor IntTensor LongTensor
    FloatTensor DoubleTensor LongStorage Storage setdefaulttensortype
    getdefaulttensortype tensor zeros ones full empty eye rand randn range
    arange linspace logspace randperm diag tril triu cat stack where item
    allclose type typename isTensor isStorage isTypeOf class factory
    setmetatable getmetatable abs acos acosh asin asinh atan atan2 atanh
    ceil cinv clamp cos cosh erf erfc erfinv exp exp2 expm1 floor fmod frac
    gamma hypot lerp lgamma log log10 log1p log2 logaddexp neg pow reciprocal
    remainder rint round rsqrt sigmoid sign sin sinc sinh softplus sqrt square tan
    tanh trunc add csub sub mul div cmul cdiv cpow cmax cmin cfmod
    cremainder addcmul addcdiv eq ne lt le gt ge sum prod mean std var norm
    min max argmin argmax cumsum cumprod sort topk kthvalue median mode all
    any logsumexp dist dot cross mv mm bmm matmul ger addmv addmm addr
    addbmm baddbmm conv2 xcorr2 trace trtrs potrs gesv inverse cholesky qr svd symeig
    lstsq det index gather scatter nonzero masked_select bincount unique
    histc onehot split chunk reshape squeeze unsqueeze transpose permute
    expand repeatTensor manualSeed seed initialSeed getRNGState setRNGState
    Generator uniform normal bernoulli exponential cauchy logNormal
    geometric multinomial random save load serialize deserialize DiskFile
    MemoryFile CmdLine Timer tic toc setnumthreads getnumthreads Tester
    TestSuite setprintoptions]],
  nn = [[
    Module Container Criterion Sequential Parallel Concat DepthConcat
    ConcatTable ParallelTable MapTable JoinTable SplitTable SelectTable
    NarrowTable FlattenTable ZipTable CAddTable CSubTable CMulTable
    CDivTable CMaxTable CMinTable MixtureTable MM MV DotProduct
    CosineDistance PairwiseDistance Bottle Decorator Identity Linear Dense
    Bilinear Add CAdd Mul CMul AddConstant MulConstant Euclidean Cosine
    LookupTable Embedding Maxout Dropout SpatialDropout Normalize OneHot
    Constant View Reshape Select Narrow Replicate Squeeze Unsqueeze Index
    MaskedSelect Padding Transpose Contiguous Copy Collapse Max Min Mean Sum
    WeightNorm GradientReversal WhiteNoise L1Penalty ReLU ReLU6 CReLU
    LeakyReLU PReLU RReLU ELU SELU CELU GELU SiLU Swish Mish HardSigmoid
    HardSwish Sigmoid LogSigmoid Tanh HardTanh HardShrink SoftShrink
    TanhShrink SoftMax SoftMin LogSoftMax SoftPlus SoftSign Threshold Clamp
    Abs Power Square Sqrt Exp Log GatedLinearUnit SpatialConvolution
    SpatialFullConvolution SpatialDilatedConvolution
    SpatialDepthWiseConvolution SpatialMaxPooling SpatialMaxUnpooling SpatialAveragePooling
    SpatialAdaptiveMaxPooling SpatialAdaptiveAveragePooling
    SpatialZeroPadding SpatialUpSamplingNearest SpatialSoftMax
    SpatialLogSoftMax TemporalConvolution TemporalMaxPooling
    BatchNormalization SpatialBatchNormalization LayerNormalization
    GroupNormalization InstanceNormalization RNN LSTM GRU Attention
    MultiHeadAttention MSECriterion WeightedMSECriterion AbsCriterion
    SmoothL1Criterion BCECriterion BCEWithLogitsCriterion ClassNLLCriterion
    CrossEntropyCriterion SpatialClassNLLCriterion DistKLDivCriterion
    MarginCriterion SoftMarginCriterion MultiMarginCriterion
    MultiLabelMarginCriterion MultiLabelSoftMarginCriterion
    HingeEmbeddingCriterion L1HingeEmbeddingCriterion
    CosineEmbeddingCriterion MarginRankingCriterion L1Cost ParallelCriterion
    MultiCriterion ModuleCriterion CTCCriterion Ternary Binary KAF KAF2D
    Activation Lagrangian LIdentity LRepu LRelu LSoftmax LExp LRexp LSigmoid
    LTanh LLayerNorm LSphericalNorm HAM functional init transform
    without_apply_rng gModule Jacobian StochasticGradient]],
  optim = [[
    sgd nag asgd adam adamw adamax nadam radam adagrad adadelta rmsprop
    rprop lion adabelief lamb lbfgs lswolfe cg clip_grad_norm clip_grad_value ema schedule
    Logger ConfusionMatrix checkgrad]],
  autograd = [[
    grad value_and_grad vjp jvp vmap jit jacobian hessian custom_vjp
    custom_jvp stop_gradient checkpoint gradcheck functionalize cond
    while_loop scan fori tree static outside jit_info]],
  random = [[
    key split fold_in normal uniform bernoulli permutation truncated_normal]],
  data = [[
    mnist fashion_mnist fetch loader TensorDataset concat subset split map
    cache batch images csv records two_moons spirals noisy_cosine read write
    Checkpoint]],
  plot = [[
    line scatter bar hist image grid heatmap kaf confusion term save]],
}
