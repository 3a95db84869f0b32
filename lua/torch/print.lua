-- Anything as text: tensors, storages, tables of them, objects; and the print
-- that the program uses.  torch/init.lua copies setprintoptions and makes
-- `tostring` below the tensors' and storages' __tostring.

local class = require 'torch.class'
local tensors = require 'torch.print_tensor'

local M = {}

local ENTRIES, DEPTH = 1000, 12 -- more of a table is not shown

-- Sets how tensors are printed: precision (digits, 4), threshold (elements
-- above which only the edges are shown, 1000), edgeitems (3), linewidth (80);
-- profile = 'default', 'full' or 'short' sets all.
--   torch.setprintoptions{precision = 6, threshold = 100}
function M.setprintoptions (options)
  local profiles = {
    default = {precision = 4, threshold = 1000, edgeitems = 3,
               linewidth = 80},
    full = {threshold = math.maxinteger},
    short = {precision = 2, threshold = 1000, edgeitems = 2},
  }
  if type(options) ~= 'table' then
    error('setprintoptions: a table of options expected, got '
          .. type(options), 2)
  end
  local set = tensors.options
  for key, value in pairs(profiles[options.profile] or {}) do
    set[key] = value
  end
  for key, value in pairs(options) do
    if key ~= 'profile' then
      if not profiles.default[key] then
        error(("setprintoptions: unknown option '%s'; there are precision, "
               .. 'threshold, edgeitems, linewidth, profile')
              :format(tostring(key)), 2)
      end
      local least = key == 'precision' and 0 or 1
      if math.type(value) ~= 'integer' or value < least then
        error(('setprintoptions: %s: an integer from %d on expected, got %s')
              :format(key, least, tostring(value)), 2)
      end
      set[key] = value
    end
  end
end

-- The options in force.
function M.getprintoptions ()
  local o = tensors.options
  return {precision = o.precision, threshold = o.threshold,
          edgeitems = o.edgeitems, linewidth = o.linewidth}
end

local function core () return package.loaded['nnlua.core'] end

-- "vmap" when x is a tracer whose elements can't be read, else nil
local function tracer_kind (x)
  local kind = core() and core().tracer_kind
  return kind and kind(x)
end

local function is_tensor (x)
  local name = type(x) == 'userdata' and class.typename(x)
  return name and name:find 'Tensor$' and name
end

-- The text of a storage; of a large one both ends, as of a tensor.
local function storage_text (s, name)
  local out, n, o = {}, s:size(), tensors.options
  local edge = n > o.threshold and math.min(o.edgeitems, n // 2) or n
  for i = 1, edge do out[i] = ' ' .. tostring(s[i]) end
  if n > 2 * edge then out[#out + 1] = ' ...' end
  for i = math.max(edge, n - edge) + 1, n do
    out[#out + 1] = ' ' .. tostring(s[i])
  end
  out[#out + 1] = ('[%s of size %d]'):format(name, n)
  return table.concat(out, '\n')
end

-- The text of a tensor or storage.
function M.tostring (x)
  local name = class.typename(x) or 'torch.Tensor'
  if name:find 'Storage$' then return storage_text(x, name) end
  local kind = tracer_kind(x)
  if kind then
    return ('tracer of %s %s (%s)'):format(tensors.size_text(x), x:dtype(),
                                           kind)
  end
  return tensors.text(x, name)
end

-- ---- tables ----

local function sorted_keys (t)
  local keys, n = {}, #t
  for key in pairs(t) do
    if not (math.type(key) == 'integer' and key >= 1 and key <= n) then
      keys[#keys + 1] = key
    end
  end
  local order = {number = 1, string = 2, boolean = 3}
  table.sort(keys, function (a, b)
    local ta, tb = type(a), type(b)
    if ta ~= tb then return (order[ta] or 9) < (order[tb] or 9) end
    if ta == 'number' or ta == 'string' then return a < b end
    return tostring(a) < tostring(b)
  end)
  return keys, n
end

local function key_text (key)
  if type(key) == 'string' or type(key) == 'number' then
    return tostring(key)
  end
  local name = is_tensor(key)
  if name then return '[' .. name .. ']' end
  return '[' .. tostring(key) .. ']'
end

local table_text

-- A value inside a table: one line, or several that begin with a newline.
local function value_text (v, seen, depth, indent)
  local kind = type(v)
  if kind == 'string' then
    return ('"%s"'):format(v:gsub('[\0-\31"\\\127]', {
      ['"'] = '\\"', ['\\'] = '\\\\', ['\n'] = '\\n', ['\t'] = '\\t'}))
  end
  local name = is_tensor(v)
  if name then
    if tracer_kind(v) then return M.tostring(v) end
    return ('%s - size: %s'):format(name:gsub('^torch%.', ''),
                                    tensors.size_text(v))
  end
  name = class.typename(v)
  if name and name:find 'Storage$' then
    return ('%s - size: %d'):format(name:gsub('^torch%.', ''), #v)
  end
  if kind ~= 'table' then return (tostring(v)) end
  local mt = debug.getmetatable(v)
  if mt and (mt.__tostring__ or mt.__tostring and not mt.__typename) then
    return (tostring(v):gsub('\n', '\n' .. indent))
  end
  local prefix = mt and mt.__typename and type(mt.__typename) == 'string'
                 and mt.__typename .. ' ' or ''
  if seen[v] then return prefix .. '{ the table above }' end
  if depth >= DEPTH then return prefix .. '{ ... }' end
  if next(v) == nil then return prefix .. '{}' end
  return prefix .. '\n' .. table_text(v, seen, depth, indent .. '  ')
end

function table_text (t, seen, depth, indent)
  seen[t] = true
  local out = {indent .. '{'}
  local keys, n = sorted_keys(t)
  local total = n + #keys
  local inner = indent .. '  '
  for i = 1, math.min(total, ENTRIES) do
    local key = i
    if i > n then key = keys[i - n] end
    local text = value_text(rawget(t, key), seen, depth + 1, inner)
    out[#out + 1] = ('%s%s :%s%s'):format(inner, key_text(key),
      text:sub(1, 1) == '\n' and '' or ' ', text)
  end
  if total > ENTRIES then
    out[#out + 1] = ('%s... (%d more)'):format(inner, total - ENTRIES)
  end
  out[#out + 1] = indent .. '}'
  seen[t] = nil -- only a table inside itself is not shown again
  return table.concat(out, '\n')
end

-- Any value as the program's print shows it.
function M.show (v)
  if type(v) ~= 'table' then return tostring(v) end
  local mt = debug.getmetatable(v)
  if mt and mt.__tostring and (mt.__tostring__ or not mt.__typename) then
    return tostring(v)
  end
  local prefix = mt and type(mt.__typename) == 'string'
                 and mt.__typename .. ' ' or ''
  if next(v) == nil then return prefix .. '{}' end
  return prefix .. table_text(v, {}, 0, '')
end

-- As Lua's print, but tables and tensors are shown.  Values whose text has
-- several lines stand on lines of their own.
function M.print (...)
  local out, n = {}, select('#', ...)
  for i = 1, n do
    local text = M.show((select(i, ...)))
    local long = text:find('\n', 1, true)
    out[#out + 1] = text
    if i < n then
      local after = select(i + 1, ...)
      local kind = type(after)
      out[#out + 1] = (long or kind == 'table' or kind == 'userdata') and '\n'
                      or '\t'
    end
  end
  out[#out + 1] = '\n'
  io.stdout:write(table.concat(out))
end

return M
