-- torch.Tester, TestSuite and Timer.
local T = require 'torch.Tester'
local Timer = require 'torch.Timer'

local function silently (f, ...) -- runs f, returns what it wrote, its results
  local path = os.tmpname()
  local before = io.output()
  io.output(assert(io.open(path, 'w')))
  local results = table.pack(pcall(f, ...))
  io.output():close()
  io.output(before)
  local text = assert(io.open(path)):read 'a'
  os.remove(path)
  return text, table.unpack(results)
end

local function run (tests, names)
  local tester = T.Tester()
  if type(tests) == 'function' then tests = tests(tester) end
  tester:add(tests)
  local text, ok, err = silently(tester.run, tester, names)
  return tester, text, ok, err
end

describe('torch.Tester', function ()
  it('passes', function ()
    local tester, text, ok = run(function (t)
      return {
        a = function ()
          t:assert(true); t:assertlt(1, 2); t:assertgt(2, 1)
          t:assertle(1, 1); t:assertge(1, 1); t:asserteq('x', 'x')
          t:assertne(1, 2); t:assertalmosteq(1, 1.05, 0.1)
          t:assertTableEq({1, {2}}, {1, {2}}); t:assertTableNe({1}, {1, 2})
        end,
        b = function ()
          t:eq({1, x = {2.0}}, {1, x = {2.05}}, 0.1); t:ne({1}, {2})
          t:assertError(function () error 'x' end)
          t:assertErrorMsg(function () error 'exactly' end, 'exactly')
          t:assertErrorPattern(function () error 'abc' end, 'b')
          t:assertErrorObj(function () error {code = 3} end,
                           function (e) return e.code == 3 end)
          t:assertNoError(function () end)
        end,
      }
    end)
    assert.is_true(ok)
    assert.equal(17, tester.countasserts)
    local dots = ('.'):rep(66)
    assert.equal('Running 2 tests\n1/2 a ' .. dots .. ' [PASS]\n2/2 b '
                 .. dots .. ' [PASS]\nCompleted 17 asserts in 2 tests with '
                 .. '0 failures and 0 errors\n', text)
  end)

  it('keeps failures with message and line, and raises in the end',
     function ()
    local tester, text, ok, err = run(function (t)
      return {
        bad = function () t:assertlt(2, 1, 'order'); t:eq(1, 2) end,
        broken = function () error 'oops' end,
        good = function () t:assert(true) end,
      }
    end)
    assert.is_false(ok)
    assert.equal('2 of 3 tests failed, see above', err)
    assert.equal(3, #tester.errors)
    assert.is_truthy(text:find('bad\norder\n LT(<) violation   val=2, '
                             .. 'condition=1\n  at ', 1, true))
    assert.matches('broken\n Function call failed\n.*oops', text)
  end)

  it('runs what is named, sets up, disables, aborts', function ()
    local seen = {}
    local function suite (t)
      return {
        setUp = function (name) seen[#seen + 1] = 'up ' .. name end,
        tearDown = function (name) seen[#seen + 1] = 'down ' .. name end,
        a = function () seen[#seen + 1] = 'a' t:assert(true) end,
        b = function () seen[#seen + 1] = 'b' t:assert(true) end,
      }
    end
    run(suite, 'b')
    assert.same({'up b', 'b', 'down b'}, seen)
    local _, _, ok, err = run(suite, 'c')
    assert.is_false(ok)
    assert.matches("there is no test 'c'", err)
    local tester = T.Tester()
    tester:add {a = function () tester:assert(false) end}:disable 'a'
    local text, passed = silently(tester.run, tester)
    assert.is_true(passed)
    assert.equal('Running 1 test\n1/1 a ' .. ('.'):rep(66) .. ' [SKIP]\n'
                 .. 'Completed 0 asserts in 1 test with 0 failures and '
                 .. '0 errors and 1 disabled\n', text)
    tester = T.Tester()
    tester:setEarlyAbort(true)
    local after = false
    tester:add {a = function () tester:assert(false); after = true end}
    silently(tester.run, tester)
    assert.is_false(after)
  end)

  it('has suites without two tests of one name', function ()
    local suite = T.TestSuite()
    function suite.a () end
    assert.error_matches(function () function suite.a () end end,
                         "there is a test 'a' already")
    local tester = T.Tester()
    tester:add(suite)
    assert.equal(1, #tester.tests)
    assert.error_matches(function () tester:add(3) end,
                         'a function or a table of functions expected')
  end)
end)

describe('torch.Timer', function ()
  it('counts, stops, resumes, resets', function ()
    local timer = Timer.Timer()
    local t = timer:time()
    assert.is_true(t.real >= 0 and t.user >= 0 and t.sys >= 0)
    timer:stop()
    local before = timer:time().user
    local x = 0
    for i = 1, 1e5 do x = x + i end
    assert.equal(before, timer:time().user)
    assert.equal(0, timer:reset():time().real)
    timer:resume()
    repeat x = x + 1 until timer:time().user > 0 or x > 1e12
    assert.is_true(timer:time().user > 0)
  end)
  it('has tic and toc', function ()
    Timer.tic()
    assert.is_true(Timer.toc(true) >= 0)
  end)
end)
