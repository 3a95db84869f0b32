-- The cost of one eager operation on small tensors, in nanoseconds: what Lua,
-- the binding and the runtime take, since 8 floats cost nothing.
--   lua5.4 bench/eager.lua [repetitions]

local torch = require 'torch'
local core = require 'nnlua.core'

local n = math.tointeger(arg and tonumber(arg[1])) or 200000

local function clock () -- of the processor: others on the machine don't count
  local user, system = core.cpu_times()
  return user + system
end

-- The least of five measurements of n calls.
local function measure (f)
  local best = math.huge
  for _ = 1, 5 do
    collectgarbage()
    local start = clock()
    f(n)
    best = math.min(best, clock() - start)
  end
  return best / n * 1e9
end

local x, y = torch.rand(8), torch.rand(8)
local a, b = torch.rand(8, 8), torch.rand(8, 8)
local acc = torch.zeros(8)

local cases = {
  {'empty loop', function (k) for _ = 1, k do local _ = x end end},
  {'x + y', function (k) for _ = 1, k do local _ = x + y end end},
  {'x * 2', function (k) for _ = 1, k do local _ = x * 2 end end},
  {'-x', function (k) for _ = 1, k do local _ = -x end end},
  {'torch.exp(x)', function (k)
    local exp = torch.exp
    for _ = 1, k do local _ = exp(x) end
  end},
  {'torch.exp(res, x)', function (k)
    local exp = torch.exp
    for _ = 1, k do exp(acc, x) end
  end},
  {'x:add(y)', function (k) for _ = 1, k do acc:add(y) end end},
  {'x:add(0.5, y)', function (k) for _ = 1, k do acc:add(0.5, y) end end},
  {'x:sum()', function (k) for _ = 1, k do local _ = x:sum() end end},
  {'x:sum(1)', function (k) for _ = 1, k do local _ = x:sum(1) end end},
  {'x[3]', function (k) for _ = 1, k do local _ = x[3] end end},
  {'x[3] = 1', function (k) for _ = 1, k do acc[3] = 1 end end},
  {'a[3]', function (k) for _ = 1, k do local _ = a[3] end end},
  {'a[{ {1,2}, {} }]', function (k)
    for _ = 1, k do local _ = a[{ {1, 2}, {} }] end
  end},
  {'a:t()', function (k) for _ = 1, k do local _ = a:t() end end},
  {'a:view(64)', function (k) for _ = 1, k do local _ = a:view(64) end end},
  {'a:size(1)', function (k) for _ = 1, k do local _ = a:size(1) end end},
  {'a * b (8 x 8)', function (k) for _ = 1, k do local _ = a * b end end},
  {'torch.rand(8)', function (k)
    local rand = torch.rand
    for _ = 1, k do local _ = rand(8) end
  end},
}

local base = measure(cases[1][2])
for _, case in ipairs(cases) do
  local ns = measure(case[2])
  if case[1] ~= 'empty loop' then ns = ns - base end
  print(('%-20s %7.0f ns'):format(case[1], ns))
end
