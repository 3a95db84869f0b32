-- What all optimizers ask of the arguments that they are called with.

local torch = require 'torch'
local errors = require 'nn.errors'

local M = {}

-- Can f be called?  (A tensor's metatable has a __call as well.)
function M.callable (f)
  if type(f) == 'function' then return true end
  local meta = debug.getmetatable(f)
  return meta ~= nil and meta.__call ~= nil and not torch.isTensor(f)
end

-- Refuses what can't be called.
function M.opfunc (name, opfunc)
  if not M.callable(opfunc) then
    errors.raise('optim.%s: argument #1 (opfunc): a function that returns '
                 .. 'the loss and its gradient expected, got %s', name,
                 errors.shape(opfunc))
  end
end

-- The arguments of a call of Torch7's form.
function M.check (name, opfunc, x, config, state)
  M.opfunc(name, opfunc)
  if not torch.isTensor(x) and type(x) ~= 'table' then
    errors.raise('optim.%s: argument #2 (x): a tensor of parameters expected, '
                 .. 'got %s', name, errors.shape(x))
  end
  if config ~= nil and type(config) ~= 'table' then
    errors.raise('optim.%s: argument #3 (config): a table of options '
                 .. 'expected, got %s', name, errors.shape(config))
  end
  if state ~= nil and type(state) ~= 'table' then
    errors.raise('optim.%s: argument #4 (state): a table expected, {} to '
                 .. 'begin with, got %s', name, errors.shape(state))
  end
end

return M
