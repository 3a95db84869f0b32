-- What users hand to plots, as plain lists: numbers, series, options.

local check = require 'plot.options'

local M = {}

-- A tensor, storage or sizes: anything with totable.
function M.is_array (v)
  return type(v) == 'userdata'
         or type(v) == 'table' and type(v.totable) == 'function'
end

-- The lists of a tensor (1 for true) or a storage; other userdata are
-- themselves.
function M.list_of (v)
  local ok, list = pcall(function ()
    return (v.dtype and v:dtype() == 'bool' and v:byte() or v):totable()
  end)
  return ok and list or v
end

local fail = check.fail

M.fail, M.options = fail, check.options

local function add (name, out, v)
  local kind = type(v)
  if kind == 'number' then
    out[#out + 1] = v
  elseif kind == 'boolean' then
    out[#out + 1] = v and 1 or 0
  elseif kind == 'table' then
    for _, w in ipairs(v) do add(name, out, w) end
  else
    fail(name, 'numbers expected, got %s', kind)
  end
end

-- Any tensor or (nested) list of numbers as a flat list.
function M.numbers (name, v)
  local out = {}
  if M.is_array(v) then
    if type(v) == 'userdata' and v.dim and v:dim() == 0 then
      v = v:nElement() == 1 and {v:item()} or {}
    else
      v = M.list_of(v)
    end
  end
  if type(v) ~= 'table' then
    fail(name, 'a tensor or a list of numbers expected, got %s', type(v))
  end
  add(name, out, v)
  return out
end

local function is_vector (v)
  return M.is_array(v) or type(v) == 'table' and (type(v[1]) == 'number'
         or next(v) == nil)
end

M.is_vector = is_vector

local function count_up (n)
  local out = {}
  for i = 1, n do out[i] = i end
  return out
end

-- The numbers of a curve, which are a vector; a histogram takes any shape.
local function curve_numbers (name, v)
  if name ~= 'hist' and type(v) == 'userdata' and v.dim and v:dim() > 1
     and v:nElement() > 0 then
    local longest = 0
    for d = 1, v:dim() do longest = math.max(longest, v:size(d)) end
    if longest ~= v:nElement() then
      fail(name, 'a vector expected, got a tensor with %d dimensions; plot '
           .. 'its rows as series: plot.%s{m[1], m[2]}', v:dim(), name)
    end
  end
  return M.numbers(name, v)
end

-- One series: {x =, y =, label =, color =, style =}, {xs, ys, label}, or ys.
local function one_series (name, v, index)
  local s = {}
  if is_vector(v) then
    s.y = curve_numbers(name, v)
  elseif type(v) == 'table' and v.y ~= nil then
    check.series(name, v, index)
    s.y = curve_numbers(name, v.y)
    s.x = v.x and curve_numbers(name, v.x)
    s.label, s.color, s.style = v.label, v.color, v.style
  elseif type(v) == 'table' and is_vector(v[1] or 0) then
    check.series(name, v, index)
    if v[2] ~= nil and is_vector(v[2]) then
      s.x, s.y = curve_numbers(name, v[1]), curve_numbers(name, v[2])
    else
      s.y = curve_numbers(name, v[1])
    end
    local text = type(v[2]) == 'string' and v[2] or v[3]
    s.label, s.color, s.style = v.label or text, v.color, v.style
  else
    fail(name, 'series #%d: numbers, or a table with y (and x, label), '
         .. 'expected', index)
  end
  s.x = s.x or count_up(#s.y)
  if #s.x ~= #s.y then
    fail(name, 'series #%d: x has %d numbers, y has %d; one x for each y',
         index, #s.x, #s.y)
  end
  return s
end

-- The series in a call's table: its y (and x), or its list part.
function M.series (name, spec)
  local list = {}
  if spec.y ~= nil then
    list[1] = one_series(name, {x = spec.x, y = spec.y, label = spec.label,
                                color = spec.color, style = spec.style}, 1)
  elseif type(spec[1]) == 'number' then
    list[1] = one_series(name, table.move(spec, 1, #spec, 1, {}), 1)
    list[1].label = spec.label
  else
    for i, v in ipairs(spec) do list[i] = one_series(name, v, i) end
  end
  if #list == 0 then
    fail(name, 'no data: give y = numbers, or a list of series')
  end
  for i, label in ipairs(spec.legend or {}) do
    if list[i] then list[i].label = list[i].label or label end
  end
  return list
end

-- After the data (at most so many arguments) come options, if anything.
function M.only_options (name, data, ...)
  for i = 2, select('#', ...) do
    local v = select(i, ...)
    local array = M.is_array(v)
    if v ~= nil and (type(v) ~= 'table' or array)
       and not (array and i <= data) then
      fail(name, "argument #%d: options are a table, such as {file = 'x.png'}; "
           .. 'got %s', i, array and 'a tensor' or type(v))
    end
  end
end

-- The call's table: f{...}, f(y, options), f(x, y, options).
function M.arguments (name, a, b, c)
  if is_vector(a) and not (type(a) == 'table' and a.y ~= nil) then
    local spec
    if b ~= nil and is_vector(b) and type(b) ~= 'nil'
       and not (type(b) == 'table' and next(b) == nil) then
      spec = {x = a, y = b}
      b = c
    else
      spec = {y = a}
    end
    if type(a) == 'table' and not M.is_array(a) then
      for key, v in pairs(a) do -- {1, 2, 3, title = 'x'}
        if type(key) == 'string' then spec[key] = v end
      end
    end
    for key, v in pairs(b or {}) do spec[key] = v end
    return M.options(name, spec)
  end
  if type(a) ~= 'table' then
    fail(name, 'a tensor, a list or a table of options expected, got %s',
         type(a))
  end
  return M.options(name, a)
end

return M
