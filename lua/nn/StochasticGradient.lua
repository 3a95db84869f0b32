-- nn.StochasticGradient(module, criterion): Torch7's trainer, one example at a
-- time.  Fields: learningRate (0.01), learningRateDecay (0), maxIteration (25;
-- 0: without end), shuffleIndices (true), verbose (true), hookExample(self,
-- example), hookIteration(self, iteration, error).
--   trainer:train(dataset)   -- dataset[i] is {input, target}; #dataset, or
--                            -- dataset:size()

local torch = require 'torch'
local errors = require 'nn.errors'

local Trainer = torch.class('nn.StochasticGradient', nil, require 'nn')

function Trainer:__init (module, criterion)
  self.learningRate, self.learningRateDecay = 0.01, 0
  self.maxIteration, self.shuffleIndices, self.verbose = 25, true, true
  self.module, self.criterion = module, criterion
end

local function size_of (dataset)
  if type(dataset) == 'table' and type(dataset.size) == 'function' then
    return dataset:size()
  end
  if type(dataset) ~= 'table' then
    errors.raise('nn.StochasticGradient: train: a dataset expected, a table '
                 .. 'of {input, target} or one with a method size, got %s',
                 errors.shape(dataset))
  end
  return #dataset
end

-- Trains; returns the mean error of the last pass.
function Trainer:train (dataset)
  local n = size_of(dataset)
  if n == 0 then
    errors.raise('nn.StochasticGradient: train: the dataset is empty')
  end
  local rate, iteration = self.learningRate, 1
  local mean
  local order = self.shuffleIndices and torch.randperm(n)
  repeat
    local total = 0
    for k = 1, n do
      local example = dataset[order and math.tointeger(order[k]) or k]
      if type(example) ~= 'table' then
        errors.raise('nn.StochasticGradient: train: dataset[%d]: {input, '
                     .. 'target} expected, got %s', order
                     and math.tointeger(order[k]) or k, errors.shape(example))
      end
      local input, target = example[1], example[2]
      local output = self.module:forward(input)
      total = total + self.criterion:forward(output, target)
      self.module:updateGradInput(input,
        self.criterion:backward(output, target))
      self.module:accUpdateGradParameters(input, self.criterion.gradInput,
                                          rate)
      if self.hookExample then self.hookExample(self, example) end
    end
    mean = total / n
    if self.hookIteration then self.hookIteration(self, iteration, mean) end
    if self.verbose then print('# current error = ' .. mean) end
    iteration = iteration + 1
    rate = self.learningRate / (1 + (iteration - 1) * self.learningRateDecay)
  until self.maxIteration > 0 and iteration > self.maxIteration
  return mean
end

return Trainer
