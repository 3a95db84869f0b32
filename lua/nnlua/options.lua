-- The command line of the program: lua's own options with lua's meanings, and
-- GNU long ones.  parse(argv) -> options, or nil and what is wrong.

local nearest = require 'nnlua.nearest'

local M = {}

M.help = [==[
usage: nnlua [options] [script [args]]     without a script: a prompt
       nnlua help [NAME] | doctor          manual; versions, kernels, limits

  -e STAT       run a statement        -l [G=]MOD   require MOD, as global G
  -i            prompt after a script  -v           print the version
  -E            ignore the environment -W           turn warnings on
  -             run stdin              --           end of options
  --threads N   threads of the runtime (default: one for each core)
  --seed N      seed of torch's and math's random numbers
  --gemm NAME   matrix products by 'own' kernels or 'openblas'
  --debug       tracebacks show C functions and the program's own
  --no-color    no colours (as with NO_COLOR in the environment)
  --version, --help

examples:
  nnlua train.lua --lr 0.1
  nnlua -e "print(autograd.grad(function (x) return x^2 end)(3))"
  nnlua --seed 1 --threads 2 -i model.lua

exit codes: 0 ok, 1 error in a script, 2 wrong usage, 3 file, 4 memory,
130 interrupted
]==]

local long = {
  ['--help'] = 'help', ['--version'] = 'version', ['--debug'] = 'debug',
  ['--no-color'] = 'no_color',
}

local function integer (least, most)
  return function (text)
    local n = text:match('^[-+]?%d+$') and math.tointeger(tonumber(text))
    if not n or n < least or most and n > most then
      return nil, most and ('an integer from %d to %d'):format(least, most)
                  or 'an integer'
    end
    return n
  end
end

local valued = {
  ['--threads'] = integer(1, 64),
  ['--seed'] = integer(math.mininteger),
  ['--gemm'] = function (text)
    if text == 'own' or text == 'openblas' then return text end
    return nil, "'own' or 'openblas'"
  end,
}

local short = {['-i'] = 'interactive', ['-v'] = 'show_version',
               ['-E'] = 'no_environment', ['-W'] = 'warnings'}

local function unknown (word)
  local names = {'-e', '-l', '-i', '-v', '-E', '-W'}
  local list = {}
  for name in pairs(long) do list[#list + 1] = name end
  for name in pairs(valued) do list[#list + 1] = name end
  table.sort(list)
  local name = word:match('^(.-)=') or word
  local near = #name > 2 and nearest(name, list)
  if not near and #name > 2 then near = nearest('-' .. name, list) end
  if not near and #name == 2 then
    for _, other in ipairs(names) do
      if other:lower() == name:lower() then near = other end
    end
  end
  return ("unknown option '%s'%s"):format(
    name, near and ("; did you mean '%s'"):format(near) or '')
end

-- The value of an option that takes one: behind '=' or the next word.
local function value_of (argv, i)
  local name, value = argv[i]:match('^(%-%-[^=]+)=(.*)$')
  if name then return name, value, i end
  return argv[i], argv[i + 1], i + 1
end

-- Reads the option at argv[i] into o: the index after it, or nil and why.
local function option (o, argv, i)
  local word = argv[i]
  local two = word:sub(1, 2)
  if short[word] then
    o[short[word]] = true
  elseif long[word] then
    o[long[word]] = true
  elseif two == '-e' or two == '-l' and word:sub(1, 3) ~= '--l' then
    local value = word:sub(3)
    if value == '' then
      i = i + 1
      value = argv[i]
    end
    if not value then return nil, ("option '%s' needs a value"):format(two) end
    o.run[#o.run + 1] = {kind = two, text = value}
  else
    local name, value, last = value_of(argv, i)
    local check = valued[name]
    if not check then return nil, unknown(word) end
    if not value then
      return nil, ("option '%s' needs a value"):format(name)
    end
    local result, wanted = check(value)
    if result == nil then
      return nil, ("option '%s': %s expected, got '%s'")
                  :format(name, wanted, value)
    end
    o[name:sub(3)] = result
    i = last
  end
  return i + 1
end

-- argv[0] is the program.  The result has the flags, `run` (the -e and -l in
-- their order), `script` (a path, '-' or nil) and `index`, its place in argv.
function M.parse (argv)
  local o = {run = {}}
  local i = 1
  while argv[i] do
    local word = argv[i]
    if word == '-' then break end
    if word == '--' then i = i + 1; break end
    if word:sub(1, 1) ~= '-' then break end
    local next_i, message = option(o, argv, i)
    if not next_i then return nil, message end
    i = next_i
  end
  o.script, o.index = argv[i], argv[i] and i or nil
  return o
end

return M
