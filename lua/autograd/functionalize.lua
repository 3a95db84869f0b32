-- autograd.functionalize: a module's forward as a pure function.
--
-- Parameters that share memory (a clone with 'weight', a decoder whose weight
-- is the encoder's transposed) are one leaf, where the first of them stands:
-- as two, an update of the tree would part them.
local core = require 'nnlua.core'
local parameters = require 'nn.own_parameters'
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

-- The tensor's memory as a text, the same for all its transposes, and its
-- dimensions in the order of their strides.
local function memory (t)
  local order, words = {}, {core.storage_id(t), t:storageOffset()}
  for d = 1, t:dim() do order[d] = d end
  table.sort(order, function (a, b)
    if t:stride(a) ~= t:stride(b) then return t:stride(a) > t:stride(b) end
    return t:size(a) > t:size(b)
  end)
  for _, d in ipairs(order) do
    words[#words + 1] = t:size(d)
    words[#words + 1] = t:stride(d)
  end
  return table.concat(words, ' '), order
end

-- The dimensions of `leaf` in the order that shows it as a tensor of the same
-- memory whose order is `order`; nil where nothing changes.
local function permutation (leaf, order)
  local dims, changes = {}, false
  for k, d in ipairs(order) do
    dims[d] = leaf[k]
    changes = changes or d ~= leaf[k]
  end
  return changes and dims or nil
end

-- Where the entries' tensors stand in the tree that is made of them: lists
-- {at, name, dimensions to permute, own tensor}.
local function leaves (entries)
  local params, places, of, first = {}, {}, {}, {}
  for i, entry in ipairs(entries) do
    local at = of[entry.module]
    if not at then
      at = #params + 1
      of[entry.module], params[at] = at, {}
    end
    local own = entry.module[entry.name]
    local key, order = memory(own)
    local leaf = own:nElement() > 0 and first[key]
    if leaf then
      places[i] = {leaf.at, leaf.name, permutation(leaf.order, order),
                   leaf.own}
    else
      first[key] = {at = at, name = entry.name, order = order, own = own}
      params[at][entry.name] = own
      places[i] = {at, entry.name, nil, own}
    end
  end
  return params, places
end

-- Parameters stand in a list with one table of fields for each module that has
-- any, in the order of listModules.
return function (model)
  if type(model) ~= 'table' or type(model.listModules) ~= 'function' then
    flat.fail('functionalize: argument #1: a module expected, got %s',
              flat.describe(model))
  end
  local entries = parameters.entries(model)
  local params, places = leaves(entries)
  local run = model.compute or model.forward
  local function f (p, ...)
    if type(p) ~= 'table' then
      flat.fail('functionalize: argument #1: the tree of parameters expected, '
                .. 'got %s', flat.describe(p))
    end
    local tensors = {}
    for i, place in ipairs(places) do
      local t = parameter(p, place[1], place[2], place[4])
      tensors[i] = place[3] and t:permute(table.unpack(place[3])) or t
    end
    return record.with(entries, tensors, run, model, ...)
  end
  return f, params
end
