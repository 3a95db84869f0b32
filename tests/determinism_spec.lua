-- The same bits for any number of threads, eager and jitted, for every CPU's
-- kernels: trainings in processes of their own (see determinism.lua).
local here = debug.getinfo(1, 'S').source:match '^@(.*/)'
package.path = here .. 'nnlua/?.lua;' .. package.path
local outside = require 'run'

local function train (cpu, mode, threads)
  local before = cpu and 'NNLUA_CPU=' .. cpu
  local out, err, code = outside.run({here .. 'determinism.lua', mode,
                                      tostring(threads)}, {before = before})
  assert.equal('', err)
  assert.equal(0, code)
  assert.is_true(#out > 300)
  return out
end

describe('a training has the same bits', function ()
  local want = {}

  -- each mode against the first of its kind; jit draws what eager draws
  local function same (cpu, mode, threads)
    local kind = mode == 'jit' and 'eager' or mode
    local out = train(cpu, mode, threads)
    want[kind] = want[kind] or out
    assert.equal(want[kind], out)
  end

  setup(function () want.eager = train(nil, 'eager', 1) end)

  it('in another process', function () same(nil, 'eager', 1) end)
  it('with two threads', function () same(nil, 'eager', 2) end)
  it('with five threads', function () same(nil, 'eager', 5) end)
  it('jitted', function () same(nil, 'jit', 1) end)
  it('jitted, with two threads', function () same(nil, 'jit', 2) end)

  for _, cpu in ipairs {'avx512', 'avx2', 'generic'} do
    it('with kernels for ' .. cpu, function () same(cpu, 'eager', 2) end)
    it('jitted, for ' .. cpu, function () same(cpu, 'jit', 1) end)
  end

  it('mapped over the examples', function ()
    same(nil, 'vmap', 1)
    same(nil, 'vmap', 2)
    same('avx2', 'vmap', 1)
    same('generic', 'vmap', 2)
  end)

  -- the sanitizer would have to be loaded before lua5.4
  it('under plain Lua #release', function ()
    local out, err, code = outside.shell(outside.paths .. ' lua5.4 '
      .. outside.quote(here .. 'determinism.lua') .. ' eager 2')
    if code == 127 then return end -- there is none
    assert.equal('', err)
    assert.equal(want.eager, out)
  end)

  it('and others with another seed', function ()
    local out = outside.run({'-e', [[
      torch.manualSeed(1)
      local a = torch.randn(3)
      torch.manualSeed(2)
      print(torch.equal(a, torch.randn(3)))]]})
    assert.equal('false\n', out)
  end)
end)
