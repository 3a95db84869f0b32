-- Every function and method with hostile arguments: nothing but Lua errors
-- with a text may come of it.  A failing seed is shown; NNLUA_FUZZ sets how
-- many calls are made.
local torch = require 'torch'
local core = require 'nnlua.core'

local calls = math.tointeger(tonumber(os.getenv 'NNLUA_FUZZ')) or 20000

-- these end the program, write files, print or change settings for all
local skip = {class = 1, CmdLine = 1, Tester = 1, TestSuite = 1, save = 1,
              DiskFile = 1, MemoryFile = 1, PipeFile = 1, tic = 1, toc = 1,
              setdefaulttensortype = 1, setdefaultdtype = 1, load = 1,
              setnumthreads = 1, setprintoptions = 1, Timer = 1,
              newmetatable = 1, setmetatable = 1, serialize = 1,
              deserialize = 1}

local function targets ()
  local list = {}
  local function add (prefix, t)
    for name, f in pairs(t) do
      if type(f) == 'function' and not skip[name] then
        list[#list + 1] = {name = prefix .. name, f = f}
      end
    end
  end
  add('torch.', torch)
  add(':', core.methods)
  add('storage:', core.storage_methods)
  add('new.', core.new)
  for _, name in ipairs{'random_key', 'random_split', 'random_fold',
                        'from_storage', 'storage_id', 'new_storage',
                        'typename'} do
    list[#list + 1] = {name = 'core.' .. name, f = core[name]}
  end
  table.sort(list, function (a, b) return a.name < b.name end)
  local operators = {
    ['x + y'] = function (x, y) return x + y end,
    ['x * y'] = function (x, y) return x * y end,
    ['x // y'] = function (x, y) return x // y end,
    ['x & y'] = function (x, y) return x & y end,
    ['x < y'] = function (x, y) return x < y end,
    ['x[y]'] = function (x, y) return x[y] end,
    ['x[y] = z'] = function (x, y, z) x[y] = z end,
    ['#x'] = function (x) return #x end,
    ['-x'] = function (x) return -x end,
    tostring = function (x) return tostring(x) end,
  }
  for name, f in pairs(operators) do
    list[#list + 1] = {name = name, f = f}
  end
  table.sort(list, function (a, b) return a.name < b.name end)
  return list
end

local makers = dofile('tests/hostile.lua').makers

it('hostile arguments only give errors', function ()
  local list = targets()
  local seed = math.tointeger(tonumber(os.getenv 'NNLUA_FUZZ_SEED')) or 1
  math.randomseed(seed)
  for i = 1, calls do
    local target = list[math.random(#list)]
    local arguments = {n = math.random(0, 5)}
    for k = 1, arguments.n do
      -- half of the first arguments are tensors
      local first = k == 1 and math.random() < 0.5 and 40 or 1
      arguments[k] = makers[math.random(first, #makers)]()
    end
    local ok, message = pcall(target.f,
                              table.unpack(arguments, 1, arguments.n))
    if not ok then
      local text = tostring(message)
      assert.equal('string', type(message), target.name)
      -- Lua's own texts about other objects' operators are not ours
      assert.is_nil(not text:find 'attempt to' and text:find('userdata', 1,
                                                             true) or nil,
                    ('call %d of seed %d, %s: %s'):format(i, seed,
                                                          target.name, text))
      assert.is_nil(text:find('nnlua/core', 1, true), text)
    end
  end
end)
