-- The part of torch.CmdLine that writes: help, string, log.  Returns a
-- function that adds those methods to the class.

return function (CmdLine)

-- Prints the help.
function CmdLine:help (arg)
  local words = {'Usage:'}
  if arg and arg[0] then words[#words + 1] = arg[0] end
  words[#words + 1] = '[options]'
  for _, a in ipairs(self.arguments) do
    words[#words + 1] = (a.default == nil and '<%s>' or '[%s]'):format(a.key)
  end
  io.write(table.concat(words, ' '), '\n')
  local width = 0
  local function label (entry)
    return entry.positional and '<' .. entry.key .. '>' or entry.key
  end
  for _, entry in ipairs(self.helplines) do
    if type(entry) == 'table' then width = math.max(width, #label(entry)) end
  end
  for _, entry in ipairs(self.helplines) do
    if type(entry) == 'table' then
      local default = entry.default ~= nil and entry.default ~= ''
                      and (' [%s]'):format(entry.default) or ''
      io.write(('  %-' .. width .. 's  '):format(label(entry)),
               entry.help or '', default, '\n')
    else
      io.write(entry, '\n')
    end
  end
end

-- The values that differ from their defaults as one text, for names of
-- folders: prefix,lr=0.5.  ignore[key] leaves a key out (false: always in).
function CmdLine:string (prefix, params, ignore)
  ignore = ignore or {}
  local parts, rest = {prefix}, {}
  if not prefix or prefix == '' then parts[1] = nil end
  local function text (key, value)
    if type(value) == 'boolean' then value = value and 't' or 'f' end
    return key .. self.keyseparator .. tostring(value)
  end
  for _, a in ipairs(self.arguments) do
    if params[a.key] ~= nil and not ignore[a.key] then
      parts[#parts + 1] = text(a.key, params[a.key])
    end
  end
  for name, option in pairs(self.options) do
    local value = params[name]
    if value ~= nil and not ignore[name]
       and (value ~= option.default or ignore[name] == false) then
      rest[#rest + 1] = text(name, value)
    end
  end
  table.sort(rest)
  table.move(rest, 1, #rest, #parts + 1, parts)
  return table.concat(parts, self.argseparator)
end

-- Lines of the log begin with the time (os.date's format) and [name].
function CmdLine:addTime (name, format)
  self.dateformat = (format or '%Y-%m-%d %H:%M:%S')
                    .. (name and '[' .. name .. ']: ' or '')
  return self
end

-- What is printed goes to the log only.
function CmdLine:silent () self.silentio = true; return self end

-- From now on `print` writes to the file too (path or open file), after a head
-- with the values of params.  Returns the file.
function CmdLine:log (file, params)
  local out = file
  if type(file) == 'string' then
    local message
    out, message = io.open(file, 'w')
    if not out then error('CmdLine:log: ' .. message, 2) end
  end
  local print_before = _G.print
  _G.print = function (...)
    if not self.silentio then print_before(...) end
    local parts = table.pack(...)
    for i = 1, parts.n do parts[i] = tostring(parts[i]) end
    out:write(self.dateformat and os.date(self.dateformat) or '',
              table.concat(parts, '\t'), '\n')
    out:flush()
  end
  print('[program started on ' .. os.date() .. ']')
  print('[command line arguments]')
  local keys = {}
  for key in pairs(params or {}) do keys[#keys + 1] = key end
  table.sort(keys)
  for _, key in ipairs(keys) do print(key, params[key]) end
  print('[----------------------]')
  return out
end

end
