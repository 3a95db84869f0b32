-- nn.SpatialConvolutionMM: Torch7's other name of nn.SpatialConvolution.

local torch = require 'torch'
require 'nn.spatial'

return (torch.class('nn.SpatialConvolutionMM', 'nn.SpatialConvolution',
                    require 'nn'))
