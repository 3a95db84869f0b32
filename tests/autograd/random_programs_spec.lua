-- Random programs: every composition of transforms against eager code, loops
-- and finite differences, in float64.  A failure names the program; make it
-- again with programs.make(seed).
require 'nnlua.busted'
local torch = require 'torch'
local autograd = require 'autograd'
local programs = dofile 'tests/autograd/programs.lua'

local grad, vmap, jit, jvp = autograd.grad, autograd.vmap, autograd.jit,
  autograd.jvp
local COUNT = tonumber(os.getenv 'NNLUA_PROGRAMS') or 60

local function draw (seed, ...)
  torch.manualSeed(seed + 1000)
  return torch.randn(...):double()
end

local function along (f, x, t)
  local _, d = jvp(f, {x}, {t})
  return d
end

local function gradient (f) return function (x) return (grad(f)(x)) end end

-- (f(x + h t) - f(x - h t)) / 2h
local function difference (f, x, t)
  local h = 1e-6
  return (f(x + t * h) - f(x - t * h)) / (2 * h)
end

local function loop (f, rows)
  local list = {}
  for i = 1, rows:size(1) do
    local y = f(rows[i])
    list[i] = type(y) == 'number' and torch.DoubleTensor {y} or y
  end
  local all = torch.stack(list, 1)
  return type(f(rows[1])) == 'number' and all:view(-1) or all
end

-- |got - want| against the largest |want|
local function near (want, got, tol)
  if type(want) == 'number' then want = torch.DoubleTensor {want} end
  if type(got) == 'number' then got = torch.DoubleTensor {got} end
  assert.tensor_near(want, got, {rtol = tol,
                                 atol = tol * (1 + torch.abs(want):max())})
end

local checks = {}

function checks.gradient (f, x, t)
  local g = gradient(f)(x)
  near(difference(f, x, t), torch.dot(g, t), 1e-6)
  near(along(f, x, t), torch.dot(g, t), 1e-12)
  local _, pull = autograd.vjp(f, x)
  assert.tensor_equal(g, (pull(1.0)))
end

function checks.second_order (f, x, t)
  local g = gradient(f)
  local hvp = along(g, x, t)
  near(difference(g, x, t), hvp, 1e-5)
  near(hvp, gradient(function (v) return torch.dot(g(v), t) end)(x), 1e-11)
  near(hvp, gradient(function (v) return along(f, v, t) end)(x), 1e-11)
  near(hvp, autograd.hessian(f)(x) * t, 1e-11)
  near(torch.dot(hvp, t), along(function (v) return along(f, v, t) end, x, t),
       1e-11)
end

function checks.third_order (f, x, t)
  local function d (h) return function (v) return along(h, v, t) end end
  local want = d(d(d(f)))(x)
  near(want, torch.dot(gradient(d(d(f)))(x), t), 1e-9)
  near(want, d(function (v)
    return torch.dot(gradient(function (u)
      return torch.dot(gradient(f)(u), t)
    end)(v), t)
  end)(x), 1e-9)
end

function checks.vmap (f, x, t)
  local rows = torch.stack {x, t, x * 0.5}
  assert.tensor_equal(loop(f, rows), (vmap(f)(rows)))
  local g = gradient(f)
  near(loop(g, rows), (vmap(g)(rows)), 1e-13)
  near(vmap(g)(rows), gradient(function (m) return vmap(f)(m):sum() end)(rows),
       1e-12)
  local function directional (v) return along(f, v, t) end
  near(loop(directional, rows), (vmap(directional)(rows)), 1e-12)
  near(loop(function (v) return along(g, v, t) end, rows),
       (vmap(function (v) return along(g, v, t) end)(rows)), 1e-11)
  near(vmap(directional)(rows),
       along(function (m) return vmap(f)(m) end, rows,
             t:view(1, -1):expand(3, programs.N)), 1e-12)
end

-- Inside jit a loop or branch is one equation: what its closure reads gets its
-- gradient added up there first, which rounds in another order.
function checks.jit (f, x, t, loops)
  local j, g = jit(f), gradient(f)
  for _, v in ipairs {x, t, x} do
    assert.equal(f(v), j(v))
  end
  local jg = jit(g)
  for _, v in ipairs {x, t, x} do
    if loops then near(g(v), jg(v), 1e-13)
    else assert.tensor_equal(g(v), jg(v))
    end
    near(g(v), gradient(j)(v), 1e-13)
  end
  near(along(f, x, t), along(j, x, t), 1e-13)
  near(along(g, x, t), along(gradient(j), x, t), 1e-11)
  near(along(g, x, t), jit(function (v) return along(gradient(j), v, t) end)(x),
       1e-11)
  near(along(g, x, t), gradient(function (v)
    return torch.dot(gradient(j)(v), t)
  end)(x), 1e-11)
end

function checks.jit_of_vmap (f, x, t)
  local rows = torch.stack {x, t, x * 0.5}
  local j, g = jit(f), gradient(f)
  local want = vmap(f)(rows)
  assert.tensor_equal(want, (vmap(j)(rows)))
  local jv = jit(function (m) return (vmap(f)(m)) end)
  for _ = 1, 3 do assert.tensor_equal(want, (jv(rows))) end
  local vg = vmap(g)(rows)
  near(vg, (vmap(gradient(j))(rows)), 1e-13)
  near(vg, (vmap(jit(g))(rows)), 1e-13)
  near(vg, (jit(function (m) return (vmap(g)(m)) end)(rows)), 1e-13)
  near(vg, gradient(function (m) return vmap(j)(m):sum() end)(rows), 1e-12)
  near(vg, gradient(function (m) return jv(m):sum() end)(rows), 1e-12)
end

local names = {}
for name in pairs(checks) do names[#names + 1] = name end
table.sort(names)

describe('random program', function ()
  for seed = 1, COUNT do
    local f, text = programs.make(seed)
    it(seed .. ': ' .. text, function ()
      local x, t = draw(seed, programs.N), draw(seed + 1, programs.N)
      local loops = text:find 'scan' or text:find 'cond' or text:find 'fori'
      for _, name in ipairs(names) do checks[name](f, x, t, loops) end
    end)
  end

  it('with state: eager and jitted alike', function ()
    for seed = 1, 20 do
      local f, _, a = programs.make(seed, {outer = true})
      local h, _, b = programs.make(seed, {outer = true})
      local j, x = jit(h), draw(seed, programs.N)
      for _ = 1, 4 do
        assert.equal(f(x), j(x))
        near(gradient(f)(x), gradient(j)(x), 1e-13)
        assert.tensor_equal(a, b)
      end
    end
  end)
end)
