-- Run under valgrind: a little of everything that moves memory.  Errors that
-- unwind, views written in place, transforms in each other, a training step.
torch.manualSeed(1)

local x = torch.randn(4, 6)
local w = torch.randn(6, 3)
local half = x:narrow(2, 1, 3)
half:add(1):mul(2)
x[{{1, 2}, 3}] = 0.5

local function loss (p, a) return (torch.tanh(a * p)):pow(2):sum() end
local g = autograd.grad(loss)(w, x)
local gg = autograd.grad(function (p)
  return autograd.grad(loss)(p, x):pow(2):sum()
end)(w)
local step = autograd.jit(function (p) return p - 0.1 * autograd.grad(loss)(p, x) end)
for _ = 1, 3 do w = step(w) end
local rows = autograd.vmap(function (row) return (w:t() * row):sum() end)(x)
assert(g:isSameSizeAs(w) and gg:isSameSizeAs(w) and rows:size(1) == 4)

-- errors inside transforms, also in a coroutine, leave nothing behind
for _ = 1, 3 do
  assert(not pcall(autograd.grad(function () error 'stop' end), w))
  assert(not pcall(function () return x * x end))
  local co = coroutine.wrap(function ()
    return pcall(autograd.jit(function (p) return p * p end), w)
  end)
  assert(co() == false)
end

local net = nn.Sequential(nn.View(-1, 6), nn.Dense(6, 5), nn.ReLU(), nn.Dense(5, 3))
local criterion = nn.CrossEntropyCriterion()
local y = torch.LongTensor {1, 2, 3, 1}
for _ = 1, 2 do
  net:zeroGradParameters()
  criterion:forward(net:forward(x), y)
  net:backward(x, criterion:backward(net.output, y))
  net:updateParameters(0.1)
end
collectgarbage()
