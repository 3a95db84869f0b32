-- Pieces of random programs (../programs.lua): draws from the generator, which
-- are others at each call; under vmap each example has its own.
local torch = require 'torch'
local core = require 'nnlua.core'
local nn = require 'nn'

local dropout = nn.Dropout(0.3)

return {
  normal = function (x) return x / 2 + torch.randn(6):double() / 4 end,
  uniform = function (x) return torch.cmul(x, torch.rand(6):double()) end,
  mask = function (x)
    return torch.cmul(x, torch.bernoulli(torch.zeros(6):double() + 0.6))
  end,
  number = function (x) return x * torch.uniform() end,
  states = function (x)
    return core.states(x, -0.4, 0.3, 0.5, 0, -1, true) / 2 + x / 3
  end,
  dropout = function (x) return dropout:forward(x) / 2 end,
  filled = function (x)
    local z = x:clone()
    z:narrow(1, 3, 2):uniform()
    return z
  end,
  permutation = function (x) return x:index(1, torch.randperm(6):long()) end,
}
