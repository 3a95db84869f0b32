-- A small training, for tests/determinism_spec.lua: prints the bits of what it
-- came to.  Arguments: eager | jit | vmap, threads.
local torch = require 'torch'
local autograd = require 'autograd'

local mode, threads = ...
torch.setnumthreads(tonumber(threads))
torch.manualSeed(7)

local N, IN, HIDDEN, OUT = 192, 300, 160, 10
local x = torch.randn(N, IN)
local labels = torch.LongTensor(N):random(1, OUT)
local onehot = torch.zeros(N, OUT):scatter(2, labels:view(N, 1), 1)
local params = {
  {w = torch.randn(IN, HIDDEN) * 0.05, b = torch.zeros(HIDDEN)},
  {w = torch.randn(HIDDEN, OUT) * 0.05, b = torch.zeros(OUT)},
}
local velocity = autograd.tree.map(function (p) return p * 0 end, params)

local function network (p, v)
  local h = torch.tanh(torch.matmul(v, p[1].w) + p[1].b)
  local mask = torch.lt(torch.rand(h:size()), 0.8)
  h = torch.where(mask, h / 0.8, 0) + torch.randn(h:size()) * 0.01
  return torch.logsoftmax(torch.matmul(h, p[2].w) + p[2].b)
end

local function loss (p, v, t)
  if mode == 'vmap' then
    return autograd.vmap(function (row, target)
      return -torch.cmul(network(p, row), target):sum()
    end)(v, t):mean()
  end
  return -torch.cmul(network(p, v), t):sum() / N
end

local function step (p, m, v, t, rate)
  local value, g = autograd.value_and_grad(loss)(p, v, t)
  local u = autograd.tree.map(function (a, b) return a * 0.9 + b end, m, g)
  return autograd.tree.map(function (a, b) return a - b * rate end, p, u), u,
         value
end
if mode == 'jit' then step = autograd.jit(step) end

local text = {}
local function bits (t)
  local h = 0xcbf29ce484222325
  for _, v in ipairs(t:view(-1):totable()) do
    h = (h ~ string.unpack('<i8', string.pack('<d', v))) * 1099511628211
    h = h ~ (h >> 29)
  end
  text[#text + 1] = ('%016x'):format(h)
end

for i = 1, 6 do
  local value
  params, velocity, value = step(params, velocity, x, onehot, 0.1 / i)
  text[#text + 1] = ('%.17g'):format(value)
end
for _, p in ipairs(autograd.tree.leaves(params)) do bits(p) end
bits(torch.getRNGState():double())
-- reductions, products, sorting and special functions of odd sizes
local m = torch.randn(333, 257)
bits(torch.sum(m, 1))
bits(torch.cumsum(m, 2))
bits(torch.matmul(m:t(), m))
bits(m:t() * torch.randn(333))
bits((torch.sort(m, 1)))
bits(torch.logsumexp(m, 2))
bits(torch.erf(m) + torch.exp(m) + torch.lgamma(torch.abs(m) + 0.5))
bits(torch.pow(torch.abs(m), 1.3) + torch.atan2(m, m + 1))
bits(torch.std(m, {1, 2}))
bits(torch.norm(m:double(), 3, {1}))
bits(torch.matmul(m:double():t(), m:double()))
print(table.concat(text, ' '))
