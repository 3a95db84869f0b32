-- Torch7's documentation of Tester and TestSuite: each assertion passes and
-- fails when it should, the report says what failed, the exit code too.
require 'nnlua.busted'
local torch = require 'torch'

local function silently (f, ...)
  local path, before = os.tmpname(), io.output()
  io.output(assert(io.open(path, 'w')))
  local results = table.pack(pcall(f, ...))
  io.output():close()
  io.output(before)
  local text = assert(io.open(path)):read 'a'
  os.remove(path)
  return text, table.unpack(results, 1, results.n)
end

local function T (...) return torch.Tensor {...} end
local function fail () error 'this fails' end
local function nothing () end
local function S (...) return torch.FloatStorage {...} end

-- assertion -> arguments with which it holds, and with which it does not
local cases = {
  assert = {{{true}, {1}}, {{false}, {nil}}},
  assertGeneralEq = {{{1, 1}, {{1, {2}}, {1, {2}}}, {T(1, 2), T(1, 2)},
                      {'a', 'a'}, {S(1, 2), S(1, 2)}, {1, 1.05, 0.1},
                      {T(1), T(1.05), 0.1, 'message'},
                      {T(1), T(1.05), 'message', 0.1}},
                     {{1, 2}, {{1, {2}}, {1, {3}}}, {T(1, 2), T(1, 3)},
                      {'a', 'b'}, {S(1, 2), S(1, 3)}, {1, 1.2, 0.1},
                      {T(1, 2), T(1, 2, 3)}, {1, 'a'}, {{1}, {1, 2}}}},
  assertlt = {{{1, 2}}, {{2, 2}, {3, 2}}},
  assertgt = {{{2, 1}}, {{2, 2}, {1, 2}}},
  assertle = {{{1, 2}, {2, 2}}, {{3, 2}}},
  assertge = {{{2, 1}, {2, 2}}, {{1, 2}}},
  asserteq = {{{1, 1}, {'a', 'a'}, {nil, nil}}, {{1, 2}, {{}, {}}}},
  assertne = {{{1, 2}, {{}, {}}}, {{1, 1}}},
  assertalmosteq = {{{1, 1}, {1, 1.25, 0.25}, {1, 1.1, 'm', 0.2}},
                    {{1, 1.0001}, {1, 1.3, 0.25}}},
  assertTensorEq = {{{T(1), T(1)}, {T(1), T(1.05), 0.1}},
                    {{T(1), T(1.2), 0.1}, {T(1, 2), torch.Tensor {{1, 2}}},
                     {T(1), torch.DoubleTensor {1}}}},
  assertTableEq = {{{{1, {T(2)}}, {1, {T(2)}}}, {{1}, {1.05}, 0.1}},
                   {{{1}, {2}}, {{1}, {1, 1}}, {{1, 2}, {1}}}},
  assertError = {{{fail}}, {{nothing}}},
  assertNoError = {{{nothing}}, {{fail}}},
  assertErrorMsg = {{{fail, 'this fails'}}, {{fail, 'this'}, {nothing, ''}}},
  assertErrorPattern = {{{fail, 'th.s'}}, {{fail, 'that'}, {nothing, ''}}},
  assertErrorObj = {
    {{function () error {code = 3} end, function (e) return e.code == 3 end}},
    {{function () error {code = 4} end, function (e) return e.code == 3 end},
     {nothing, function () return true end}}},
}
cases.eq = cases.assertGeneralEq
-- the opposites
for yes, no in pairs {assertGeneralEq = 'assertGeneralNe', eq = 'ne',
                      assertTensorEq = 'assertTensorNe',
                      assertTableEq = 'assertTableNe'} do
  cases[no] = {cases[yes][2], cases[yes][1]}
end

