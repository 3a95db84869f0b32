-- The manual has an entry for every public name, with a signature, shapes,
-- errors and an example that prints what it says; help prints that entry and
-- docs/reference/ holds it.
local here = debug.getinfo(1, 'S').source
             :match '^@(.*)/tests/reference_spec%.lua$' or '.'
package.path = here .. '/tests/?.lua;' .. package.path

local torch = require 'torch'
local manual = require 'nnlua.manual'
local help = require 'nnlua.help'
local doc = require 'doc_blocks'
local names = require 'names'

local packages = {}
for _, page in ipairs(manual.pages) do packages[page[1]] = page[1] end

local function read (path)
  local file = assert(io.open(here .. '/' .. path, 'rb'))
  local text = file:read 'a'
  file:close()
  return text
end

-- The public keys of a table, which begin with no underscore; sorted.
local function keys (t, wanted)
  local out = {}
  for key, v in pairs(t) do
    if type(key) == 'string' and not key:find '^_'
       and (not wanted or type(v) == wanted) then
      out[#out + 1] = key
    end
  end
  table.sort(out)
  return out
end

-- Tables whose functions are public too, by the name they are filed under.
local function further ()
  local nn, optim = require 'nn', require 'optim'
  local function class (C) return getmetatable(C) end
  return {
    ['torch.Tensor'] = getmetatable(torch.zeros(1)),
    ['torch.File'] = getmetatable(getmetatable(torch.MemoryFile())),
    ['torch.Timer'] = class(torch.Timer), ['torch.CmdLine'] = class(torch.CmdLine),
    ['torch.Tester'] = class(torch.Tester),
    ['nn.functional'] = nn.functional,
    ['nn.functional.lagrangian'] = nn.functional.lagrangian,
    ['nn.init'] = nn.init,
    ['nn.Module'] = class(nn.Module), ['nn.Criterion'] = class(nn.Criterion),
    ['nn.Container'] = class(nn.Container), ['nn.HAM'] = class(nn.HAM),
    ['optim.schedule'] = optim.schedule,
    ['autograd.tree'] = require 'autograd'.tree,
    ['data.loader'] = getmetatable(require 'data'.loader(
      {torch.zeros(2, 1)}, {batch = 1})),
  }
end

-- What classes of the library override for themselves.
local hooks = {build = true, options = true, nll = true, check_inside = true,
               draw_key = true, fill_buffers = true}

local function undocumented ()
  local out = {}
  local function want (name)
    if not manual.entry(name) then out[#out + 1] = name end
  end
  for p in pairs(packages) do
    local module = require(p)
    for _, key in ipairs(keys(module)) do want(p .. '.' .. key) end
    for key in (names[p] or ''):gmatch '%S+' do
      if module[key] ~= nil then want(p .. '.' .. key) end
    end
  end
  for name, t in pairs(further()) do
    if packages[name:match '^%a+'] then
      for _, key in ipairs(keys(t, 'function')) do
        if not hooks[key] and not (name:find '^nn%.'
                                   and manual.entry('nn.Module.' .. key)) then
          want(name .. '.' .. key) -- what a class inherits is said there
        end
      end
    end
  end
  for name, v in pairs(packages.nn and require 'nn' or {}) do
    local class = type(v) == 'table' and getmetatable(v)
    if type(class) == 'table' and class.__typename then
      for _, key in ipairs(keys(class, 'function')) do
        if not hooks[key] then want('nn.' .. name .. '.' .. key) end
      end
    end
  end
  return table.concat(out, ' ')
end

describe('the manual', function ()
  it('has an entry for every public name', function ()
    assert.equal('', undocumented())
  end)

  it('has no entry for what is not there', function ()
    for _, name in ipairs(manual.names()) do
      local v, known = _G, false
      for part in name:gmatch '[%w_]+' do
        if v == _G then
          v, known = require(part), true
        else
          local ok, value = pcall(function () return v[part] end)
          known = ok and value ~= nil
          if not known then break end
          v = value
        end
      end
      -- methods of objects are held by `further` and their examples
      local owner = name:match '^(.*)%.[%w_]+$'
      assert.is_true(known or manual.is_class(owner), name)
    end
  end)

  for _, name in ipairs(manual.names()) do
    local entry = manual.entry(name)
    it(name .. ' has all its parts', function ()
      local text = manual.text(entry)
      for _, signature in ipairs(entry.signatures) do
        assert.matches('^[%w_.:]+[%({]', signature .. '(')
        assert.is_true(#signature > 3)
      end
      assert.matches('\n  [%w(|-]', text)
      assert.matches('\n  Shapes: %S', text)
      assert.matches('\n  Errors: %S', text)
      assert.matches('\n  Example:\n    ', text)
      assert.matches('%-%-> %S', text)
    end)
    if entry.keys[1] == name then
      it(name .. "'s example prints what it says", function ()
        local lines = manual.example(entry)
        doc.check(name, {line = 0, lines = lines})
      end)
    end
  end

  it('is what help prints', function ()
    assert.equal(manual.text(manual.entry 'torch.add'), help.text 'torch.add')
    assert.equal(help.text 'torch.add', help.text 'x:add')
    assert.equal(help.text 'torch.add', help.text(torch.add))
    assert.equal(help.text 'torch.add', help.text 'torch.Tensor.add')
    assert.matches('^x:copy%(y%)\n', help.text 'torch.Tensor:copy')
    assert.matches('^module:forward', help.text 'nn.Dense:forward')
    assert.matches('^criterion:forward', help.text 'nn.MSECriterion.forward')
    assert.is_nil((help.text 'torch.nosuch'))
  end)
end)

describe('docs/reference', function ()
  it('is up to date (else: build/nnlua tools/make-reference.lua)', function ()
    local texts = dofile(here .. '/tools/make-reference.lua').texts()
    for path, text in pairs(texts) do
      assert.is_true(text == read(path), path .. ' is stale')
    end
  end)
end)

-- Indented lines of a comment are an example where they are Lua, whole chunks
-- or expressions, and call something of a package.
local function is_example (block)
  local text = table.concat(block, '\n')
  if not load(text) and not load('return ' .. text) then
    return text:find('-->', 1, true) ~= nil -- said to print, so it has to run
  end
  for _, name in ipairs {'torch', 'nn', 'optim', 'autograd', 'data', 'plot',
                         'random'} do
    if text:find('%f[%w_]' .. name .. '%.[%w_.]+ ?[%({\'"]') then return true end
  end
  return false
end

local function comment_examples (path)
  local out, block = {}, nil
  for line in (read(path) .. '\n'):gmatch '(.-)\n' do
    local code = line:match '^%s*%-%-   (.*%S.*)$'
    if code then
      block = block or {}
      block[#block + 1] = code
    elseif block then
      if is_example(block) then out[#out + 1] = block end
      block = nil
    end
  end
  return out
end

describe('comments in lua/', function ()
  local pipe = assert(io.popen(("cd '%s' && find lua -name '*.lua' | sort")
                               :format(here)))
  local list = pipe:read 'a'
  pipe:close()
  local count = 0
  for path in list:gmatch '[^\n]+' do
    for _, block in ipairs(comment_examples(path)) do
      count = count + 1
      it(('%s: %s'):format(path, block[1]), function ()
        doc.check(path, {line = 0, lines = doc.printed(block)})
      end)
    end
  end
  it('have examples', function () assert.is_true(count >= 40) end)
end)
