-- For the specs of scripts/: an exercise's script looked at from outside.
--
--   outside.script('kaf', {'--data', 'tests/data/mnist'}, {
--     last = '^kaf: test accuracy (0%.%d+)$', lines = {'checked: ...'},
--     data = true})
-- adds tests of the script scripts/kaf.lua, run with these arguments: its
-- lines and its end, mistakes in its options, pictures, an early end of
-- stdout.  data: it reads --data.

local assert = require 'luassert'
local plot = require 'plot'
local busted = require 'busted'
local describe, it = busted.describe, busted.it
local run = dofile 'tests/nnlua/run.lua'

local M = {}

local function file_of (name) return 'scripts/' .. name .. '.lua' end

-- stdout, stderr, exit code; options as those of run.run
function M.run (name, arguments, options)
  return run.run({file_of(name), table.unpack(arguments)}, options)
end

local function with (arguments, ...)
  local list = table.move(arguments, 1, #arguments, 1, {})
  return table.move({...}, 1, select('#', ...), #list + 1, list)
end

local function last_line (text) return text:match '([^\n]*)\n$' end

local function ends (name, arguments, wanted)
  it('prints its parts and ends with one line', function ()
    local out, err, code = M.run(name, with(arguments, '--plot', 'none'))
    assert.equal(0, code, err)
    for _, line in ipairs(wanted.lines or {}) do
      assert.is_truthy(out:find(line), 'no line ' .. line .. ' in\n' .. out)
    end
    local last = last_line(out)
    assert.is_truthy(last:find(wanted.last), last)
    -- one seed, one result
    local quiet = M.run(name, with(arguments, '--plot', 'none', '--quiet'))
    assert.equal(last .. '\n', quiet)
    if wanted.value then wanted.value(last:match(wanted.last)) end
  end)
end

local function mistakes (name, arguments, wanted)
  local function fails (code, text, ...)
    local out, err, got = M.run(name, with(arguments, ...))
    assert.equal(code, got, err)
    assert.equal('', out)
    assert.is_truthy(err:find(text, 1, true), err)
    assert.is_falsy(err:find('traceback', 1, true), err)
  end
  it('explains mistakes before the work', function ()
    fails(2, "unknown option '--plott'; did you mean '--plot'", '--plott', 'x')
    fails(2, 'option --seed: an integer expected, got 1.5', '--seed', '1.5')
    fails(1, '/nowhere/x.png', '--plot', '/nowhere/x.png')
    if wanted.data then
      local out, err, code = M.run(name, {'--data', '/nowhere',
                                          '--plot', 'none', '--quiet'})
      assert.equal(1, code)
      assert.equal('', out)
      assert.is_truthy(err:find('^' .. name .. ': .*/nowhere'), err)
      assert.is_falsy(err:find('traceback', 1, true), err)
    end
  end)

  it('has a help', function ()
    local out, err, code = M.run(name, {'--help'})
    assert.equal('', err)
    assert.equal(0, code)
    for _, option in ipairs {'--seed', '--plot', '--quiet'} do
      assert.is_truthy(out:find(option, 1, true), out)
    end
  end)
end

-- How far a script comes that nobody listens to depends on the time; all that
-- it may say are whole lines of nnlua.progress, in order: 'epoch 1  40% 2/5
-- [00:01<00:02, 1.5/s]  loss 0.3'.
local function progress_only (err)
  local label, before = nil, 0
  assert.matches('^[^\r\27]*$', err)
  assert.is_truthy(err == '' or err:sub(-1) == '\n', err)
  for line in err:gmatch '([^\n]*)\n' do
    local name, percent, count, total, rest = line:match(
      '^([%w /]-) *(%d+)%% (%d+)/(%d+) %[[%d:]+<[%d:-]+, [%w%./ -]+%](.*)$')
    assert.is_truthy(name, 'no line of progress: ' .. line)
    assert.matches('^[%w %.+-]*$', rest)
    count, total = tonumber(count), tonumber(total)
    assert.equal(math.floor(count / total * 100), tonumber(percent), line)
    if name ~= label then label, before = name, 0 end
    assert.is_true(count > before and count <= total, line)
    before = count
  end
end

local function pictures (name, arguments, wanted)
  it('draws', function ()
    if not plot.available() then
      return busted.pending 'gnuplot is not installed'
    end
    local base = os.tmpname()
    local out, err, code = M.run(name, with(arguments, '--plot',
                                            base .. '.svg'))
    assert.equal(0, code, err)
    for _, suffix in ipairs {'', table.unpack(wanted.suffixes or {})} do
      local path = base .. suffix .. '.svg'
      assert.is_truthy(out:find('picture: ' .. path, 1, true), out)
      local file = assert(io.open(path, 'rb'))
      local text = file:read 'a'
      file:close()
      assert.is_truthy(text:find('</svg>', 1, true))
      os.remove(path)
    end
    os.remove(base)
  end)

  it('goes on without gnuplot, and ends when nobody listens', function ()
    local out, err, code = M.run(name, with(arguments, '--quiet'),
                                 {before = 'env PATH=/nowhere'})
    assert.equal(0, code, err)
    assert.is_truthy(last_line(out):find(wanted.last), out)
    assert.is_truthy(err:find('^' .. name .. ': no picture: gnuplot'), err)
    local words = {}
    for _, a in ipairs(with({file_of(name)}, table.unpack(arguments))) do
      words[#words + 1] = run.quote(a)
    end
    out, err = run.shell(('%s %s --plot none | head -n 1'):format(
      run.quote(run.program), table.concat(words, ' ')))
    assert.is_truthy(out:find '^%-%- 1%. ')
    progress_only(err)
  end)
end

-- The tests of a script; see above.
function M.script (name, arguments, wanted)
  describe(file_of(name), function ()
    ends(name, arguments, wanted)
    mistakes(name, arguments, wanted)
    pictures(name, arguments, wanted)
  end)
end

return M
