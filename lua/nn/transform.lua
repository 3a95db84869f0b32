-- nn.transform, as Haiku's: a function that makes and calls modules becomes a
-- pair of pure functions.
--
--   local net = nn.transform(function (x)
--     return nn.Linear(10)(nn.ReLU()(nn.Linear(64)(x)))
--   end)
--   local x = torch.zeros(5, 3)
--   local params = net.init(random.key(0), x)      -- {linear = {w =, b =}, ...}
--   local y = net.apply(params, nil, x)            -- a key where noise is drawn
--
-- Inside, each module that is constructed gets a name: its class in lower
-- case, numbered as constructed (linear, linear_1), or what m:named 'head'
-- says; modules made while another one computes get that one's name before a
-- slash.  A module's parameters are params[name]: for dense layers w [inputs x
-- outputs], drawn from N(0, 1/inputs) cut at two deviations, and b of zeros;
-- for others the fields that are its parameters, as constructed.

local torch = require 'torch'
local Module = require 'nn.Module'
local record = require 'nn.record'
local errors = require 'nn.errors'

local M = {}

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
  self.names[module] = {scope = scope, base = base, number = n}
  module.transformed = true -- used elsewhere it is refused
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
  self.key, key = require 'random'.split(self.key)
  return key
end

-- params[name][field]: made by `make` when initialising.
function Context:get (name, field, make)
  local fields = self.params[name]
  if self.initialising then
    if not fields then
      fields = {}
      self.params[name] = fields
      self.order[#self.order + 1] = name
    end
    if fields[field] == nil then fields[field] = make() end
  elseif not fields or fields[field] == nil then
    errors.raise('nn.transform: apply: the parameters have no %s.%s; they '
                 .. 'must come from init of the same function', name, field)
  end
  return fields[field]
end

local function dense (self, module, name, x)
  local n, nin = x:dim(), x:size(x:dim())
  local options = {dtype = x:dtype()}
  local w = self:get(name, 'w', function ()
    local z = require 'random'.truncated_normal(self:next_key(module), -2, 2,
                                                {nin, module.nout}, options)
    return z / math.sqrt(nin)
  end)
  if w:size(1) ~= nin then
    errors.fail(module, 'expected [*, %d], got %s', w:size(1),
                errors.shape(x))
  end
  local y = n == 2 and x * w or x:reshape(x:nElement() // nin, nin) * w
  if module.with_bias then
    y = y + self:get(name, 'b', function ()
      return torch.zeros(module.nout, options)
    end)
  end
  if n == 2 then return y end
  local sizes = x:size():totable()
  sizes[n] = module.nout
  return y:view(table.unpack(sizes))
end

local leave = {__close = function (self)
  self.scopes[#self.scopes] = nil
end}

-- The module's output with the parameters of the context.
function Context:forward (module, ...)
  local name = self:name(module)
  if not name then
    module:check_inside()
    return module:compute(...) -- made outside
  end
  if torch.typename(module) == 'nn.Dense'
     or torch.typename(module) == 'nn.Linear' then
    return dense(self, module, name, (...))
  end
  local scope = {prefix = name .. '/', counts = {}}
  self.scopes[#self.scopes + 1] = scope
  local guard <close> = setmetatable( -- luacheck: ignore 211
    {scopes = self.scopes}, leave)
  local own = record.own_names(module)
  if #own == 0 then return module:compute(...) end
  local entries, values = {}, {}
  for i, field in ipairs(own) do
    entries[i] = {module = module, name = field}
    values[i] = self:get(name, field, function ()
      return module[field]:clone()
    end)
  end
  return record.with(entries, values, module.compute, module, ...)
end

local restore = {__close = function (saved)
  Module.context = saved[1]
end}

local function run (f, context, ...)
  context.names = setmetatable({}, {__mode = 'k'})
  context.scopes = {{prefix = '', counts = {}}}
  local saved <close> = setmetatable( -- luacheck: ignore 211
    {Module.context}, restore)
  Module.context = setmetatable(context, Context)
  local results = table.pack(f(...))
  return results
end

local function check_key (what, key)
  if key ~= nil and not torch.isTensor(key) then
    errors.raise('nn.transform: %s: a key of random.key(seed) expected, got '
                 .. '%s', what, errors.shape(key))
  end
end

-- nn.transform(f) -> {init = function (key, ...) -> params,
--                     apply = function (params, key, ...) -> f's results}
function M.transform (f)
  if type(f) ~= 'function' then
    errors.raise('nn.transform: argument #1: a function expected, got %s',
                 errors.shape(f))
  end
  local t = {}
  function t.init (key, ...)
    check_key('init', key)
    local context = {initialising = true, params = {}, order = {}, key = key}
    run(f, context, ...)
    return context.params, context.order
  end
  function t.apply (params, key, ...)
    if type(params) ~= 'table' then
      errors.raise('nn.transform: apply: the parameters that init made '
                   .. 'expected, got %s', errors.shape(params))
    end
    check_key('apply', key)
    local results = run(f, {params = params, key = key}, ...)
    return table.unpack(results, 1, results.n)
  end
  return t
end

-- The same with apply(params, ...), for functions that draw no noise.
function M.without_apply_rng (t)
  return {init = t.init, apply = function (params, ...)
    return t.apply(params, nil, ...)
  end}
end

return M
