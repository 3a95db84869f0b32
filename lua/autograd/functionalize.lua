-- autograd.functionalize: a module's forward as a pure function.
local record = require 'nn.record'

-- Parameters stand in a list with one table of fields for each module that has
-- any, in the order of listModules.
return function (model)
  if type(model) ~= 'table' or type(model.listModules) ~= 'function' then
    error('functionalize: argument #1: a module expected, got '
          .. type(model), 3)
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
    local tensors = {}
    for i, where in ipairs(place) do
      local fields = p[where[1]]
      local value = fields and fields[where[2]]
      if value == nil then
        error(('functionalize: the parameters have no [%d].%s')
              :format(where[1], where[2]), 2)
      end
      tensors[i] = value
    end
    return record.with(entries, tensors, run, model, ...)
  end
  return f, params
end
