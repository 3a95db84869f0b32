-- make-reference.lua: writes docs/reference/ from the manual's entries, the
-- texts that `nnlua help` prints.
--
--   build/nnlua tools/make-reference.lua
--
-- As a module (dofile) it returns {texts = function () -> {path = text}}; a
-- test compares them with the files.

local manual = require 'nnlua.manual'

local M = {}

local function escape (text)
  return (text:gsub('[%*_<`|%[%]]', '\\%0'))
end

-- Words without their indentation, as paragraphs: Shapes and Errors get one
-- each.
local function words (entry)
  local out = {}
  for _, line in ipairs(entry) do
    if line == '  Example:' then break end
    local word, rest = line:match '^  (%u%a+): (.*)'
    if word == 'Shapes' or word == 'Errors' then
      out[#out + 1] = '\n*' .. word .. '*: ' .. escape(rest)
    elseif line:find '^   ' then -- a formula or a table
      if out[#out] and not out[#out]:find '^    ' then out[#out + 1] = '' end
      out[#out + 1] = '  ' .. line
    else
      if (out[#out] or ''):find '^    ' then out[#out + 1] = '' end
      out[#out + 1] = escape((line:gsub('^  ', '')))
    end
  end
  return table.concat(out, '\n')
end

local function title (entry)
  return entry.signatures[1]:match '^[%w_.:]+'
end

-- A function from a page's headings in order to their anchors.
local function anchors ()
  local seen = {}
  return function (text)
    local name = text:lower():gsub('[^%w_ -]', ''):gsub(' ', '-')
    local n = seen[name]
    seen[name] = (n or 0) + 1
    return n and name .. '-' .. n or name
  end
end

local function add_entry (out, entry)
  local function add (...) out[#out + 1] = table.concat {...} end
  add('\n### ', escape(title(entry)), '\n')
  for _, line in ipairs(entry.signatures) do add('    ', line) end
  add('\n', words(entry), '\n\n```lua')
  for _, line in ipairs(manual.example(entry) or {}) do add(line) end
  add '```'
end

-- The names of each section, as links.
local function contents (parts)
  local out, line, anchor = {}, nil, anchors()
  for _, part in ipairs(parts) do
    if part.section then
      out[#out + 1] = line
      line = ('- [%s](#%s):'):format(part.section, anchor(part.section))
    else
      local name = title(part)
      line = ('%s\n  [%s](#%s)'):format(line,
                                        escape((name:gsub('^%a+%.', ''))),
                                        anchor(name))
    end
  end
  out[#out + 1] = line
  return table.concat(out, '\n')
end

local NOTE = '<!-- Written by tools/make-reference.lua from lua/nnlua/manual/ -->'

function M.page (name)
  local parts = manual.page(name)
  local out = {'# Reference: ' .. name .. '\n', NOTE .. '\n',
               contents(parts)}
  for _, part in ipairs(parts) do
    if part.section then
      out[#out + 1] = '\n## ' .. part.section
    else
      add_entry(out, part)
    end
  end
  return table.concat(out, '\n') .. '\n'
end

function M.texts ()
  local out, list = {}, {}
  for _, page in ipairs(manual.pages) do
    out['docs/reference/' .. page[1] .. '.md'] = M.page(page[1])
    list[#list + 1] = ('- [%s](%s.md)'):format(page[1], page[1])
  end
  out['docs/reference/README.md'] = [[
# Reference

]] .. NOTE .. [[


Each name of the packages with its signature, shapes, errors and an example;
`nnlua help NAME` prints the same. In signatures `[r,]` is a tensor that gets
the result, other brackets enclose what may be left out. In shapes `*` stands
for any number of dimensions. The examples run in the tests; `-->` is what a
line prints.

]] .. table.concat(list, '\n') .. '\n'
  return out
end

function M.main ()
  local root = arg[0]:match '^(.*)/tools/[^/]*$' or '.'
  for path, text in pairs(M.texts()) do
    local file = assert(io.open(root .. '/' .. path, 'wb'))
    file:write(text)
    file:close()
  end
end

if arg and arg[0] and arg[0]:find 'make%-reference%.lua$' then M.main() end
return M
