-- plot.kaf: the functions that kernel activation functions have learned.

local figure = require 'plot.figure'
local values = require 'plot.values'
local check = require 'plot.options'

local M = {}

local function is_kaf (v)
  return type(v) == 'table' and v.alpha ~= nil and v.boundary ~= nil
         and (v.curves ~= nil or v.surfaces ~= nil)
end

-- The first KAF of a module.
local function find (v)
  if is_kaf(v) then return v end
  if type(v) == 'table' and type(v.listModules) == 'function' then
    for _, m in ipairs(v:listModules()) do
      if is_kaf(m) then return m end
    end
  end
  values.fail('kaf', 'an nn.KAF, or a module that holds one, expected, got %s',
              require 'torch'.typename(v) or type(v))
end

local function chosen (o, n)
  if o.units == nil then
    local list = {}
    for i = 1, math.min(n, 6) do list[i] = i end
    return list
  end
  local list = type(o.units) == 'number' and {o.units}
               or values.numbers('kaf', o.units)
  for _, i in ipairs(list) do
    if math.type(i) ~= 'integer' or i < 1 or i > n then
      values.fail('kaf', 'units: numbers from 1 to %d expected, got %g', n, i)
    end
  end
  if #list == 0 then values.fail('kaf', 'units: none is named') end
  return list
end

-- Rows of a tensor (units x points, or points) as series.
local function series (curves, xs, o)
  if curves:dim() == 1 then
    return {{x = xs, y = curves:totable(), label = 'shared'}}
  end
  local out = {}
  for _, i in ipairs(chosen(o, curves:size(1))) do
    out[#out + 1] = {x = xs, y = curves:select(1, i):totable(),
                     label = 'unit ' .. i}
  end
  return out
end

-- Functions of two inputs: a picture of each.
local function surfaces (kaf, x, o)
  local all, n = kaf:surfaces(x), x:size(1)
  local up = require 'torch'.range(n, 1, -1):long() -- the least row is below
  local list = {}
  for k, i in ipairs(chosen(o, all:size(1))) do
    list[k] = all:narrow(1, i, 1):index(2, up)
  end
  o.title = o.title or 'kernel activation functions of two inputs'
  o.palette = o.palette or 'viridis'
  o.units, o.range, o.target = nil, nil, nil
  return require 'plot.pictures'.grid(require 'torch'.cat(list, 1), o)
end

function M.kaf (a, b)
  local module, o = a, b or {}
  if type(a) == 'table' and not a.listModules and not is_kaf(a) then
    module, o = a[1], a
  end
  check.options('kaf', o)
  figure.early(o)
  local kaf = find(module)
  local torch = require 'torch'
  local low, high = -kaf.boundary - 1, kaf.boundary + 1
  if o.range then low, high = o.range[1], o.range[2] end
  if kaf.surfaces then
    if o.target then
      values.fail('kaf', 'target: functions of one input have one, this is %s',
                  torch.typename(kaf))
    end
    return surfaces(kaf, torch.linspace(low, high, 50):type(kaf.alpha:type()),
                    o)
  end
  local x = torch.linspace(low, high, 200):type(kaf.alpha:type())
  local xs = x:totable()
  local list = series(kaf:curves(x), xs, o)
  if o.target then
    local y = {}
    for i, v in ipairs(xs) do y[i] = o.target(v) end
    list[#list + 1] = {x = xs, y = y, label = 'target', style = 'dashed',
                       color = '#333333'}
  end
  o.title = o.title or 'kernel activation functions'
  o.xlabel, o.points = o.xlabel or 'input', false
  return figure.new('line', o, {series = list})
end

return M
