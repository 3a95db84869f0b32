-- Steps of small workloads: each function returns f(n), which takes n steps.

local torch = require 'torch'
local autograd = require 'autograd'

local M = {}

-- ---- a network 200-10-200 that removes noise from a cosine ----

function M.denoise (idiom)
  local clean = torch.cos(torch.linspace(0, 2 * math.pi, 200))
  local params = {torch.randn(10, 200) * 0.05, torch.randn(200, 10) * 0.05,
                  torch.zeros(10)}
  local gradient = autograd.grad(function (p, x)
    local h = torch.sigmoid(p[1] * x + p[3])
    return torch.square(clean - p[2] * h):sum() * 0.5
  end)
  local function step (p)
    local x = clean + torch.randn(200) * 0.1
    local g = gradient(p, x)
    return {p[1] - g[1] * 1e-3, p[2] - g[2] * 1e-3, p[3] - g[3] * 1e-3}
  end
  return M.loop(step, params, idiom)
end

-- The three idioms: eager, jit (step by step), loop (all steps inside jit).
function M.loop (step, params, idiom)
  if idiom == 'loop' then
    local loops = {}
    return function (n)
      loops[n] = loops[n] or autograd.jit(function (p)
        return autograd.fori(1, n, function (_, q) return step(q) end, p)
      end)
      params = loops[n](params)
    end
  end
  local f = idiom == 'jit' and autograd.jit(step) or step
  return function (n)
    for _ = 1, n do params = f(params) end
  end
end

local function dense (nin, nout)
  return {w = torch.randn(nin, nout) / math.sqrt(nin), b = torch.zeros(nout)}
end

-- x through dense layers with ReLU between them
local function mlp (p, x)
  for i, layer in ipairs(p) do
    x = x * layer.w + layer.b
    if i < #p then x = torch.relu(x) end
  end
  return x
end

local function descent (loss)
  local gradient = autograd.grad(loss)
  return function (p, ...)
    return autograd.tree.map(function (w, g) return w - g * 1e-2 end, p,
                             (gradient(p, ...)))
  end
end

-- ---- regression: 128 rows, 3-5-6, the mean squared error ----

function M.regression (idiom)
  local x, y = torch.randn(128, 3), torch.randn(128, 6)
  local step = descent(function (p)
    return torch.square(mlp(p, x) - y):mean()
  end)
  return M.loop(step, {dense(3, 5), dense(5, 6)}, idiom)
end

-- ---- classifier: fresh batches of 8, 36-12-12-1 ----

function M.classifier (idiom)
  local update = descent(function (p, x, y)
    local f = mlp(p, x):select(2, 1)
    return torch.cmul(f, 1 - y * 2):sum() + torch.square(f):sum() * 0.01
  end)
  local step = function (p)
    local x = torch.randn(8, 36)
    local y = torch.lt(torch.rand(8), 0.5):float()
    return update(p, x, y)
  end
  return M.loop(step, {dense(36, 12), dense(12, 12), dense(12, 1)}, idiom)
end

-- ---- a polynom of two matrices ----

local function polynom (x, y)
  local a = x + 1
  local b = torch.square(y:select(2, 2)):view(-1, 1)
  return torch.square(x) + torch.cmul(x:narrow(1, 1, 1), a) + y + x
         + torch.pow(y, 3) + torch.cmul(a, b)
end

-- The same with as few new arrays as the peers' careful user makes.
local function fewer (x, y)
  local a = x + 1
  local out = torch.addcmul(y, x, x):add(x):addcmul(x:narrow(1, 1, 1), a)
  out:addcmul(a, torch.square(y:select(2, 2)):view(-1, 1))
  return out:addcmul(torch.cmul(y, y), y)
end

function M.polynom (rows, columns, idiom)
  local x, y = torch.randn(rows, columns), torch.randn(rows, columns)
  local f = ({jit = autograd.jit(polynom), eager = polynom,
              inplace = fewer})[idiom]
  return function (n) for _ = 1, n do f(x, y) end end
end

-- ---- single operations ----

function M.add ()
  local x, y = torch.rand(8), torch.rand(8)
  return function (n) for _ = 1, n do local _ = x + y end end
end

-- Additions that a gradient's tape records, 100 on each.
function M.recorded ()
  local y = torch.rand(8)
  local function chain (x)
    for _ = 1, 100 do x = x + y end
    return x
  end
  local x = torch.rand(8)
  return function (n)
    for _ = 1, n, 100 do autograd.vjp(chain, x) end
  end
end

-- The gradient of the sum of x^2, 3 elements.
function M.gradient (idiom)
  local g = autograd.grad(function (x) return torch.square(x):sum() end)
  if idiom == 'jit' then g = autograd.jit(g) end
  local x = torch.rand(3)
  return function (n) for _ = 1, n do g(x) end end
end

return M
