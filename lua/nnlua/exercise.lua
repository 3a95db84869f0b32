-- What the exercises in scripts/ share.  A script is a module of functions
-- and a main that is called only when the file is run, not when required:
--
--   local exercise = require 'nnlua.exercise'
--   local M = {}
--   function M.sigmoid (x) return 1 / (1 + torch.exp(-x)) end
--   local function main (run)                  -- run.opt: the options' values
--     run:part 'the sigmoid'                            -- a heading
--     run:say('sigmoid(0)', M.sigmoid(0))               -- print, tables too
--     run:near('sigmoid(0) is 1/2', M.sigmoid(0), 0.5)  -- "checked: ..."
--     run:plot {plot.line {...}, plot.hist {...}, columns = 2}
--     return run:finish('final cost %.4f', cost)   -- "NAME: final cost 0.1234"
--   end
--   return exercise.script(M, main, {name = 'NAME', about = 'One line.',
--     options = {{'--updates', 100, 'steps of gradient descent', least = 1}}})
--
-- Every script has --seed (torch and run.key begin there), --plot FILE (by
-- default out/NAME.png; none: no picture) unless spec.picture is false,
-- --quiet (the last line only) and, where spec.quick says what it leaves out,
-- --quick.  A wrong option is told on stderr, exit code 2; a picture that can
-- not be written, before the work, exit code 1; without gnuplot there is only
-- a message, unless --plot was given.  The methods of run are in
-- exercise_run.lua.  Tests may call M.main {'--quick', '--plot', 'none'}.

local torch = require 'torch'
local Run = require 'nnlua.exercise_run'

local M = {}

-- ---- options ----

-- An option is {'--name', default, help} and what its value must be: least
-- and most (an integer between them), above (a number above that), choices
-- (one of these texts).
local function common (spec)
  local list = table.move(spec.options or {}, 1, #(spec.options or {}), 1, {})
  list[#list + 1] = {'--seed', 1, 'of the random numbers',
                     least = math.mininteger}
  if spec.picture ~= false then
    list[#list + 1] = {'--plot', '', -- '' where it was not given
      ('PNG or SVG file, none: no picture [out/%s.png]'):format(spec.name)}
  end
  if spec.quick then list[#list + 1] = {'--quick', false, spec.quick} end
  list[#list + 1] = {'--quiet', false, 'print the last line only'}
  return list
end

local function integer_between (o, value)
  local n = math.tointeger(value)
  if n and n >= o.least and n <= (o.most or n) then return n end
  return nil, 'an integer '
    .. (o.most and ('from %d to %d'):format(o.least, o.most)
        or o.least == math.mininteger and ''
        or ('of at least %d'):format(o.least))
end

local function converted (o, value)
  if o.least then return integer_between(o, value) end
  if o.above then
    if value > o.above and value < math.huge then return value end
    return nil, ('a number above %g'):format(o.above)
  elseif o.choices then
    for _, choice in ipairs(o.choices) do
      if value == choice then return value end
    end
    local last = #o.choices
    return nil, table.concat(o.choices, ', ', 1, last - 1) .. ' or '
                .. o.choices[last]
  end
  return value
end

-- The values of a script's options, by name; a mistake ends the script.
-- spec.check(opt) may change them, or return what is wrong.
function M.parse (spec, args)
  local cmd, list = torch.CmdLine(), common(spec)
  cmd:text(spec.about):text()
  for _, o in ipairs(list) do cmd:option(o[1], o[2], o[3]) end
  local opt = cmd:parse(args)
  for _, o in ipairs(list) do
    local name = o[1]:match '^%-%-(.*)$'
    local value, wanted = converted(o, opt[name])
    if value == nil then
      cmd:error(('option %s: %s expected, got %s'):format(
        o[1], wanted:gsub(' $', ''), type(opt[name]) == 'string'
        and ("'%s'"):format(opt[name]) or tostring(opt[name])))
    end
    opt[name] = value
  end
  local wrong = spec.check and spec.check(opt)
  if wrong then cmd:error(wrong) end
  return opt
end

-- ---- the script ----

-- Is the file that holds f run as a script, and not required?
local function is_script (f)
  local source = debug.getinfo(f, 'S').source
  return arg ~= nil and arg[0] ~= nil
         and (source == '@' .. arg[0] or source == '=stdin' and arg[0] == '-')
end

-- Adds main(args) to the exercise's functions M, calls it when the file is
-- run as a script, and returns M.
function M.script (functions, main, spec)
  function functions.main (args)
    local opt = M.parse(spec, args or {})
    torch.manualSeed(opt.seed)
    return main(Run.new(spec, opt))
  end
  if is_script(main) then functions.main(arg) end
  return functions
end

return M
