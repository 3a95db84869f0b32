-- flax's names for what has another one here, with our arguments in our order:
-- images are [batch x channels x height x width], a momentum is the weight of
-- the new value.
--   LayerNorm(n[, eps = 1e-6[, affine]])     eps is added to the variance
--   GroupNorm, InstanceNorm, BatchNorm       ...Normalization
--   Conv, ConvTranspose                      SpatialConvolution,
--                                            SpatialFullConvolution
--   Embed, SimpleCell                        LookupTable, RNNCell
--   MultiHeadDotProductAttention             MultiHeadAttention
-- nn.relu and the like are nn.functional's, nn.initializers is nn.init.

local errors = require 'nn.errors'
local maker = require 'nn.maker'
local nn = require 'nn'

local function layer_norm (n, eps, affine)
  eps = eps or 1e-6
  if type(eps) ~= 'number' or eps < 0 or eps ~= eps then
    errors.raise('nn.LayerNorm: eps: a number of at least 0 expected, got %s',
                 errors.shape(eps))
  end
  local layer = nn.LayerNormalization(n, 0, nil, affine)
  layer.eps = eps * maker.product(layer.sizes)
  return layer
end

return {
  LayerNorm = layer_norm, BatchNorm = nn.BatchNormalization,
  GroupNorm = nn.GroupNormalization, InstanceNorm = nn.InstanceNormalization,
  Conv = nn.SpatialConvolution, ConvTranspose = nn.SpatialFullConvolution,
  Embed = nn.LookupTable, SimpleCell = nn.RNNCell,
  MultiHeadDotProductAttention = nn.MultiHeadAttention,
  initializers = nn.init,
}
