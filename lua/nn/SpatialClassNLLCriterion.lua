-- nn.SpatialClassNLLCriterion([weights[, sizeAverage[, ignoreIndex]]]):
-- nn.ClassNLLCriterion for x [n x C x h x w] and labels [n x h x w].

local torch = require 'torch'
require 'nn.ClassNLLCriterion'

return (torch.class('nn.SpatialClassNLLCriterion', 'nn.ClassNLLCriterion',
                    require 'nn'))
