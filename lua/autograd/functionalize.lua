-- autograd.functionalize: a module's forward as a pure function.
local core = require 'nnlua.core'
local record = require 'nn.record'
local flat = require 'autograd.flat'

local function same_sizes (a, b)
  local same = a:dim() == b:dim()
  for d = 1, same and a:dim() or 0 do same = same and a:size(d) == b:size(d) end
  return same
end

-- params[at][name], which must be a float tensor like the module's own.
local function parameter (params, at, name, own)
  local fields = params[at]
  local value
  if type(fields) == 'table' then value = fields[name] end
  if value == nil then
    flat.fail('functionalize: the parameters have no [%d].%s', at, name)
  end
  if not core.torch.isTensor(value) or not value:dtype():find '^float'
     or not same_sizes(value, own) then
    flat.fail("functionalize: the parameter [%d].%s is %s, the module's own "
              .. '%s; parameters are trees like the second result', at, name,
              flat.describe(value), flat.describe(own))
  end
  return value
end

-- Parameters stand in a list with one table of fields for each module that has
-- any, in the order of listModules.
return function (model)
  if type(model) ~= 'table' or type(model.listModules) ~= 'function' then
    flat.fail('functionalize: argument #1: a module expected, got %s',
              flat.describe(model))
  end
  local entries = record.entries(model)
  local params, place, of = {}, {}, {}
  for i, entry in ipairs(entries) do
    local at = of[entry.module]
    if not at then
      at = #params + 1
      of[entry.module] = at
      params[at] = {}
    end
    params[at][entry.name] = entry.module[entry.name]
    place[i] = {at, entry.name}
  end
  local run = model.compute or model.forward
  local function f (p, ...)
    if type(p) ~= 'table' then
      flat.fail('functionalize: argument #1: the tree of parameters expected, '
                .. 'got %s', flat.describe(p))
    end
    local tensors = {}
    for i, where in ipairs(place) do
      local entry = entries[i]
      tensors[i] = parameter(p, where[1], where[2], entry.module[entry.name])
    end
    return record.with(entries, tensors, run, model, ...)
  end
  return f, params
end
