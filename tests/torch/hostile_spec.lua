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

local cyclic = {}
cyclic[1] = cyclic
local broken = setmetatable({1, 2}, {__index = function () error 'no' end,
                                     __len = function () return 1e9 end})

-- One value; tensors are made anew, since calls write to them.
local makers = {
  function () return nil end,
  function () return true end,
  function () return 0 end,
  function () return 1 end,
  function () return 2 end,
  function () return 3 end,
  function () return -1 end,
  function () return 2.5 end,
  function () return 0 / 0 end,
  function () return 1 / 0 end,
  function () return math.maxinteger end,
  function () return math.mininteger end,
  function () return 2^53 end,
  function () return '' end,
  function () return 'float64' end,
  function () return 'a\0b' end,
  function () return {} end,
  function () return {1, 2} end,
  function () return {{1, 2}, {}} end,
  function () return {3, -1, 2.5} end,
  function () return cyclic end,
  function () return broken end,
  function () return {dtype = 'int64'} end,
  function () return {key = torch.ones(2)} end,
  function () return {keepdim = false} end,
  function () return function () end end,
  function () return io.stdout end,
  function () return coroutine.create(function () end) end,
  function () return torch.LongStorage{2, 3} end,
  function () return torch.ones(3):storage() end,
  function () return torch.Tensor() end,
  function () return torch.tensor(2) end,
  function () return torch.tensor(true) end,
  function () return torch.zeros(0, 3) end,
  function () return torch.ones(3) end,
  function () return torch.range(1, 6):view(2, 3) end,
  function () return torch.range(1, 6):view(2, 3):t() end,
  function () return torch.ones(1, 3):expand(2, 3) end,
  function () return torch.ones(2, 3, 2, 'float64') end,
  function () return torch.LongTensor{1, 2, 3} end,
  function () return torch.LongTensor{0, -5, 9} end,
  function () return torch.gt(torch.range(1, 3), 1) end,
  function () return torch.ones(6):unfold(1, 3, 1) end,
  function () return torch.ByteTensor{0, 1, 255} end,
}

it('hostile arguments only give errors', function ()
  local list = targets()
  local seed = math.tointeger(tonumber(os.getenv 'NNLUA_FUZZ_SEED')) or 1
  math.randomseed(seed)
  for i = 1, calls do
    local target = list[math.random(#list)]
    local arguments = {n = math.random(0, 5)}
    for k = 1, arguments.n do
      -- half of the first arguments are tensors
      local first = k == 1 and math.random() < 0.5 and 30 or 1
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
