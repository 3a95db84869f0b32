-- The documentation's Lua blocks run, and print what they say.
--
-- A block that begins with ```lua runs in an environment of its own, with the
-- packages as globals; ```lua norun is skipped.  What a line prints is compared
-- with the comment `--> text` at its end and in the lines below that hold
-- nothing else.  Spaces and line ends count as one space, and
-- the last line of a tensor ("[torch.FloatTensor of size 3]") may be left out.
local torch = require 'torch'
local show = require 'torch.print'.show

local here = debug.getinfo(1, 'S').source:match '^@(.*)/tests/docs_spec%.lua$'
             or '.'

local pages = {'README', 'CONTRIBUTING', 'docs/torch', 'docs/nn', 'docs/optim',
               'docs/autograd', 'docs/data', 'docs/plot', 'docs/random',
               'docs/nnlua', 'docs/c-api', 'docs/torch7', 'docs/inside',
               'docs/scripts'}
local packages = {'torch', 'nn', 'optim', 'autograd', 'data', 'plot', 'random',
                  'nnlua'}

local function read (path)
  local file = assert(io.open(here .. '/' .. path, 'rb'))
  local text = file:read 'a'
  file:close()
  return text
end

-- The blocks of a page: a list of {line =, info =, lines =}.
local function blocks (text)
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

local function check (page, block)
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

describe('documentation', function ()
  local ran = 0

  for _, name in ipairs(pages) do
    local page = name .. '.md'
    local text = read(page)
    for _, block in ipairs(blocks(text)) do
      if block.info == 'lua' then
        ran = ran + 1
        it(('%s:%d runs'):format(page, block.line), function ()
          check(page, block)
        end)
      end
    end

    it(page .. ' links to files that are there', function ()
      local folder = page:match '^.*/' or ''
      for target in text:gmatch '%]%(([^)#]+)[^)]*%)' do
        if not target:find '^%a+:' then
          local file = io.open(here .. '/' .. folder .. target, 'rb')
          assert.is_truthy(file, page .. ': no file ' .. target)
          file:close()
        end
      end
    end)
  end

  it('has blocks', function () assert.is_true(ran > 20) end)

  it('is compared with what is printed', function ()
    local function try (text)
      return pcall(check, 'x', blocks('```lua\n' .. text .. '\n```')[1])
    end
    assert.is_true(try 'print(1 + 1) --> 2')
    assert.is_false((try 'print(1 + 1) --> 3'))
    assert.is_false((try 'local x = 1 --> 1'))
    assert.is_false((try 'print(torch.ones(2, 2))\n--> 1'))
    assert.is_true(try 'print(torch.ones(2, 2)) --> 1 1\n--> 1 1')
    assert.is_false((try 'error "x"'))
  end)
end)
