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

-- Keeps what went wrong; an error is what a test raised.
function Tester:_record (text, is_error)
  local errors = self.errors
  errors[#errors + 1] = {test = self.current or 'outside of a test',
                         text = text, is_error = is_error}
end

-- The line of the test that made the assertion.
local function caller ()
  local own = debug.getinfo(1, 'S').source
  local level = 2
  local info = debug.getinfo(level, 'Sl')
  while info and (info.source == own or info.what == 'C'
                  or info.source:find 'tester_%a+%.lua$') do
    level = level + 1
    info = debug.getinfo(level, 'Sl')
  end
  return info and ('%s:%d'):format(info.short_src, info.currentline) or ''
end

-- Every assertion ends here: true when it holds, else the failure is kept.
function Tester:_check (holds, what, message)
  self.countasserts = self.countasserts + 1
  if holds then return true end
  self:_record(('%s%s\n  at %s'):format(
    message and tostring(message) .. '\n' or '', what, caller()))
  if self.early_abort then error({early_abort = true}, 0) end
  return false
end

require 'torch.tester_assert' (Tester, compare)

require 'torch.tester_run' (Tester)

return M
