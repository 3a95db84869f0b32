-- Calls everything that the packages export with counts of 2^40, and the
-- modules that come of it with inputs; prints what builds for longer than some
-- million instructions of Lua, or until no memory is left.
local torch = require 'torch'
local nn = require 'nn'

local N = 2^40
local function x () return torch.range(1, 6):view(2, 3) end
local patterns = {
  {N}, {N, 1}, {1, N}, {N, 2}, {2, N}, {N, N}, {2, 3, N}, {2, 2, 3, N},
  {2, 3, N, 2}, {0, 1, N}, {1, N, 0.5}, {{N}}, {x, N}, {x, N, 1}, {x, 1, N},
  {x, N, N}, {x, x, N}, {x, {N, 1}}, {{D = N}}, {2, {D = N}}, {{n = N}},
  {x, {bins = N}}, {{x}, {batch = 1, workers = N}},
  {{x}, {batch = 1, prefetch = N}},
}
local inputs = {x, function () return torch.ones(2, 2, 4, 4) end,
                function () return torch.LongTensor {1, 2} end}

-- loops over a function of the caller's; files; what ends or sets things
local skip = {}
for name in ([[fori while_loop scan class CmdLine Tester TestSuite save load
    DiskFile MemoryFile PipeFile tic toc setdefaulttensortype setdefaultdtype
    setnumthreads setprintoptions fetch download term check Logger write mnist
    read manualSeed setRNGState StochasticGradient]]):gmatch '%S+' do
  skip[name] = true
end

local function made (v)
  if type(v) == 'function' then return v() end
  if type(v) ~= 'table' then return v end
  local out = {}
  for k, w in pairs(v) do out[k] = made(w) end
  return out
end

local function try (name, f)
  collectgarbage()
  debug.sethook(function () error('too long', 0) end, '', 3000000)
  local ok, result = pcall(f)
  debug.sethook()
  if ok then return result end
  result = tostring(result)
  if result:find 'too long' or result == 'not enough memory' then
    print(name .. ': ' .. result)
  end
end

local calls = 0
for _, package in ipairs {'torch', 'nn', 'optim', 'data', 'plot', 'random'} do
  local all, names = require(package), {}
  for k in pairs(all) do
    if type(k) == 'string' and not skip[k] then names[#names + 1] = k end
  end
  if package == 'data' then names = {'loader', 'subset', 'TensorDataset'} end
  table.sort(names)
  for _, k in ipairs(names) do
    local f = all[k]
    local mt = debug.getmetatable(f)
    local callable = type(f) == 'function' or type(mt) == 'table' and mt.__call
    for i, pattern in ipairs(callable and patterns or {}) do
      local name = ('%s.%s #%d'):format(package, k, i)
      local result = try(name, function ()
        return f(table.unpack(made(pattern)))
      end)
      calls = calls + 1
      for _, input in ipairs(nn.Module and torch.isTypeOf(result, 'nn.Module')
                             and inputs or {}) do
        try(name, function () result:forward(input()) end)
      end
    end
  end
end
print(calls > 5000 and 'done' or calls)
