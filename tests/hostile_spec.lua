-- Everything that the packages export, and the methods of what they make, with
-- hostile arguments: plainly, inside each transform, in coroutines.  Nothing
-- but Lua errors may come of it.  A failure shows the seed and the call;
-- NNLUA_FUZZ sets how many calls are made, NNLUA_FUZZ_SEED which.
local torch = require 'torch'
local autograd = require 'autograd'
local hostile = dofile 'tests/hostile.lua'

local calls = math.tointeger(tonumber(os.getenv 'NNLUA_FUZZ')) or 300
local seed = math.tointeger(tonumber(os.getenv 'NNLUA_FUZZ_SEED')) or 1

-- these end the program, read or write files, print, or set what all use
local skip = {}
for name in ([[class CmdLine Tester TestSuite save DiskFile MemoryFile PipeFile
    tic toc setdefaulttensortype setdefaultdtype load setnumthreads
    setprintoptions Timer newmetatable setmetatable serialize deserialize write
    writable read mnist fetch download term check Logger outside manualSeed
    setRNGState seed initialSeed StochasticGradient Copy]]):gmatch '%a+' do
  skip[name] = true
end

local names = {
  data = {'Dataset', 'TensorDataset', 'loader', 'subset', 'info'},
  plot = {'line', 'scatter', 'bar', 'hist', 'image', 'grid', 'heatmap',
          'confusion', 'kaf'},
}

-- {name, function}, in a fixed order; callable tables are classes
local function targets (package)
  local t, list = require(package), {}
  local function add (prefix, from)
    local keys = {}
    for k in pairs(from) do
      if type(k) == 'string' then keys[#keys + 1] = k end
    end
    for _, k in ipairs(names[package] or {}) do
      if from == t and rawget(t, k) == nil then keys[#keys + 1] = k end
    end
    table.sort(keys)
    for _, k in ipairs(keys) do
      local ok, v = pcall(function () return from[k] end)
      local mt = debug.getmetatable(v)
      local call = type(mt) == 'table' and rawget(mt, '__call')
      if ok and not skip[k] and (type(v) == 'function' or call) then
        list[#list + 1] = {name = prefix .. k, f = v}
      elseif ok and type(v) == 'table' and #prefix < 20 and v ~= _G
             and (k == 'tree' or k == 'functional' or k == 'schedule'
                  or k == 'init' or k == 'lagrangian') then
        add(prefix .. k .. '.', v)
      end
    end
  end
  add(package .. '.', t)
  return list
end

-- calls g under a transform, with a tensor of it
local under = {
  function (g) return g(torch.ones(3)) end,
  function (g) return autograd.grad(g)(torch.ones(3)) end,
  function (g) return autograd.grad(g)({w = torch.ones(2, 3), b = 2.0}) end,
  function (g) return autograd.vmap(g)(torch.ones(2, 3)) end,
  function (g) return autograd.jit(g)(torch.ones(2, 3)) end,
  function (g) return autograd.jvp(g, {torch.ones(3)}, {torch.ones(3)}) end,
  function (g) return autograd.vjp(g, torch.ones(2, 3)) end,
  function (g) return autograd.jit(autograd.grad(g))(torch.ones(3)) end,
  function (g) return autograd.grad(autograd.jit(g))(torch.ones(3)) end,
  function (g) return autograd.vmap(autograd.grad(g))(torch.ones(2, 3)) end,
  function (g) return autograd.checkpoint(g)(torch.ones(3)) end,
  function (g)
    return coroutine.wrap(function () return g(torch.ones(3)) end)()
  end,
}

-- Calls some methods of a module or whatever was made.
local function methods_of (object)
  local list, seen, at = {}, {}, object
  for _ = 1, 8 do
    if type(at) ~= 'table' or seen[at] then break end
    seen[at] = true
    for k, v in next, at do
      if type(k) == 'string' and type(v) == 'function' and not skip[k]
         and k:sub(1, 2) ~= '__' then
        list[#list + 1] = k
      end
    end
    local mt = debug.getmetatable(at)
    at = type(mt) == 'table' and (rawget(mt, '__index') or mt) or nil
  end
  table.sort(list)
  return list
end

local function fuzz (package, count)
  local list = targets(package)
  assert.is_true(#list > 2)
  math.randomseed(seed)
  for i = 1, count do
    local target = list[math.random(#list)]
    local way = math.random() < 0.4 and 1 or math.random(#under)
    local arguments = hostile.arguments(4)
    local method, traced = nil, math.random(1, 5)
    local function what ()
      return ('call %d of seed %d, %s%s, way %d'):format(
        i, seed, target.name, method and ':' .. method or '', way)
    end
    if os.getenv 'NNLUA_FUZZ_SAY' then io.stderr:write(what(), '\n') end
    local made = hostile.try(function ()
      return under[way](function (x)
        if way > 1 and traced <= arguments.n then arguments[traced] = x end
        return target.f(table.unpack(arguments, 1, arguments.n))
      end)
    end, what)
    for _ = 1, type(made) == 'table' and 3 or 0 do
      local all = methods_of(made)
      if #all == 0 then break end
      method = all[math.random(#all)]
      local more = hostile.arguments(3)
      hostile.try(function ()
        return under[way](function (x)
          if way > 1 then more[1] = x end
          return made[method](made, table.unpack(more, 1, more.n))
        end)
      end, what)
    end
  end
end

describe('hostile arguments only give errors', function ()
  local state, dtype, printed = nil, nil, print
  before_each(function ()
    state, dtype = torch.getRNGState(), torch.getdefaulttensortype()
    _G.print = function () end
  end)
  after_each(function ()
    _G.print = printed
    torch.setRNGState(state)
    torch.setdefaulttensortype(dtype)
  end)

  for _, package in ipairs {'autograd', 'nn', 'optim', 'data', 'random',
                            'plot', 'torch'} do
    it('to ' .. package, function () fuzz(package, calls) end)
  end
end)
