-- The named options of plots: which there are, and what they may be.

local nearest = require 'nnlua.nearest'

local M = {}

function M.fail (name, text, ...)
  error(('plot.%s: ' .. text):format(name, ...), 0)
end

local fail = M.fail

local kinds = {
  title = 'string', xlabel = 'string', ylabel = 'string', file = 'string',
  size = 'table', xrange = 'table', yrange = 'table', logx = 'boolean',
  logy = 'boolean', grid = 'boolean', legend = 'table', key = 'string',
  points = 'boolean', bins = 'number', labels = 'any', columns = 'number',
  rows = 'number', values = 'boolean', palette = 'string', xlabels = 'any',
  ylabels = 'any', range = 'table', label = 'string', color = 'string',
  style = 'string', density = 'boolean', classes = 'any', width = 'number',
  height = 'number', utf8 = 'boolean', units = 'any', target = 'function',
  x = 'any', y = 'any',
}

local series_kinds = {x = 'any', y = 'any', label = 'any', color = 'string',
                      style = 'string'}

M.keys = {['top left'] = true, ['top right'] = true, ['bottom left'] = true,
          ['bottom right'] = true, outside = true, none = true}
M.styles = {solid = true, dashed = true, points = true}
local names = {}
for name in ([[black white gray red green blue orange purple brown cyan
  magenta yellow pink]]):gmatch '%S+' do names[name] = true end

local function one_of (name, key, v, set)
  if set[v] then return end
  local list = {}
  for k in pairs(set) do list[#list + 1] = "'" .. k .. "'" end
  table.sort(list)
  fail(name, "%s: one of %s expected, got '%s'", key, table.concat(list, ' '),
       v)
end

local function color (name, v)
  if v:find '^#%x%x%x%x%x%x$' or names[v] then return end
  fail(name, "color: '#rrggbb' or a name such as 'red' expected, got '%s'", v)
end

local function finite (v)
  return type(v) == 'number' and v == v and math.abs(v) ~= math.huge
end

local function pair (name, key, v, log)
  if #v ~= 2 or not finite(v[1]) or not finite(v[2]) then
    fail(name, '%s: two finite numbers expected', key)
  elseif v[1] >= v[2] then
    fail(name, '%s: from less to more, got {%g, %g}', key, v[1], v[2])
  elseif log and v[1] <= 0 then
    fail(name, '%s: a logarithmic axis begins above 0, got %g', key, v[1])
  end
end

local function count (name, key, v, most)
  if not (v >= 1 and v <= most and v == math.floor(v)) then
    fail(name, '%s: a whole number from 1 to %d expected, got %g', key, most,
         v)
  end
end

local function size (name, v)
  for i = 1, 2 do
    if type(v) ~= 'table' or not finite(v[i]) or v[i] < 50 or v[i] > 10000 then
      fail(name, 'size: {width, height} in pixels, 50 to 10000 each, expected')
    end
  end
end

-- Unknown names and wrong types are errors.
local function typed (what, name, t, known)
  for key, v in pairs(t) do
    if type(key) == 'string' then
      local kind = known[key]
      if not kind then
        local near = nearest(key, known)
        fail(name, "%sunknown option '%s'%s", what, key,
             near and ("; did you mean '%s'"):format(near) or '')
      elseif kind ~= 'any' and type(v) ~= kind then
        fail(name, '%soption %s: %s expected, got %s', what, key, kind,
             type(v))
      end
    end
  end
  if t.color then color(name, t.color) end
  if t.style then one_of(name, 'style', t.style, M.styles) end
end

-- Checks a series' fields.
function M.series (name, s, index)
  typed(('series #%d: '):format(index), name, s, series_kinds)
end

-- Checks the named options of a call's table.
function M.options (name, o)
  typed('', name, o, kinds)
  if o.size then size(name, o.size) end
  if o.xrange then pair(name, 'xrange', o.xrange, o.logx) end
  if o.yrange then pair(name, 'yrange', o.yrange, o.logy) end
  if o.range then pair(name, 'range', o.range) end
  if o.key then one_of(name, 'key', o.key, M.keys) end
  for key, most in pairs {bins = 10000, columns = 1000, rows = 1000,
                          width = 1000, height = 1000} do
    if o[key] then count(name, key, o[key], most) end
  end
  return o
end

-- The texts of an option that names n things; nil without one.
function M.labels (name, o, key, n)
  local v = o[key]
  if v == nil then return nil end
  if type(v) == 'userdata' then v = v:totable() end
  if type(v) ~= 'table' then
    fail(name, '%s: a list of texts expected, got %s', key, type(v))
  elseif #v ~= n then
    fail(name, '%s: %d texts for %d', key, #v, n)
  end
  local out = {}
  for i, text in ipairs(v) do out[i] = tostring(text) end
  o[key] = out
  return out
end

return M
