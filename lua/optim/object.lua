-- Optimizers as objects over parameter trees:
--   local opt = optim.adam {learningRate = 1e-3}
--   local params, grads = {w = torch.ones(2)}, {w = torch.ones(2)}
--   opt:init(params)
--   opt:update(params, grads)        -- params change in place and are returned
-- Both work inside autograd.jit too.  The options are opt.config, which may
-- change between updates; what it keeps is opt.state.

local torch = require 'torch'
local errors = require 'nn.errors'

local Optimizer = {}
Optimizer.__index = Optimizer

local function leaves (name, what, tree)
  if not torch.isTensor(tree) and type(tree) ~= 'table' then
    errors.raise('optim.%s: %s: a tensor or a tree of tensors expected, got '
                 .. '%s', name, what, errors.shape(tree))
  end
  return torch.isTensor(tree) and {tree}
         or require 'autograd'.tree.leaves(tree)
end

-- Begins anew, for these parameters.  Returns the object.
function Optimizer:init (params)
  self.sizes, self.state = {}, {}
  for i, p in ipairs(leaves(self.name, 'params', params)) do
    self.sizes[i] = p:size()
  end
  return self
end

-- Changes params by grads, a tree like it, and returns params.
function Optimizer:update (params, grads)
  if not self.sizes then
    errors.raise('optim.%s: update: call opt:init(params) first', self.name)
  end
  local list = leaves(self.name, 'params', params)
  local function differ (i, got)
    errors.raise('optim.%s: update: parameter %d is %s, opt:init was called '
                 .. 'for %s', self.name, i, got,
                 self.sizes[i] and torch.isStorage(self.sizes[i])
                 and '[' .. table.concat(self.sizes[i]:totable(), ' x ') .. ']'
                 or 'none')
  end
  for i, p in ipairs(list) do
    local size = self.sizes[i]
    if not size or not p:isSize(size) then differ(i, errors.shape(p)) end
  end
  if #list < #self.sizes then differ(#list + 1, 'missing') end
  self.step(function () return 0, grads end, params, self.config, self.state)
  return params
end

function Optimizer:__tostring ()
  return ('optim.%s {learningRate = %s}'):format(self.name,
    tostring(self.config.learningRate or 'default'))
end

return function (name, step, config)
  return setmetatable({name = name, step = step, config = config}, Optimizer)
end
