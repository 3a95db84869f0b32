-- nn.transform while its function runs: the modules' names, their parameters
-- in the tree that init makes and apply is given, and the keys of the noise.
local torch = require 'torch'
local core = require 'nnlua.core'
local random = require 'random'
local native = require 'nn.native'
local parameters = require 'nn.own_parameters'
local record = require 'nn.record'
local errors = require 'nn.errors'
local flat = require 'autograd.flat'
local dense = require 'nn.transform_dense'

local Context = {}
Context.__index = Context

-- 'nn.SpatialConvolution' -> 'spatial_convolution'
local function base_name (module)
  if torch.isTypeOf(module, 'nn.Dense') then return 'linear' end
  local name = torch.typename(module):match '([^.]+)$':gsub('ReLU', 'Relu')
               :gsub('^PR', 'Pr')
  return (name:gsub('(%l)(%u)', '%1_%2'):gsub('(%u)(%u%l)', '%1_%2'):lower())
end

-- The name is fixed when it is first needed, so that named() comes in time;
-- numbers are given in the order of construction.
function Context:register (module)
  local scope = self.scopes[#self.scopes]
  local base = base_name(module)
  local n = scope.counts[base] or 0
  scope.counts[base] = n + 1
  local entry = {scope = scope, base = base, number = n}
  self.names[module] = entry
  module.transformed = true -- used elsewhere it is refused
  entry.reset = module.reset
  if entry.reset then
    module.reset = function (m, ...)
      entry.arguments = table.pack(...)
      self:draw(entry, m)
      return m
    end
  end
end

-- Draws the module's parameters, from the key if there is one.  The generator
-- changes only where init has no key: apply's modules get parameters, and what
-- is constructed with a key is drawn again from it.
function Context:draw (entry, module, key)
  local args = entry.arguments or {n = 0}
  if self.drawing or self.initialising and not self.key then
    entry.reset(module, table.unpack(args, 1, args.n))
    return
  end
  self.drawing = true -- a module may draw those in it, from the same stream
  local ok, text = pcall(core.random_within, key or random.key(0), entry.reset,
                         module, table.unpack(args, 1, args.n))
  self.drawing = nil
  if not ok then error(text, 0) end
end

function Context:rename (module, name)
  local entry = self.names[module]
  if not entry then return end -- made outside
  local counts = entry.scope.counts
  if counts[entry.base] == entry.number + 1 then -- the number is free again
    counts[entry.base] = entry.number
  end
  entry.given = name
end

function Context:name (module)
  local entry = self.names[module]
  if not entry then return nil end
  local name = entry.given or entry.base
               .. (entry.number > 0 and '_' .. entry.number or '')
  return entry.scope.prefix .. name
end

-- A key that is used once.
function Context:next_key (module)
  if not self.key and self.initialising then
    errors.fail(module, 'draws random numbers, but init got no key: '
                .. 'init(random.key(seed), ...)')
  end
  if not self.key then
    errors.fail(module, 'draws random numbers, but apply got no key: '
                .. 'apply(params, random.key(seed), ...), without '
                .. 'nn.without_apply_rng, or evaluate() the module')
  end
  local key
  self.key, key = random.split(self.key)
  return key
end

local function same_sizes (t, sizes)
  local same = t:dim() == #sizes
  for d, n in ipairs(sizes) do same = same and t:size(d) == n end
  return same
end

-- params[name][field] of apply: a float tensor of these sizes.
function Context:given (name, field, sizes)
  local fields = self.params[name]
  local value = type(fields) == 'table' and fields[field]
  if value == nil or value == false then
    errors.raise('nn.transform: apply: the parameters have no %s.%s; they '
                 .. 'must come from init of the same function', name, field)
  end
  if not torch.isTensor(value) or not value:dtype():find '^float'
     or not same_sizes(value, sizes) then
    errors.raise('nn.transform: apply: the parameter %s.%s is %s; a float '
                 .. 'tensor [%s] was expected, as init of the same function '
                 .. 'makes it', name, field, flat.describe(value),
                 table.concat(sizes, ' x '))
  end
  return value
end

-- params[name][field]: made by `make` when initialising.
function Context:get (name, field, sizes, make)
  if not self.initialising then return self:given(name, field, sizes) end
  local fields = self.params[name]
  if not fields then
    fields = {}
    self.params[name] = fields
    self.order[#self.order + 1] = name
  end
  if fields[field] == nil then fields[field] = make() end
  return fields[field]
end

-- The size of inputs that the layer's w is for, if there is one: an input of
-- another size is the caller's mistake, not the parameters'.
function Context:inputs (name, nin)
  local fields = self.params[name]
  local w = type(fields) == 'table' and fields.w
  return torch.isTensor(w) and w:dim() == 2 and w:size(1) or nin
end

-- The output of a module that has its parameters.
local function output (module, ...)
  if module.compute then return module:compute(...) end
  if #module:children() > 0 then
    errors.fail(module, 'it is written with updateOutput and holds other '
                .. 'modules, which then get no parameters of nn.transform; '
                .. 'write compute(input) instead')
  end
  if core.tracing() then return native.custom(module, ...) end
  native.fill(module)
  return module:updateOutput(...)
end

local leave = {__close = function (self)
  self.scopes[#self.scopes] = nil
end}

-- The module's output with the parameters of the context.
function Context:forward (module, ...)
  local name = self:name(module)
  if not name then
    module:check_inside()
    return output(module, ...) -- made outside
  end
  if torch.typename(module) == 'nn.Dense'
     or torch.typename(module) == 'nn.Linear' then
    return dense(self, module, name, (...))
  end
  local scope = {prefix = name .. '/', counts = {}}
  self.scopes[#self.scopes + 1] = scope
  local guard <close> = setmetatable( -- luacheck: ignore 211
    {scopes = self.scopes}, leave)
  local own = parameters.own_names(module)
  if #own == 0 then return output(module, ...) end
  local entry = self.names[module]
  if self.key and self.initialising and entry.reset
     and not self.params[name] then
    self:draw(entry, module, self:next_key(module))
  end
  local entries, values = {}, {}
  for i, field in ipairs(own) do
    entries[i] = {module = module, name = field}
    local own_value = module[field]
    values[i] = self:get(name, field, own_value:size():totable(), function ()
      return own_value:clone()
    end)
  end
  return record.with(entries, values, output, module, ...)
end

return Context
