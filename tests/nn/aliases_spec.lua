-- flax's names for classes and functions.

require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'

describe('names of flax', function ()
  it('are our classes', function ()
    for name, ours in pairs {
      BatchNorm = 'BatchNormalization', GroupNorm = 'GroupNormalization',
      InstanceNorm = 'InstanceNormalization', Conv = 'SpatialConvolution',
      ConvTranspose = 'SpatialFullConvolution', Embed = 'LookupTable',
      SimpleCell = 'RNNCell', initializers = 'init',
      MultiHeadDotProductAttention = 'MultiHeadAttention',
    } do
      assert.equal(nn[ours], nn[name], name)
    end
    assert.equal('nn.SpatialConvolution',
                 torch.typename(nn.Conv(1, 2, 3, 3)))
    for _, name in ipairs {'Dense', 'LSTMCell', 'GRUCell'} do
      assert.equal('nn.' .. name, torch.typename(nn[name](2, 2)))
    end
  end)

  it('LayerNorm: eps is added to the variance', function ()
    local x = torch.DoubleTensor {{1, 3}, {-0.5, 2.5}}
    local y = nn.LayerNorm(2, 0.75):double():forward(x)
    assert.tensor_near(torch.DoubleTensor {{-1 / math.sqrt(1.75),
      1 / math.sqrt(1.75)}, {-1.5 / math.sqrt(3), 1.5 / math.sqrt(3)}}, y,
      1e-12, 1e-12)
    assert.is_nil(nn.LayerNorm(2, nil, false).weight)
    local ok, text = pcall(nn.LayerNorm, 2, -1)
    assert.is_false(ok)
    assert.truthy(text:find('nn.LayerNorm: eps: a number of at least 0 '
                            .. 'expected, got the number -1', 1, true))
  end)

  it('are functions', function ()
    local x = torch.DoubleTensor {{-2, -0.3, 0.4, 1.7}}
    local modules = {relu = nn.ReLU(), relu6 = nn.ReLU6(), gelu = nn.GELU(),
      leaky_relu = nn.LeakyReLU(), elu = nn.ELU(), selu = nn.SELU(),
      celu = nn.CELU(), silu = nn.SiLU(), swish = nn.Swish(),
      sigmoid = nn.Sigmoid(), log_sigmoid = nn.LogSigmoid(),
      tanh = nn.Tanh(), hard_tanh = nn.HardTanh(),
      hard_sigmoid = nn.HardSigmoid(), hard_swish = nn.HardSwish(),
      hard_silu = nn.HardSwish(), softplus = nn.SoftPlus(),
      soft_sign = nn.SoftSign(), softmax = nn.SoftMax(),
      log_softmax = nn.LogSoftMax(), glu = nn.GatedLinearUnit()}
    for name, m in pairs(modules) do
      assert.equal(nn.functional[name], nn[name])
      assert.tensor_equal(m:forward(x), nn[name](x))
    end
    for name, m in pairs {hard_shrink = nn.HardShrink(),
                          soft_shrink = nn.SoftShrink()} do
      assert.tensor_equal(m:forward(x), nn.functional[name](x))
    end
    local image = torch.randn(2, 3, 5, 4)
    assert.tensor_equal(nn.SpatialMaxPooling(2, 3, 1, 2):forward(image),
                        nn.max_pool(image, 2, 3, 1, 2))
    assert.tensor_equal(nn.SpatialAveragePooling(2, 2):forward(image),
                        nn.avg_pool(image, 2, 2))
  end)

  it('keep hints right', function ()
    for wrong, right in pairs {Relu = 'ReLU', Softmax = 'SoftMax',
                               layernorm = 'LayerNorm'} do
      local ok, text = pcall(function () return nn[wrong] end)
      assert.is_false(ok)
      assert.truthy(text:find(("nn has no '%s'; did you mean nn.%s")
                              :format(wrong, right), 1, true), text)
    end
  end)
end)
