-- A dense layer inside nn.transform: w [inputs x outputs] from N(0, 1/inputs),
-- cut at two deviations, and b of zeros.  self: the context.

local torch = require 'torch'
local errors = require 'nn.errors'

return function (self, module, name, x)
  local n = torch.isTensor(x) and x:dim() or 0
  local nin = n > 0 and x:size(n) or 0
  if nin == 0 then
    errors.fail(module, 'expected [*, inputs], got %s', errors.shape(x))
  end
  local dtype = x:dtype():match '^float.*'
  local options = {dtype = dtype or torch.getdefaultdtype()}
  local wanted = self:inputs(name, nin)
  local w = self:get(name, 'w', {wanted, module.nout}, function ()
    local z = require 'random'.truncated_normal(self:next_key(module), -2, 2,
                                                {nin, module.nout}, options)
    return z / math.sqrt(nin)
  end)
  if wanted ~= nin then
    errors.fail(module, 'expected [*, %d], got %s', wanted, errors.shape(x))
  end
  local y = n == 2 and x * w or x:reshape(x:nElement() // nin, nin) * w
  if module.with_bias then
    y = y + self:get(name, 'b', {module.nout}, function ()
      return torch.zeros(module.nout, options)
    end)
  end
  if n == 2 then return y end
  local sizes = x:size():totable()
  sizes[n] = module.nout
  return y:view(table.unpack(sizes))
end
