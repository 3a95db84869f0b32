-- nn.Sequential(...): modules one after the other, each getting what the one
-- before it gives.  Built from its arguments or by add().
--   local net = nn.Sequential(nn.Dense(784, 64), nn.ReLU(), nn.Dense(64, 10))

local torch = require 'torch'
local errors = require 'nn.errors'
require 'nn.Container'

local Sequential = torch.class('nn.Sequential', 'nn.Container',
                               require 'nn')

Sequential.compute = errors.loop(function (self, input)
  local modules, x = self.modules, input
  for i = 1, #modules do x = modules[i]:forward(x) end
  return x
end)

-- The input of the i-th module.
local function input_of (self, input, i)
  if i == 1 then return input end
  return self.modules[i - 1].output
end

-- Calls f(module, its input, gradOutput) for the modules, last one first;
-- what it returns is the gradOutput of the module before.
local walk = errors.loop(function (self, input, gradOutput, f)
  if #self.modules > 1 then errors.ran(self) end
  local g, modules = gradOutput, self.modules
  for i = #modules, 1, -1 do
    g = f(modules[i], input_of(self, input, i), g)
  end
  return g
end)

function Sequential:backward (input, gradOutput, scale)
  self.gradInput = walk(self, input, gradOutput, function (module, x, g)
    return module:backward(x, g, scale)
  end)
  return self.gradInput
end

function Sequential:updateGradInput (input, gradOutput)
  self.gradInput = walk(self, input, gradOutput, function (module, x, g)
    return module:updateGradInput(x, g)
  end)
  return self.gradInput
end

-- After updateGradInput, which left each module's gradInput.
function Sequential:accGradParameters (input, gradOutput, scale)
  walk(self, input, gradOutput, function (module, x, g)
    local gradInput = module.gradInput
    module:accGradParameters(x, g, scale)
    return gradInput
  end)
end

require 'nn.repeated'(Sequential)

function Sequential:accUpdateGradParameters (input, gradOutput, lr)
  walk(self, input, gradOutput, function (module, x, g)
    local gradInput = module.gradInput
    module:accUpdateGradParameters(x, g, lr)
    return gradInput
  end)
end

function Sequential:__tostring__ ()
  local path = {'[input'}
  for i = 1, #self.modules do path[#path + 1] = ('(%d)'):format(i) end
  path[#path + 1] = 'output]'
  return self:describe(table.concat(path, ' -> '))
end

return Sequential
