-- torch.Tester and torch.TestSuite: unit tests as in Torch7.  Unlike there,
-- assertTensorEq compares the sizes too.
--
--   local tests, tester = torch.TestSuite(), torch.Tester()
--   function tests.sum () tester:eq(torch.ones(3):sum(), 3, 'sum') end
--   tester:add(tests):run()

local class = require 'torch.class'
local compare = require 'nnlua.compare'

local M = {}
local Tester = class.class('torch.Tester', nil, M)

-- A table of tests that refuses two of one name.
function M.TestSuite ()
  local tests = {}
  return setmetatable({}, {
    __index = tests,
    __newindex = function (_, name, f)
      if tests[name] ~= nil then
        error(("TestSuite: there is a test '%s' already"):format(name), 2)
      end
      tests[name] = f
    end,
    __pairs = function () return next, tests end,
  })
end

function Tester:__init ()
  self.tests = {}     -- list of {name =, f =}
  self.errors = {}    -- list of {test =, text =}
  self.disabled = {}  -- set of names
  self.countasserts = 0
end

-- Stops at the first failure of a test (default: goes on).
function Tester:setEarlyAbort (yes) self.early_abort = yes end
-- Errors in tests leave `run` as they are.
function Tester:setRethrowErrors (yes) self.rethrow = yes end
-- Prints only the counts.
function Tester:setSummaryOnly (yes) self.summary_only = yes end

-- Adds a function with a name, or a table (or TestSuite) of them; tables may
-- be nested: their tests are called outer.inner.
function Tester:add (f, name)
  if type(f) == 'function' then
    name = name or 'unknown'
    if name == '_setUp' or name == 'setUp' then
      self.setUp = f
    elseif name == '_tearDown' or name == 'tearDown' then
      self.tearDown = f
    else
      for _, test in ipairs(self.tests) do
        if test.name == name and name ~= 'unknown' then
          error(("Tester:add: there is a test '%s' already"):format(name), 2)
        end
      end
      self.tests[#self.tests + 1] = {name = name, f = f}
    end
  elseif type(f) == 'table' then
    local keys = {}
    for key in pairs(f) do keys[#keys + 1] = key end
    table.sort(keys, function (a, b) return tostring(a) < tostring(b) end)
    for _, key in ipairs(keys) do
      self:add(f[key], name and name .. '.' .. key or tostring(key))
    end
  else
    error('Tester:add: a function or a table of functions expected, got '
          .. type(f), 2)
  end
  return self
end

-- These tests (a name or a list) are counted, not run.
function Tester:disable (names)
  for _, name in ipairs(type(names) == 'string' and {names} or names) do
    self.disabled[name] = true
  end
  return self
end

local function record (self, text)
  local errors = self.errors
  errors[#errors + 1] = {test = self.current or 'outside of a test',
                         text = text}
end

-- The line of the test that made the assertion.
local function caller ()
  local own = debug.getinfo(1, 'S').source
  local level = 2
  local info = debug.getinfo(level, 'Sl')
  while info and (info.source == own or info.what == 'C'
                  or info.source:find 'tester_assert%.lua$') do
    level = level + 1
    info = debug.getinfo(level, 'Sl')
  end
  return info and ('%s:%d'):format(info.short_src, info.currentline) or ''
end

-- Every assertion ends here: true when it holds, else the failure is kept.
function Tester:_check (holds, what, message)
  self.countasserts = self.countasserts + 1
  if holds then return true end
  record(self, ('%s%s\n  at %s'):format(
    message and tostring(message) .. '\n' or '', what, caller()))
  if self.early_abort then error({early_abort = true}, 0) end
  return false
end

require 'torch.tester_assert' (Tester, compare)

local function run_one (self, test)
  local before = #self.errors
  self.current = test.name
  local function body ()
    if self.setUp then self.setUp(test.name) end
    test.f()
    if self.tearDown then self.tearDown(test.name) end
  end
  if self.rethrow then
    body()
  else
    local ok, err = xpcall(body, function (e)
      if type(e) == 'table' and e.early_abort then return e end
      return debug.traceback(tostring(e), 2)
    end)
    if not ok and type(err) ~= 'table' then
      record(self, ' Function call failed\n' .. err)
    end
  end
  self.current = nil
  return #self.errors == before
end

local function chosen (self, names)
  if names == nil then return self.tests end
  if type(names) ~= 'table' then names = {names} end
  local list = {}
  for _, wanted in ipairs(names) do
    local found = false
    for i, test in ipairs(self.tests) do
      if test.name == wanted or i == wanted then
        list[#list + 1], found = test, true
      end
    end
    if not found then
      error(("Tester:run: there is no test '%s'"):format(wanted), 3)
    end
  end
  return list
end

local function report (self, ran, disabled)
  io.write(('Completed %d assert%s in %d test%s with %d failure%s%s\n'):format(
    self.countasserts, self.countasserts == 1 and '' or 's',
    ran, ran == 1 and '' or 's', #self.errors,
    #self.errors == 1 and '' or 's',
    disabled > 0 and (' (%d disabled)'):format(disabled) or ''))
  if self.summary_only then return end
  local line = ('-'):rep(80) .. '\n'
  for _, e in ipairs(self.errors) do
    io.write(line, e.test, '\n', e.text, '\n')
  end
  if #self.errors > 0 then io.write(line) end
end

-- Runs all tests, or those named; prints a report; raises when any failed.
function Tester:run (names)
  local tests = chosen(self, names)
  self.countasserts, self.errors = 0, {}
  local ran, disabled = 0, 0
  io.write(('Running %d test%s\n'):format(#tests, #tests == 1 and '' or 's'))
  for _, test in ipairs(tests) do
    if self.disabled[test.name] then
      disabled = disabled + 1
    else
      ran = ran + 1
      local passed = run_one(self, test)
      if not passed and self.early_abort then break end
    end
  end
  report(self, ran, disabled)
  if #self.errors > 0 then
    error(('%d of %d tests failed, see above'):format(#self.errors, ran), 0)
  end
  return self
end

return M
