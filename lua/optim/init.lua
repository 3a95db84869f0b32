-- optim: optimizers with Torch7's calling convention,
--   x, {fx} = optim.NAME(opfunc, x, config, state)
-- opfunc(x) returns the loss and its gradient; x is updated in place and
-- returned; config holds the options, state (config, when it is left out) what
-- the optimizer keeps.  x and the gradient may be trees of tensors.
-- A file is loaded when one of its names is first used.

local optim = {}
package.loaded['optim'] = optim

local files = {}

local function list (file, names)
  for name in names:gmatch '%S+' do files[name] = file or 'optim.' .. name end
end

list(nil, [[sgd nag asgd nadam radam adamax adagrad adadelta rmsprop rprop
  lion adabelief lamb]])
list('optim.adam', 'adam adamw')
list('optim.clip', 'clip_grad_norm clip_grad_value')
list(nil, 'Logger ConfusionMatrix')
list(nil, 'lbfgs lswolfe cg ema schedule checkgrad')

return setmetatable(optim, {
  __index = function (self, name)
    local file = files[name]
    if not file then
      local near = type(name) == 'string'
                   and require 'nnlua.nearest'(name, files)
      if not near then return nil end
      error(("optim has no '%s'; did you mean optim.%s"):format(name, near),
            2)
    end
    local value = require(file)
    if type(value) == 'table' and value[name] ~= nil then
      value = value[name]
    end
    rawset(self, name, value)
    return value
  end,
  __pairs = function (self)
    for name in pairs(files) do local _ = self[name] end
    return next, self, nil
  end,
})
