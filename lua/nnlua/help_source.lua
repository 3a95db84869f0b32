-- What help reads in the library's own source files.

local M = {}

-- A file's lines, or nil.
function M.lines (path)
  local file = io.open(path, 'r')
  if not file then return nil end
  local lines = {}
  for line in file:lines() do lines[#lines + 1] = line end
  file:close()
  return lines
end

-- The comment that ends above line `last`, without its dashes.
function M.comment (lines, last)
  local first = last
  while first > 1 and lines[first - 1]:find '^%s*%-%-' do first = first - 1 end
  local out = {}
  for i = first, last - 1 do
    out[#out + 1] = lines[i]:gsub('^%s*%-%-+ ?', '')
  end
  return #out > 0 and table.concat(out, '\n') or nil
end

-- The comment that a file begins with.
function M.head (lines)
  local out = {}
  for _, line in ipairs(lines) do
    if not line:find '^%-%-' then break end
    out[#out + 1] = line:gsub('^%-%-+ ?', '')
  end
  return #out > 0 and table.concat(out, '\n') or nil
end

-- "name (arguments)", from the line that defines f where there is one.
function M.signature (name, f, line)
  local arguments = line and line:match '%(%s*([^()]*)%)%s*$'
                    or line and line:match 'function[^(]*%(([^)]*)%)'
  if not arguments then
    local info = debug.getinfo(f, 'u')
    local list = {}
    for i = 1, info.nparams do list[i] = debug.getlocal(f, i) end
    if info.isvararg then list[#list + 1] = '...' end
    arguments = table.concat(list, ', ')
  end
  return ('%s (%s)'):format(name, arguments)
end

-- Where `key` is defined in a file: `function M.key (` or `M.key = `.
local function definition (lines, key)
  local pattern = key:gsub('%p', '%%%0')
  for i, line in ipairs(lines or {}) do
    if line:find('^%s*function [%w_]*[.:]' .. pattern .. '%s*%(')
       or line:find('^[%w_]+%.' .. pattern .. '%s*=') then
      return i, line
    end
  end
end

-- The comment over a package's function that is made by another function.
function M.made (name, source)
  local package_name, key = name:match '^([%w_]+).-([%w_]+)$'
  for _, path in ipairs {source or '',
      package.searchpath(package_name or '', package.path) or ''} do
    local lines = M.lines(path)
    local at = definition(lines, key)
    local comment = at and M.comment(lines, at)
    if comment then return comment end
  end
end

return M
