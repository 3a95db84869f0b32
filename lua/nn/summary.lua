-- model:summary(input): a table in words, a line for each module: its place,
-- what it is, the shape of its output and the number of its parameters.

local errors = require 'nn.errors'

-- Its first line, without what a container holds.
local function title (module)
  return (tostring(module):match '^[^\n]*':gsub('%s*{%s*$', ''))
end

-- Modules in order, each once: {module, depth, number among its siblings}.
local function walk (module, depth, number, list, seen)
  if seen[module] then return list end
  seen[module] = true
  list[#list + 1] = {module = module, depth = depth, number = number}
  for i, child in ipairs(module:children()) do
    walk(child, depth + 1, i, list, seen)
  end
  return list
end

local function count (module)
  local n = 0
  for _, p in ipairs((module:parameters()) or {}) do n = n + p:nElement() end
  return n
end

-- Runs the model once, in evaluate(), and notes the shape of each output.
local function shapes (model, input, list)
  for _, entry in ipairs(list) do
    local module = entry.module
    entry.train, entry.own = module.train, rawget(module, 'forward')
    local forward = module.forward
    rawset(module, 'forward', function (self, ...)
      local output = forward(self, ...)
      entry.shape = errors.shape(output)
      return output
    end)
  end
  model:evaluate()
  local ok, message = pcall(function () return model:forward(input) end)
  for _, entry in ipairs(list) do
    entry.module.train = entry.train
    rawset(entry.module, 'forward', entry.own)
  end
  if not ok then error(message, 0) end
end

return function (model, input)
  local list = walk(model, 0, nil, {}, {})
  shapes(model, input, list)
  local lines, wide, wider = {}, 0, 0
  for _, e in ipairs(list) do
    e.text = ('  '):rep(e.depth) .. (e.number and '(' .. e.number .. '): ' or '')
             .. title(e.module)
    e.shape = e.shape or '-'
    wide, wider = math.max(wide, #e.text), math.max(wider, #e.shape)
  end
  for i, e in ipairs(list) do
    lines[i] = ('%s%s  %s%s  %d'):format(e.text, (' '):rep(wide - #e.text),
      e.shape, (' '):rep(wider - #e.shape), count(e.module))
  end
  lines[#lines + 1] = ('%d parameters'):format(count(model))
  return table.concat(lines, '\n')
end
