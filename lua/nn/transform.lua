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
-- for others the fields that are its parameters, drawn as its class does, from
-- init's key.

local torch = require 'torch'
local core = require 'nnlua.core'
local Module = require 'nn.Module'
local errors = require 'nn.errors'
local flat = require 'autograd.flat'
local Context = require 'nn.transform_context'

local M = {}

local restore = {__close = function (saved)
  Module.context = saved[1]
end}

local function within (f, context, ...)
  context.names = setmetatable({}, {__mode = 'k'})
  context.scopes = {{prefix = '', counts = {}}}
  local saved <close> = setmetatable( -- luacheck: ignore 211
    {Module.context}, restore)
  Module.context = setmetatable(context, Context)
  return f(...) -- no tail call: saved is closed after it
end

-- f(...) with that context, which no yield and no error leaves behind.
local function run (...)
  return core.enclosed(within, ...)
end

local function check_key (what, key)
  if key ~= nil and not (torch.isTensor(key) and key:dim() == 1
                         and key:size(1) == 2) then
    errors.raise('nn.transform: %s: a key of random.key(seed) expected, got '
                 .. '%s', what, errors.shape(key))
  end
end

-- nn.transform(f) -> {init = function (key, ...) -> params,
--                     apply = function (params, key, ...) -> f's results}
function M.transform (f)
  if not flat.is_callable(f) then
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
    return run(f, {params = params, key = key}, ...)
  end
  return t
end

-- The same with apply(params, ...), for functions that draw no noise.
function M.without_apply_rng (t)
  if type(t) ~= 'table' or type(t.init) ~= 'function'
     or type(t.apply) ~= 'function' then
    errors.raise('nn.without_apply_rng: argument #1: what nn.transform(f) '
                 .. 'made expected, got %s', errors.shape(t))
  end
  return {init = t.init, apply = function (params, ...)
    return t.apply(params, nil, ...)
  end}
end

return M
