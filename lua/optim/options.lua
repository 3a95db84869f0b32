-- The options of optimizers: their names and bounds.  learningRate may be a
-- function of the number of the update (optim.schedule has some).

local torch = require 'torch'
local errors = require 'nn.errors'

local M = {}

M.NONE = {} -- the default of what has none

local inf = math.huge

-- name -> {least, most, whether most is left out, whether least is}
local finite = {0, inf, true}

local bounds = {
  learningRate = finite, learningRateDecay = finite, weightDecay = finite,
  momentum = finite, dampening = {-inf, inf, true, true},
  beta1 = {0, 1, true}, beta2 = {0, 1, true},
  epsilon = finite, rho = {0, 1},
  alpha = finite, lambda = finite, eta0 = finite, t0 = {0, inf},
  etaplus = {1, inf}, etaminus = {0, 1, true, true},
  stepsize = {0, inf, true, true}, stepsizemax = {0, inf, false, true},
  stepsizemin = {0, inf}, initialAccumulator = finite,
  initialMean = finite, momentumDecay = finite,
  maxIter = {1, inf}, maxEval = {1, inf}, tolFun = {0, inf},
  tolX = {0, inf}, nCorrection = {1, inf}, sig = {0, 1, true, true},
  int = {0, 1, true, true}, ext = {1, inf, true, true},
  ratio = {0, inf, false, true}, red = {0, inf, false, true},
  epsilonRoot = finite,
}

-- What some optimizer has; Torch7's scripts hand one table to any of them.
local others = {learningRates = 1, weightDecays = 1, nesterov = 1,
                amsgrad = 1, correctedEpsilon = 1, decoupled = 1,
                centered = 1, lineSearch = 1, lineSearchOptions = 1}

-- What they keep in a table that is config and state.
local counters = {t = 1, evalCounter = 1, funcEval = 1, nIter = 1}

local aliases = {lr = 'learningRate', wd = 'weightDecay',
                 weight_decay = 'weightDecay', lr_decay = 'learningRateDecay',
                 eps = 'epsilon', mom = 'momentum'}

local checked = setmetatable({}, {__mode = 'k'})

local function meant (key, options)
  local known = aliases[key]
  if known and options[known] ~= nil then return known end
  local list = {'groups'}
  for option in next, options do list[#list + 1] = option end
  table.sort(list)
  local plain = key:lower():gsub('_', '')
  for _, option in ipairs(list) do
    if option:lower() == plain then return option end
  end
  return require 'nnlua.nearest'(key, list)
end

-- Refuses names that are no options, once for each table.  Where config is
-- the state too (kept), or may be that of another optimizer, only those that
-- are near to an option's are.  `where` is '' or 'groups[1]: '.
function M.check_names (name, options, config, kind, where)
  if checked[config] then return end
  for key, value in pairs(config) do
    local plain = type(value) ~= 'table' and type(value) ~= 'userdata'
    if options[key] == nil and key ~= 'groups'
       and (kind == 'strict' or plain and type(key) == 'string'
            and not bounds[key] and not others[key] and not counters[key])
    then
      local near = type(key) == 'string' and meant(key, options)
      if near or kind ~= 'kept' then
        errors.raise('optim.%s: %sno option %s%s', name, where or '',
                     tostring(key),
                     near and ('; did you mean %s'):format(near) or '')
      end
    end
  end
  checked[config] = true
end

local function range (b)
  local text = b[2] == inf and b[3] and 'a finite number' or 'a number'
  if b[1] == -inf then return text end
  text = text .. (b[4] and ' above %g' or ' of at least %g'):format(b[1])
  if b[2] == inf then return text end
  return text .. (b[3] and ' and below %g' or ' and at most %g'):format(b[2])
end

-- Refuses a number out of bounds, NaN too.  Traced numbers pass.
function M.check_number (name, key, value, own, where)
  if type(value) ~= 'number' then
    if torch.isTensor(value) and value:nElement() == 1 then return end
    errors.raise('optim.%s: %s%s: a number expected, got %s', name,
                 where or '', key, errors.shape(value))
  end
  local b = own and own[key] or bounds[key]
  if b and not (value >= b[1] and value <= b[2]
                and not (b[3] and value == b[2])
                and not (b[4] and value == b[1])) then
    errors.raise('optim.%s: %s%s: %s expected, got %s', name, where or '',
                 key, range(b), tostring(value))
  end
end

-- table[key], guarded inside a transform.
function M.getter ()
  if not require 'nnlua.core'.tracing() then
    return function (t, key) return t[key] end
  end
  return require 'optim.live'.read
end

-- What `value` is for the update after n.
function M.at (key, value, n)
  if key == 'learningRate' and type(value) == 'function' then
    return value(n + 1)
  end
  return value
end

-- config's options with defaults, for the update after n; trees stay.
-- Second result: whether some option is a tree.
function M.read (name, spec, config, n)
  local get, o, trees = M.getter(), {}, false
  for key, default in next, spec.options do
    local value = M.at(key, get(config, key), n)
    if value == nil and default ~= M.NONE then value = default end
    if type(default) == 'number' then
      if type(value) == 'table' then
        trees = true
      else
        M.check_number(name, key, value, spec.bounds)
      end
    end
    o[key] = value
  end
  return o, trees
end

return M
