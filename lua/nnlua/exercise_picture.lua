-- Where an exercise's pictures go.  See exercise.lua.

local plot = require 'plot'

local M = {}

local OUT = 'out'

-- The path of the picture, asked before the work: out/NAME.png, or what --plot
-- says.  nil where there is none; nil and why where it can not be written.
function M.target (name, asked)
  if asked == 'none' then return nil end
  local path = asked
  if asked == '' then
    local ok, why = plot.available()
    if not ok then
      io.stderr:write(name, ': no picture: ', why, '\n')
      return nil
    end
    os.execute("mkdir -p '" .. OUT .. "' 2>/dev/null")
    path = ('%s/%s.png'):format(OUT, name)
  end
  local ok, why = pcall(plot.check, path)
  if ok then return path end
  return nil, why:gsub('^[^:]*%.lua:%d+: ', ''):gsub('^plot: ', '')
              .. '; choose another place with --plot FILE, or --plot none'
end

-- The path of a further picture: out/NAME_SUFFIX.png.
function M.path (path, suffix)
  if not suffix then return path end
  return (path:gsub('%.(%w+)$', '_' .. suffix .. '.%1'))
end

-- Draws a list of figures; options of plot.save may stand beside them.
function M.save (path, figures)
  local list, options = {}, {}
  for key, value in pairs(figures) do
    if type(key) == 'number' then list[key] = value
    elseif key ~= 'suffix' then options[key] = value end
  end
  plot.save(path, list, options)
end

return M