describe('documented: Tester', function ()
  for name, case in pairs(cases) do
    it(name .. ' passes and fails', function ()
      for kind, list in ipairs(case) do
        for i, arguments in ipairs(list) do
          local tester, result = torch.Tester(), nil
          tester:add(function ()
            result = tester[name](tester, table.unpack(arguments, 1, 4))
          end, 'it')
          local _, ok = silently(tester.run, tester)
          local what = ('%s, list %d, case %d'):format(name, kind, i)
          assert.equal(kind == 1, ok, what)
          assert.equal(kind == 1, result, what)
          assert.equal(1, tester.countasserts, what)
        end
      end
    end)
  end

  it('runs the documented example: one passes, two fail', function ()
    local mytest, tester = torch.TestSuite(), torch.Tester()
    function mytest.testA ()
      tester:eq(T(1, 2, 3), T(1, 2, 4), 'a and b should be equal')
    end
    function mytest.testB ()
      tester:eq({2, T(1, 2, 2)}, {2, T(1, 2, 2.001)}, 0.01,
                'a and b should be approximately equal')
    end
    function mytest.testC ()
      tester:assertNoError(function () return 'hello ' .. nil end,
                           "myfunc shouldn't give an error")
    end
    assert.equal(tester, tester:add(mytest))
    local text, ok, err = silently(tester.run, tester)
    assert.is_false(ok)
    assert.matches('2 of 3 tests failed', err)
    assert.matches('^Running 3 tests\n', text)
    assert.matches('%d/3 testA %.+ %[FAIL%]\n', text)
    assert.matches('%d/3 testB %.+ %[PASS%]\n', text)
    assert.matches('%d/3 testC %.+ %[FAIL%]\n', text)
    assert.matches('Completed 3 asserts in 3 tests with 2 failures and 0 '
                   .. 'errors\n', text)
    assert.matches('testA\na and b should be equal\n', text)
    assert.matches('documented_tester_spec.lua:%d+', text)
    assert.matches("testC\nmyfunc shouldn't give an error\n", text)
  end)

  it('an error in a test is an error, and tearDown runs', function ()
    local tester, seen = torch.Tester(), {}
    tester:add(fail, 'broken'):add(nothing, 'good')
    tester:add(function (name) seen[#seen + 1] = 'up ' .. name end, '_setUp')
    tester:add(function (name) seen[#seen + 1] = 'down ' .. name end,
               '_tearDown')
    local text, ok = silently(tester.run, tester)
    assert.is_false(ok)
    assert.same({'up broken', 'down broken', 'up good', 'down good'}, seen)
    assert.matches('1/2 broken %.+ %[ERROR%]', text)
    assert.matches('0 failures and 1 error\n', text)
  end)

  it('runs what names and patterns choose', function ()
    local seen
    local tester = torch.Tester()
    for _, name in ipairs {'test1', 'test2', 'test10', 'other'} do
      tester:add(function () seen[#seen + 1] = name end, name)
    end
    local function run (names)
      seen = {}
      silently(tester.run, tester, names)
      return seen
    end
    assert.same({'test1'}, run 'test1')
    assert.same({'test2', 'other'}, run {'test2', 'other'})
    assert.same({'test1', 'test2', 'test10'}, run '^test')
    tester:disable {'test2', 'other'}
    assert.same({'test1', 'test10'}, run())
    assert.has_error(function () tester:add(nothing, 'test1') end)
  end)

  it('setEarlyAbort, setRethrowErrors, setSummaryOnly', function ()
    local tester, n = torch.Tester(), 0
    tester:add(function () tester:assert(false); n = n + 1 end, 'a')
    tester:add(function () n = n + 1 end, 'b')
    tester:setEarlyAbort(true)
    silently(tester.run, tester)
    assert.equal(0, n)
    tester = torch.Tester()
    local object = {}
    tester:add(function () error(object) end, 'a')
    tester:setRethrowErrors(true)
    local _, ok, err = silently(tester.run, tester)
    assert.is_false(ok)
    assert.equal(object, err)
    tester = torch.Tester()
    tester:add(function () tester:assert(false, 'my message') end, 'a')
    tester:setSummaryOnly(true)
    assert.not_matches('my message', (silently(tester.run, tester)))
  end)

  it('a suite refuses a second test of one name', function ()
    local suite = torch.TestSuite()
    function suite.myTest () end
    assert.error_matches(function () function suite.myTest () end end,
                         "there is a test 'myTest' already")
  end)

  it("a script's exit code tells of failures", function ()
    local lua = arg[-1] or 'lua5.4'
    for i = -1, -10, -1 do if arg[i] then lua = arg[i] end end
    local function code (condition)
      local path = os.tmpname()
      local f = assert(io.open(path, 'w'))
      f:write("local torch = require 'torch' local t = torch.Tester() ",
              't:add(function () t:assert(', condition, ") end, 'x') t:run()")
      f:close()
      local _, _, n = os.execute(("'%s' '%s' >/dev/null 2>&1")
                                 :format(lua, path))
      os.remove(path)
      return n
    end
    assert.equal(0, code 'true')
    assert.equal(1, code 'false')
  end)
end)
