-- Makes an optimizer from what it does to one tensor.
--
-- define(name, spec) -> optim.NAME, with spec:
--   options   defaults by name (NONE for what has none)
--   counter   the field of state that counts finished updates
--   prepare(o, n, state) -> k    numbers for an update; n updates are done
--   before(x, s, k, o)           moves x before the gradient is taken
--   update(x, g, s, k, o)        changes x by its gradient g; s is its state
--   results(x, state, o)         more results, after x and {fx}
--
-- weightDecay may be a tree of numbers like x: a decay for each tensor.
-- Inside a transform (a jitted step) buffers are made outside of it, options
-- are read through autograd.static, and the counter is a tensor.  Powers of
-- numbers are torch.pow's, which gives traced numbers the same bits.

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'

local M = {}

M.NONE = {}

local tracing = core.tracing
local function autograd () return require 'autograd' end

local aliases = {lr = 'learningRate', wd = 'weightDecay',
                 weight_decay = 'weightDecay', lr_decay = 'learningRateDecay',
                 eps = 'epsilon', mom = 'momentum'}

local checked = setmetatable({}, {__mode = 'k'})

-- Mistyped options, told once for each table; other fields are the state's.
-- spec.options has the known ones as keys.
function M.check_names (name, spec, config)
  if checked[config] then return end
  for key in next, config do
    if type(key) == 'string' and spec.options[key] == nil then
      local known = aliases[key]
      if not (known and spec.options[known] ~= nil) then
        known = nil
        for option in next, spec.options do
          if option:lower() == key:lower():gsub('_', '') then
            known = option
          end
        end
      end
      if known then
        errors.raise('optim.%s: no option %s; did you mean %s', name, key,
                     known)
      end
    end
  end
  checked[config] = true
end

local function options_of (name, spec, config)
  M.check_names(name, spec, config)
  local o, static = {}, tracing() and autograd().static
  for key, default in next, spec.options do
    local value
    if static then value = static(config, key) else value = config[key] end
    if value == nil and default ~= M.NONE then value = default end
    if type(default) == 'number' and type(value) ~= 'number'
       and not torch.isTensor(value)
       and not (key == 'weightDecay' and type(value) == 'table') then
      errors.raise('optim.%s: %s: a number expected, got %s', name, key,
                   errors.shape(value))
    end
    o[key] = value
  end
  return o
end

-- state[key], a tensor of one number in float64, `value` when it is missing.
function M.scalar (state, key, value)
  state[key] = state[key] or autograd().outside(torch.full, {1}, value,
                                                {dtype = 'float64'})
  return state[key]
end

-- How many updates are done: a number, or inside a transform a traced one.
local function count (state, key)
  local n = state[key] or 0
  if type(n) == 'number' then
    if not tracing() then return n end
    state[key] = nil
    n = M.scalar(state, key, n)
  end
  return n[1]
end

local function advance (state, key)
  local n = state[key] or 0
  if type(n) == 'number' then state[key] = n + 1 else n:add(1) end
end

-- state[key], a tensor like x of `value`s (0) when it is missing.
function M.buffer (state, key, x, value)
  local t = state[key]
  if t == nil then
    t = autograd().outside(function ()
      return torch.full(x:size(), value or 0, {dtype = x:dtype()})
    end)
    state[key] = t
  end
  if not t:isSameSizeAs(x) then
    errors.raise('optim: argument #4 (state): it is of parameters %s, these '
                 .. 'are %s; begin with a new state {}', errors.shape(t),
                 errors.shape(x))
  end
  return t
end

local function check_call (name, opfunc, x, config)
  if type(opfunc) ~= 'function'
     and not (type(opfunc) == 'table' and getmetatable(opfunc)) then
    errors.raise('optim.%s: argument #1 (opfunc): a function that returns '
                 .. 'the loss and its gradient expected, got %s', name,
                 errors.shape(opfunc))
  end
  if not torch.isTensor(x) and type(x) ~= 'table' then
    errors.raise('optim.%s: argument #2 (x): a tensor of parameters '
                 .. 'expected, got %s', name, errors.shape(x))
  end
  if config ~= nil and type(config) ~= 'table' then
    errors.raise('optim.%s: argument #3 (config): a table of options '
                 .. 'expected, got %s', name, errors.shape(config))
  end
end

-- x, its gradient and its state as lists, for one tensor or a tree.
local function parts (name, x, g, state)
  if torch.isTensor(x) then
    if not torch.isTensor(g) or g:nElement() ~= x:nElement() then
      errors.raise('optim.%s: opfunc must return the loss and the gradient, '
                   .. 'a tensor like x %s; got %s', name, errors.shape(x),
                   errors.shape(g))
    end
    return {x}, {g}, {state}
  end
  if type(g) ~= 'table' then
    errors.raise('optim.%s: opfunc must return the loss and a tree of '
                 .. 'gradients like x; got %s', name, errors.shape(g))
  end
  local tree = autograd().tree
  local xs, gs = tree.leaves(x), tree.leaves(g)
  if #xs ~= #gs then
    errors.raise('optim.%s: x has %d tensors, its gradient %d', name, #xs,
                 #gs)
  end
  state.parts = state.parts or {}
  for i = 1, #xs do state.parts[i] = state.parts[i] or {} end
  return xs, gs, state.parts
end

local function states_of (x, state)
  if torch.isTensor(x) then return {x}, {state} end
  local xs = autograd().tree.leaves(x)
  state.parts = state.parts or {}
  for i = 1, #xs do state.parts[i] = state.parts[i] or {} end
  return xs, state.parts
end

function M.define (name, spec)
  spec.options.learningRate = spec.options.learningRate or 1e-3
  local counter = spec.counter or 't'
  local step
  function step (opfunc, x, config, state)
    if x == nil and type(opfunc) == 'table' and not getmetatable(opfunc) then
      M.check_names(name, spec, opfunc)
      if spec.before then
        errors.raise('optim.%s: as an object it has no opfunc to call where '
                     .. 'it looks ahead; use optim.sgd {nesterov = true, '
                     .. 'momentum = 0.9, dampening = 0}', name)
      end
      return require 'optim.object'(name, step, opfunc)
    end
    check_call(name, opfunc, x, config)
    config = config or {}
    state = state or config
    local o = options_of(name, spec, config)
    local k = spec.prepare(o, count(state, counter), state)
    if spec.before then
      local xs, ss = states_of(x, state)
      for i, p in ipairs(xs) do spec.before(p, ss[i], k, o) end
    end
    local fx, dfdx = opfunc(x)
    local xs, gs, ss = parts(name, x, dfdx, state)
    local decays = type(o.weightDecay) == 'table'
                   and autograd().tree.leaves(o.weightDecay)
    for i, p in ipairs(xs) do
      if decays then o.weightDecay = decays[i] end
      local g = gs[i]
      if not g:isSameSizeAs(p) then g = g:viewAs(p) end
      spec.update(p, g, ss[i], k, o)
    end
    advance(state, counter)
    if spec.results then return x, {fx}, spec.results(x, state, o) end
    return x, {fx}
  end
  return step
end

-- g with weightDecay * x added, in place where a vector gives the decays.
function M.decayed (g, x, o)
  local wd = o.weightDecay
  if o.weightDecays then return g:add(torch.cmul(o.weightDecays, x)) end
  if type(wd) == 'number' and wd == 0 then return g end
  return g:add(wd, x)
end

return M
