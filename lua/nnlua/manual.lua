-- The manual's entries: what `nnlua help` prints and docs/reference/ is made
-- of.  Each page is a list of files in lua/nnlua/manual/, which return text:
--
--   # A section
--   @Errors: what holds for all entries below that do not say it themselves
--
--   torch.add([r,] x, [s,] y)        signatures, from the first column
--   x:add([s,] y)
--     Words, indented by two.
--     Shapes: ...
--     Errors: ...
--     Example:
--       print(torch.add(torch.ones(2), 1))         and what that prints

local M = {}

M.pages = {
  {'torch', 'making', 'elementwise', 'maths', 'reductions', 'products',
   'shapes', 'indices', 'chance', 'tensors', 'types', 'files', 'tools'},
  {'nn', 'modules', 'containers', 'layers', 'activations', 'shaping',
   'tables', 'images', 'sequences', 'research', 'criterions', 'functional',
   'initial'},
  {'optim', 'algorithms', 'around'},
  {'autograd', 'transforms', 'control'},
  {'data', 'data'},
  {'plot', 'plot'},
  {'random', 'random'},
  {'nnlua', 'nnlua'},
}

-- Whose method is it, by the object's name in the signature.
local classes = {
  x = 'torch.Tensor', s = 'torch.Storage', module = 'nn.Module',
  container = 'nn.Container', criterion = 'nn.Criterion', file = 'torch.File',
  timer = 'torch.Timer', cmd = 'torch.CmdLine', tester = 'torch.Tester',
  ham = 'nn.HAM', kaf = 'nn.KAF', kafs = 'nn.KAF2D', logger = 'optim.Logger',
  confusion = 'optim.ConfusionMatrix', ema = 'optim.ema', ds = 'data.Dataset',
  loader = 'data.loader', figure = 'plot.figure', bar = 'nnlua.bar',
  trainer = 'nn.StochasticGradient', node = 'nn.Node',
  checkpoint = 'data.Checkpoint', recorder = 'optim.Recorder',
  opt = 'optim.Optimizer',
}

-- The name that a signature is filed under.
local function key_of (signature)
  local object, method = signature:match '^(%a+):([%w_]+)'
  if object then
    return assert(classes[object], object) .. '.' .. method
  end
  return signature:match '^[%w_.]+'
end

-- A paragraph in lines of at most 78 letters, indented by two.
function M.wrapped (text)
  local out, line = {}, ' '
  for word in text:gmatch '%S+' do
    if #line + #word > 77 then
      out[#out + 1] = line
      line = ' '
    end
    line = line .. ' ' .. word
  end
  out[#out + 1] = line
  return out
end

local function finish (entry, common)
  if not entry then return end
  while entry[#entry] == '' do entry[#entry] = nil end
  local at = #entry + 1
  for i, line in ipairs(entry) do
    if line:find '^  Example:' then at = i end
  end
  for _, word in ipairs {'Errors', 'Shapes'} do
    local has = false
    for _, line in ipairs(entry) do
      has = has or line:find('^  ' .. word .. ':') ~= nil
    end
    if not has and common[word] then
      local lines = M.wrapped(word .. ': ' .. common[word])
      for i = #lines, 1, -1 do table.insert(entry, at, lines[i]) end
    end
  end
end

-- The parts of a text in order: {section = title} and entries, lists of lines
-- with signatures and keys.
function M.parse (text)
  local out, entry, common = {}, nil, {}
  for line in (text .. '\n'):gmatch '(.-)\n' do
    local title = line:match '^# (.+)'
    local word, rest = line:match '^@(%a+): (.+)'
    if title then
      finish(entry, common)
      entry, common = nil, {}
      out[#out + 1] = {section = title}
    elseif word then
      finish(entry, common)
      entry = nil
      common[word] = rest
    elseif line:find '^%S' then
      if not entry or #entry > 0 then
        finish(entry, common)
        entry = {signatures = {}, keys = {}}
        out[#out + 1] = entry
      end
      table.insert(entry.signatures, line)
      table.insert(entry.keys, key_of(line))
    elseif entry and (line ~= '' or #entry > 0) then
      entry[#entry + 1] = line
    end
  end
  finish(entry, common)
  return out
end

local function load_part (package_name, part)
  return require('nnlua.manual.' .. package_name .. '_' .. part)
end

-- The parts of a page, see parse.
function M.page (name)
  for _, page in ipairs(M.pages) do
    if page[1] == name then
      local out = {}
      for i = 2, #page do
        table.move(M.parse(load_part(name, page[i])), 1, 1000, #out + 1, out)
      end
      return out
    end
  end
end

local index -- key -> entry

local function read_all ()
  index = {}
  for _, page in ipairs(M.pages) do
    for _, part in ipairs(M.page(page[1])) do
      for _, key in ipairs(part.keys or {}) do
        index[key] = index[key] or part
      end
    end
  end
end

-- The entry of a name such as 'torch.add', 'nn.Module.forward', 'x:add'; nil
-- without one.  A tensor's method without an entry has its function's.
function M.entry (name)
  if not index then read_all() end
  name = name:gsub('^(%a+)%.(%u%a+):', '%1.%2.')
  local object = name:match '^(%a+):'
  if object and classes[object] then name = key_of(name) end
  name = name:gsub(':', '.')
  local entry = index[name]
  local method = name:match '^torch%.Tensor%.(.*)'
  if not entry and method then return index['torch.' .. method] end
  method = name:match '^nn%.g?%u%w*%.(.*)' -- inherited
  if not entry and method then
    local parent = name:find 'Criterion%.' and 'nn.Criterion.' or 'nn.Module.'
    return index[parent .. method] or index['nn.Container.' .. method]
  end
  return entry
end

-- Is it a class whose methods have entries?
function M.is_class (name)
  for _, known in pairs(classes) do
    if known == name then return true end
  end
  return false
end

-- All names, sorted.
function M.names ()
  if not index then read_all() end
  local out = {}
  for key in pairs(index) do out[#out + 1] = key end
  table.sort(out)
  return out
end

-- An entry as text.
function M.text (entry)
  return table.concat(entry.signatures, '\n') .. '\n'
         .. table.concat(entry, '\n')
end

-- The lines of an entry's example, without their indentation.
function M.example (entry)
  local out
  for _, line in ipairs(entry) do
    if line == '  Example:' then
      out = {}
    elseif out then
      out[#out + 1] = line:gsub('^    ', '')
    end
  end
  return out
end

return M
