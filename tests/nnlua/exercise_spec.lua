-- nnlua.exercise: what the scripts share, on a small script of its own.

local here = debug.getinfo(1, 'S').source:match '^@(.*)exercise_spec%.lua$'
local run = dofile(here .. 'run.lua')

local TEXT = [[
local exercise = require 'nnlua.exercise'
local torch, plot = require 'torch', require 'plot'
local M = {twice = function (x) return 2 * x end}
local function main (run)
  run:part 'first'
  run:say('n', run.opt.n, run.quick, {a = torch.ones(2)})
  run:near('twice', {M.twice(torch.ones(2)), 1}, {torch.ones(2) * 2, 1})
  if run.opt.wrong then run:near('wrong', {torch.ones(2)}, {torch.ones(2, 1)}) end
  if run.opt.missing then run:try(error, 'no data there', 0) end
  run:part 'second'
  run:check('true', true)
  run:plot {plot.line {{1, 2, 3}}}
  run:plot {plot.line {{1, 2, 3}}, suffix = 'more'}
  return run:finish('cost %.2f', 1.5)
end
return exercise.script(M, main, {name = 'sample', about = 'Tries things.',
  quick = 'does less', options = {
    {'--n', 3, 'a number', least = 1, most = 9},
    {'--rate', 0.1, 'another', above = 0},
    {'--how', 'sgd', 'which', choices = {'sgd', 'adam'}},
    {'--wrong', false, 'a check that fails'},
    {'--missing', false, 'data that are not there'}},
  check = function (opt) if opt.n == 7 then return 'not 7' end end})
]]

describe('a script made by nnlua.exercise', function ()
  local folder, script = os.tmpname(), nil

  setup(function ()
    os.remove(folder)
    assert(os.execute('mkdir ' .. folder))
    script = folder .. '/sample.lua'
    local file = assert(io.open(script, 'w'))
    file:write(TEXT)
    file:close()
  end)

  teardown(function () os.execute('rm -r ' .. folder) end)

  local function at (place, arguments, before)
    return run.shell(('cd %s && %s %s %s %s'):format(place, before or '',
      run.quote(run.program), script, arguments))
  end

  it('prints its parts and ends with one line', function ()
    local out, err, code = at(folder, '--plot none')
    assert.equal('', err)
    assert.equal(0, code)
    assert.equal([[
-- 1. first
n 3 false {
  a : FloatTensor - size: 2
}
checked: twice (largest difference 0.0e+00)

-- 2. second
checked: true

sample: cost 1.50
]], (out:gsub('n\t?%s*3%s+false%s+', 'n 3 false ')))
    assert.equal('sample: cost 1.50\n', (at(folder, '--plot none --quiet')))
  end)

  it('runs nothing when it is required', function ()
    local path = "package.path = '" .. folder .. "/?.lua;' .. package.path "
    local out, _, code = run.run {'-e', path
      .. "local m = require 'sample' print(m.twice(4)) "
      .. "m.main {'--quiet', '--plot', 'none'}"}
    assert.equal(0, code)
    assert.equal('8\nsample: cost 1.50\n', out)
  end)

  it('explains mistakes in its options before the work', function ()
    local function check (arguments, wanted)
      local out, err, code = at(folder, arguments)
      assert.equal(2, code, err)
      assert.equal('', out)
      assert.is_truthy(err:find(wanted, 1, true), err)
    end
    check('--quik', "unknown option '--quik'; did you mean '--quick'")
    check('--n 0', 'option --n: an integer from 1 to 9 expected, got 0')
    check('--n 2.5', 'option --n: an integer from 1 to 9 expected, got 2.5')
    check('--n 7', 'not 7')
    check('--seed 1.5', 'option --seed: an integer expected, got 1.5')
    check('--rate 0', 'option --rate: a number above 0 expected, got 0')
    check('--how x', "option --how: sgd or adam expected, got 'x'")
    local out, err, code = at(folder, '--help')
    assert.equal('', err)
    assert.equal(0, code)
    assert.is_truthy(out:find('Tries things.', 1, true))
    assert.is_truthy(out:find('--quick +does less'))
  end)

  it('fails with what it checked, or with the message alone', function ()
    local _, err, code = at(folder, '--plot none --wrong')
    assert.equal(1, code)
    assert.is_truthy(err:find('check failed: wrong', 1, true), err)
    _, err, code = at(folder, '--plot none --missing')
    assert.equal(1, code)
    assert.equal('sample: no data there\n', err)
  end)

  it('says before the work that a picture can not be written', function ()
    local out, err, code = at(folder, '--plot /nowhere/x.png')
    assert.equal(1, code)
    assert.equal('', out)
    assert.is_truthy(err:find('^sample: .*/nowhere/x.png'), err)
    out, err, code = at('/proc', '') -- there is no folder out/ to make
    assert.equal(1, code)
    assert.equal('', out)
    assert.is_truthy(err:find('out/sample.png', 1, true)
                     or err:find('no picture', 1, true), err)
  end)

  it('goes on without gnuplot, unless a picture was asked for', function ()
    local out, err, code = at(folder, '--quiet', 'env PATH=/nowhere')
    assert.equal(0, code)
    assert.equal('sample: cost 1.50\n', out)
    assert.is_truthy(err:find('^sample: no picture: gnuplot'), err)
    out, err, code = at(folder, '--plot x.png', 'env PATH=/nowhere')
    assert.equal(1, code)
    assert.equal('', out)
    assert.is_truthy(err:find('gnuplot is not installed', 1, true), err)
  end)

  it('draws to out/, or where --plot says', function ()
    if not require 'plot'.available() then
      pending 'gnuplot is not installed'
      return
    end
    local function written (path)
      local file = assert(io.open(folder .. '/' .. path, 'rb'), path)
      local head = file:read(4)
      file:close()
      return head
    end
    local out = at(folder, '')
    assert.is_truthy(out:find('picture: out/sample.png', 1, true))
    assert.equal('\137PNG', written 'out/sample.png')
    assert.equal('\137PNG', written 'out/sample_more.png')
    at(folder, '--plot x.svg')
    assert.equal('<?xm', written 'x.svg')
    assert.equal('<?xm', written 'x_more.svg')
  end)
end)
