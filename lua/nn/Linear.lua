-- nn.Linear(nin, nout[, bias]): Torch7's name of nn.Dense.

local torch = require 'torch'
require 'nn.Dense'

return (torch.class('nn.Linear', 'nn.Dense', require 'nn'))
