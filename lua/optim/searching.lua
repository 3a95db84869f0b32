-- The objects of optimizers that evaluate where they choose (lbfgs, cg):
--   opt:update(params, f)                           f(params) -> loss, grads
--   opt:update(params, grads, {value = loss, value_and_grad = f})
-- run one call of Torch7's form; the second saves the evaluation at params.
-- lbfgs without a line search works with gradients alone, a step an update.

local errors = require 'nn.errors'

return function (name, known, step)
  local function call (self, opfunc, params)
    local _, losses = step(opfunc, params, self.config, self.state, 'object')
    return losses[1]
  end
  return {
    name = name, options = known, step = call,
    evaluates = function (self, params, grads, more)
      local f = more.value_and_grad
      if f == nil then
        if name == 'lbfgs' and not self.config.lineSearch then
          return require 'optim.quasi'(self, params, grads)
        end
        errors.raise('optim.%s: update: it searches along lines and has to '
                     .. 'evaluate: call opt:update(params, f), where f(params) '
                     .. 'returns the loss and the gradients', name)
      end
      local value = more.value
      return call(self, function (p)
        if value == nil then return f(p) end
        local first = value
        value = nil
        return first, grads
      end, params)
    end,
  }
end
