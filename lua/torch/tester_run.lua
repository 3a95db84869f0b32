-- How torch.Tester runs its tests and reports.  Returns a function that adds
-- the method run.

return function (Tester)

-- setUp, the test, tearDown: the last whatever the test did.
local function body (self, test)
  if self.setUp then self.setUp(test.name) end
  local ok, err = xpcall(test.f, function (e)
    if type(e) == 'table' and e.early_abort then return e end
    return self.rethrow and e or debug.traceback(tostring(e), 2)
  end)
  if self.tearDown then self.tearDown(test.name) end
  if not ok then error(err, 0) end
end

-- 'PASS', 'FAIL' (an assertion) or 'ERROR' (the test raised).
local function run_one (self, test)
  local before = #self.errors
  self.current = test.name
  local ok, err = pcall(body, self, test)
  local aborted = type(err) == 'table' and err.early_abort
  if not ok and self.rethrow and not aborted then error(err, 0) end
  if not ok and not aborted then
    self:_record(' Function call failed\n' .. tostring(err), true)
  end
  self.current = nil
  if not ok and not aborted then return 'ERROR' end
  return #self.errors == before and 'PASS' or 'FAIL'
end

-- The tests that a name, a number or a pattern stands for.
local function matching (self, wanted)
  local exact, list = {}, {}
  for i, test in ipairs(self.tests) do
    if test.name == wanted or i == wanted then exact[1] = test end
    if type(wanted) == 'string' and test.name:match(wanted) then
      list[#list + 1] = test
    end
  end
  return exact[1] and exact or list
end

local function chosen (self, names)
  if names == nil then return self.tests end
  local list, seen = {}, {}
  for _, wanted in ipairs(type(names) == 'table' and names or {names}) do
    local found = matching(self, wanted)
    if #found == 0 then
      error(("Tester:run: there is no test '%s'"):format(wanted), 3)
    end
    for _, test in ipairs(found) do
      if not seen[test] then list[#list + 1] = test end
      seen[test] = true
    end
  end
  return list
end

local function plural (n, word)
  return ('%d %s%s'):format(n, word, n == 1 and '' or 's')
end

local function report (self, ran, disabled)
  local errors = 0
  for _, e in ipairs(self.errors) do
    if e.is_error then errors = errors + 1 end
  end
  io.write(('Completed %s in %s with %s and %s%s\n'):format(
    plural(self.countasserts, 'assert'), plural(ran + disabled, 'test'),
    plural(#self.errors - errors, 'failure'), plural(errors, 'error'),
    disabled > 0 and (' and %d disabled'):format(disabled) or ''))
  if self.summary_only then return end
  local line = ('-'):rep(80) .. '\n'
  for _, e in ipairs(self.errors) do
    io.write(line, e.test, '\n', e.text, '\n')
  end
  if #self.errors > 0 then io.write(line) end
end

-- Runs all tests, or those that names or patterns (string.match) choose;
-- prints a line for each and a report; raises when any failed, so that a
-- script's exit code says so.
function Tester:run (names)
  local tests = chosen(self, names)
  self.countasserts, self.errors = 0, {}
  local ran, disabled, bad = 0, 0, 0
  io.write(('Running %s\n'):format(plural(#tests, 'test')))
  for i, test in ipairs(tests) do
    local head = ('%d/%d %s '):format(i, #tests, test.name)
    local result = 'SKIP'
    if self.disabled[test.name] then
      disabled = disabled + 1
    else
      ran = ran + 1
      result = run_one(self, test)
      bad = bad + (result == 'PASS' and 0 or 1)
    end
    io.write(head, ('.'):rep(72 - #head), ' [', result, ']\n')
    if bad > 0 and self.early_abort then break end
  end
  report(self, ran, disabled)
  if bad > 0 then
    error(('%d of %s failed, see above'):format(bad, plural(ran, 'test')), 0)
  end
  return self
end

end
