-- Lua blocks in texts: they run, and print what they say.
--
-- A block that begins with ```lua runs in an environment of its own, with the
-- packages as globals; ```lua norun is skipped.  What a line prints is compared
-- with the comment `--> text` at its end and in the lines below that hold
-- nothing else.  Spaces and line ends count as one space, and
-- the last line of a tensor ("[torch.FloatTensor of size 3]") may be left out.
local torch = require 'torch'
local show = require 'torch.print'.show

local M = {}

local packages = {'torch', 'nn', 'optim', 'autograd', 'data', 'plot', 'random',
                  'nnlua'}

-- The blocks of a page: a list of {line =, info =, lines =}.
function M.blocks (text)
  local list, block, n = {}, nil, 0
  for line in (text .. '\n'):gmatch '(.-)\r?\n' do
    n = n + 1
    local info = line:match '^%s*```%s*(.*)$'
    if block and info then
      list[#list + 1], block = block, nil
    elseif info then
      block = {line = n, info = info, lines = {}}
    elseif block then
      block.lines[#block.lines + 1] = line
    end
  end
  assert(not block, 'a block without an end')
  return list
end

local function plain (text)
  return (text:gsub('%s+', ' '):gsub('^ ', ''):gsub(' $', ''))
end

-- What shall be printed: a list of {line =, text =}, each for all prints
-- between the entry before it and that line.
local function expected (block)
  local want, last = {}, nil
  for i, line in ipairs(block.lines) do
    local code, text = line:match '^(.-)%s*%-%->%s?(.*)$'
    if text and last and not code:find '%S' then
      last.text = last.text .. ' ' .. text
    elseif text then
      last = {line = block.line + i, text = text}
      want[#want + 1] = last
    else
      last = nil
    end
  end
  return want
end

-- Runs a block; returns line -> what it printed.
local function run (page, block)
  local got, env = {}, {}
  for _, name in ipairs(packages) do
    env[name] = require(name)
  end
  function env.print (...)
    local line = debug.getinfo(2, 'l').currentline
    local words = got[line] and {got[line]} or {}
    for i = 1, select('#', ...) do
      words[#words + 1] = show((select(i, ...)))
    end
    got[line] = table.concat(words, ' ')
  end
  local text = ('\n'):rep(block.line) .. table.concat(block.lines, '\n')
  local f = assert(load(text, '=' .. page, 't',
                        setmetatable(env, {__index = _G})))
  torch.manualSeed(1)
  f()
  return got
end

local function same (want, got)
  want, got = plain(want), plain(got or '')
  if not want:find('[torch.', 1, true) then
    got = plain(got:gsub('%[torch%.%a+ of size [^%]]*%]', ' '))
  end
  return want == got, want, got
end

function M.check (page, block)
  local got, from = run(page, block), block.line
  for _, entry in ipairs(expected(block)) do
    local words = {}
    for line = from + 1, entry.line do words[#words + 1] = got[line] end
    local ok, a, b = same(entry.text, table.concat(words, ' '))
    if not ok then
      error(('%s:%d: printed "%s", not "%s"'):format(page, entry.line, b, a), 0)
    end
    from = entry.line
  end
end

-- Lines as a prompt takes them: an expression (which may span lines) whose
-- value is said by `-->` is printed.
function M.printed (lines)
  local out, from = {}, 1
  for i, line in ipairs(lines) do
    out[i] = line
    local code, text = line:match '^(.-)%s*(%-%->.*)$'
    if code then
      local before = table.concat(lines, '\n', from, i - 1)
      local whole = (before ~= '' and before .. '\n' or '') .. code
      if load('return ' .. whole) and not whole:find '^%s*print' then
        out[from] = 'print(' .. (from < i and lines[from] or code)
        out[i] = (from < i and code or out[from]) .. ') ' .. text
      end
      from = i + 1
    elseif load(table.concat(lines, '\n', from, i)) then
      from = i + 1
    end
  end
  return out
end

return M
