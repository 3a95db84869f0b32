-- What holds of every random program (programs.lua): each composition of
-- transforms against eager code, loops and differences, in float64.  A check
-- gets the program p, a point x and a direction t.
local torch = require 'torch'
local autograd = require 'autograd'

local here = debug.getinfo(1, 'S').source:match '^@(.*)/[^/]*$'
local programs = dofile(here .. '/programs.lua')

local grad, vmap, jit, jvp = autograd.grad, autograd.vmap, autograd.jit,
  autograd.jvp

local M = {programs = programs}

function M.along (f, x, t)
  local _, d = jvp(f, {x}, {t})
  return d
end
local along = M.along

function M.gradient (f) return function (x) return (grad(f)(x)) end end
local gradient = M.gradient

function M.loop (f, rows)
  local list = {}
  for i = 1, rows:size(1) do
    local y = f(rows[i])
    list[i] = type(y) == 'number' and torch.DoubleTensor {y} or y
  end
  local all = torch.stack(list, 1)
  return list[1]:dim() == 1 and list[1]:size(1) == 1 and all:view(-1) or all
end
local loop = M.loop

local function distance (want, got)
  if type(want) == 'number' then want = torch.DoubleTensor {want} end
  if type(got) == 'number' then got = torch.DoubleTensor {got} end
  assert(want:isSameSizeAs(got), 'sizes differ')
  local most = torch.abs(want - got):max()
  return most / (1 + torch.abs(want):max()), want, got
end

-- |got - want| against 1 + the largest |want|
function M.near (want, got, tol)
  local d, a, b = distance(want, got)
  local close = d <= tol -- not for NaN
  if not close then
    error(('%g apart, %g allowed: wanted\n%s\ngot\n%s'):format(d, tol,
      tostring(a), tostring(b)), 2)
  end
end
local near = M.near

-- The same values everywhere, NaN being NaN.
function M.same (want, got)
  if type(want) == 'number' then want = torch.DoubleTensor {want} end
  if type(got) == 'number' then got = torch.DoubleTensor {got} end
  if torch.equal(want, got) then return end
  if want:isSameSizeAs(got) then
    local nan = torch.cmul(torch.isnan(want):double(),
                           torch.isnan(got):double())
    local bad = torch.ne(want, got):double() - nan
    if bad:sum() == 0 then return end
  end
  error(('not the same: wanted\n%s\ngot\n%s\napart %g'):format(
    tostring(want), tostring(got),
    want:isSameSizeAs(got) and torch.abs(want - got):max() or -1), 2)
end
local same = M.same

-- A value of p eager, compiled or mapped: the same bits, unless it rounds.
local function value (p, want, got)
  if p.rounds then near(want, got, 1e-13) else same(want, got) end
end

-- `got` against (f(x + h t) - f(x - h t)) / 2h.  A step of f may lie between
-- the two: then it does not lie between closer ones.
function M.difference (f, x, t, got, tol)
  local worst
  for _, h in ipairs {1e-6, 1e-7, 1e-5} do
    local want = (f(x + t * h) - f(x - t * h)) / (2 * h)
    local d = distance(want, got)
    if d <= tol then return end
    if not worst or d < worst[1] then worst = {d, want, h} end
  end
  error(('%g apart from the difference (h = %g), %g allowed: wanted\n%s\n'
         .. 'got\n%s'):format(worst[1], worst[3], tol, tostring(worst[2]),
                             tostring(got)), 2)
end
local difference = M.difference

local checks = {}
M.checks = checks

-- f as differences see it, or nil
local function smooth (p, x)
  if p.inside then return nil end
  return programs.freeze(p.f, x)
end

function checks.gradient (p, x, t)
  local f = p.f
  local g = gradient(f)(x)
  local h = smooth(p, x)
  if h then difference(h, x, t, torch.dot(g, t), 1e-6) end
  near(along(f, x, t), torch.dot(g, t), 1e-12)
  local _, pull = autograd.vjp(f, x)
  same(g, (pull(1.0)))
end

-- Vectors to vectors: <ct, J t> = <J' ct, t>, and the whole of J.
function checks.adjoint (p, x, t)
  local f, ct = p.vector, torch.cos(t)
  local y, Jt = jvp(f, {x}, {t})
  local z, pull = autograd.vjp(f, x)
  same(f(x), y)
  same(y, z)
  near(torch.dot(ct, Jt), torch.dot(pull(ct), t), 1e-12)
  same(pull(ct), (pull(ct)))
  local J = autograd.jacobian(f)(x)
  near(Jt, torch.mv(J, t), 1e-12)
  near(pull(ct), torch.mv(J:t(), ct), 1e-12)
  -- jvp of vjp: the pullback is linear, and its transpose is J
  local _, d = jvp(function (c)
    local _, back = autograd.vjp(f, x)
    return (back(c))
  end, {ct}, {t})
  near(pull(t), d, 1e-12)
  local _, back = autograd.vjp(function (c) return (pull(c)) end, ct)
  near(Jt, back(t), 1e-12)
end

function checks.second_order (p, x, t)
  local f = p.f
  local g = gradient(f)
  local hvp = along(g, x, t)
  local h = smooth(p, x)
  if h then difference(gradient(h), x, t, hvp, 1e-5) end
  near(hvp, gradient(function (v) return torch.dot(g(v), t) end)(x), 1e-11)
  near(hvp, gradient(function (v) return along(f, v, t) end)(x), 1e-11)
  local hessian = autograd.hessian(f)(x)
  near(hvp, hessian * t, 1e-11)
  near(hessian, autograd.jacobian(g)(x), 1e-13)
  near(torch.dot(hvp, t), along(function (v) return along(f, v, t) end, x, t),
       1e-11)
  local _, d = jvp(function (v) -- jvp of vjp
    local _, pull = autograd.vjp(f, v)
    return (pull(1.0))
  end, {x}, {t})
  near(hvp, d, 1e-11)
end

function checks.third_order (p, x, t)
  local f = p.f
  local function d (h) return function (v) return along(h, v, t) end end
  local want = d(d(d(f)))(x)
  near(want, torch.dot(gradient(d(d(f)))(x), t), 1e-9)
  near(want, d(function (v)
    return torch.dot(gradient(function (u)
      return torch.dot(gradient(f)(u), t)
    end)(v), t)
  end)(x), 1e-9)
end

-- The program's number: differentiated, mapped, data to jit.
function checks.number (p, x, t)
  local f, s = p.f, 0.73
  local function of (c) return f(x, c) end
  local ds = (grad(of)(s))
  local h = not p.inside and programs.freeze(f, x, s)
  if h then
    difference(function (c) return h(x, c[1]) end, torch.DoubleTensor {s},
               torch.DoubleTensor {1}, ds, 1e-6)
  end
  near(along(of, s, 1.0), ds, 1e-12)
  local dx, both = grad(f, {argnums = {1, 2}})(x, s)
  if type(dx) == 'table' then dx, both = dx[1], dx[2] end
  same((grad(f)(x, s)), dx)
  near(ds, both, 1e-13)
  near(along(function (c) return along(of, c, 1.0) end, s, 1.0),
       (grad(function (c) return (grad(of)(c)) end)(s)), 1e-11)
  local list = torch.DoubleTensor {0.73, -0.2, 0.4}
  local want = loop(function (c) return of(torch.item(c)) end, list)
  value(p, want, (vmap(of)(list)))
  value(p, want, (vmap(f, {0, 1})(x, list)))
  value(p, loop(of, list),
        (vmap(function (c, v) return f(v, c) end, {1, 0})(list, x)))
  local j = jit(f)
  for _, c in ipairs {0.73, -0.2, 0.4} do value(p, of(c), j(x, c)) end
  near(ds, (grad(function (c) return j(x, c) end)(s)), 1e-13)
  near(ds, jit(function (v, c)
    return (grad(f, {argnums = 2})(v, c))
  end)(x, s), 1e-13)
  value(p, vmap(f)(torch.stack {x, t, x}, list),
       (jit(function (rows, c) return (vmap(f)(rows, c)) end)
        (torch.stack {x, t, x}, list)))
end

function checks.vmap (p, x, t)
  local f = p.f
  local rows = torch.stack {x, t, x * 0.5}
  value(p, loop(f, rows), (vmap(f)(rows)))
  value(p, loop(p.vector, rows), (vmap(p.vector)(rows)))
  value(p, loop(p.vector, rows):t(), (vmap(p.vector, 2, 2)(rows:t())))
  local function directional (v) return along(f, v, t) end
  near(loop(directional, rows), (vmap(directional)(rows)), 1e-12)
  near(vmap(directional)(rows),
       along(function (m) return vmap(f)(m) end, rows,
             t:view(1, -1):expand(3, programs.N)), 1e-12)
  local nested = torch.stack {rows, rows * 0.3}
  value(p, loop(function (m) return loop(f, m) end, nested),
        (vmap(vmap(f))(nested)))
end

function checks.vmap_of_gradient (p, x, t)
  local f = p.f
  local rows = torch.stack {x, t, x * 0.5}
  local g = gradient(f)
  near(loop(g, rows), (vmap(g)(rows)), 1e-13)
  near(vmap(g)(rows), gradient(function (m) return vmap(f)(m):sum() end)(rows),
       1e-12)
  near(loop(function (v) return along(g, v, t) end, rows),
       (vmap(function (v) return along(g, v, t) end)(rows)), 1e-11)
end

function checks.jit (p, x, t)
  local f = p.f
  local j, jv = jit(f), jit(p.vector)
  for _, v in ipairs {x, t, x} do
    value(p, f(v), j(v))
    value(p, p.vector(v), jv(v))
  end
  near(along(f, x, t), along(j, x, t), 1e-13)
  local jt = jit(function (v, u) return along(f, v, u) end)
  near(along(f, x, t), jt(x, t), 1e-13)
  local again = jit(function (v) return j(v) + jv(v):sum() end)
  near(2 * f(x), again(x), 1e-13)
end

-- Inside jit a loop or branch is one equation: what its closure reads gets its
-- gradient added up there first, which rounds in another order.
function checks.jit_of_gradient (p, x, t)
  local f = p.f
  local j, g = jit(f), gradient(f)
  local jg = jit(g)
  for _, v in ipairs {x, t, x} do
    if p.loops then near(g(v), jg(v), 1e-13) else same(g(v), jg(v)) end
    near(g(v), gradient(j)(v), 1e-13)
  end
  near(along(g, x, t), along(gradient(j), x, t), 1e-11)
  near(along(g, x, t), jit(function (v) return along(gradient(j), v, t) end)(x),
       1e-11)
  near(along(g, x, t), gradient(function (v)
    return torch.dot(gradient(j)(v), t)
  end)(x), 1e-11)
end

function checks.jit_of_vmap (p, x, t)
  local f = p.f
  local rows = torch.stack {x, t, x * 0.5}
  local j = jit(f)
  local want = vmap(f)(rows)
  value(p, want, (vmap(j)(rows)))
  local jv = jit(function (m) return (vmap(f)(m)) end)
  for _ = 1, 3 do value(p, want, (jv(rows))) end
end

function checks.jit_of_vmap_of_gradient (p, x, t)
  local f = p.f
  local rows = torch.stack {x, t, x * 0.5}
  local j, g = jit(f), gradient(f)
  local jv = jit(function (m) return (vmap(f)(m)) end)
  local vg = vmap(g)(rows)
  near(vg, (vmap(gradient(j))(rows)), 1e-13)
  near(vg, (vmap(jit(g))(rows)), 1e-13)
  near(vg, (jit(function (m) return (vmap(g)(m)) end)(rows)), 1e-13)
  near(vg, gradient(function (m) return vmap(j)(m):sum() end)(rows), 1e-12)
  near(vg, gradient(function (m) return jv(m):sum() end)(rows), 1e-12)
end

-- The whole program inside control flow, a checkpoint and rules of its own.
local function wrapped (p)
  local f = p.vector
  local custom = autograd.custom_vjp(f, function (v) return f(v), v end,
    function (v, ct)
      local _, pull = autograd.vjp(f, v)
      return (pull(ct))
    end)
  local ruled
  ruled = autograd.custom_jvp(f, function (v, t)
    return ruled(v[1]), along(f, v[1], t[1])
  end)
  return {
    checkpoint = autograd.checkpoint(f),
    custom_vjp = custom, custom_jvp = ruled,
    cond = function (v)
      return (autograd.cond(torch.lt(v:sum(), 1e9), f, torch.tanh, v))
    end,
    scan = function (v)
      local _, ys = autograd.scan(function (c, row) return c, f(row) end, 0.0,
                                  torch.stack {v})
      return ys[1]
    end,
    fori = function (v)
      return autograd.fori(1, 1, function (_, c) return f(c) end, v)
    end,
  }
end

-- check(name, h) of each, with the name in its errors.
local function each (list, check)
  for name, h in pairs(list) do
    local ok, message = pcall(check, h)
    if not ok then error(name .. ': ' .. tostring(message), 0) end
  end
end

function checks.inside (p, x, t)
  local f, ct = p.vector, torch.sin(t)
  local y = f(x)
  local _, pull = autograd.vjp(f, x)
  local want, d = pull(ct), along(f, x, t)
  local function pulled (h)
    return function (v) return (select(2, autograd.vjp(h, v))(ct)) end
  end
  local hvp = along(pulled(f), x, t)
  local rows = torch.stack {x, t}
  local all, back = loop(f, rows), vmap(pulled(f))(rows)
  each(wrapped(p), function (h)
    local j = jit(h)
    value(p, y, h(x))
    value(p, y, j(x))
    for _, k in ipairs {h, j} do
      near(want, pulled(k)(x), 1e-12)
      near(d, along(k, x, t), 1e-12)
      value(p, all, (vmap(k)(rows)))
    end
    near(hvp, along(pulled(h), x, t), 1e-11)
    near(back, (vmap(pulled(j))(rows)), 1e-12)
  end)
end

-- A program that writes to its argument: the caller sees it, and only then.
function M.argument (p, x)
  local a, b, c = x:clone(), x:clone(), x:clone()
  local j = jit(p.vector)
  for _ = 1, 3 do
    value(p, p.vector(a), j(b))
    same(a, b)
    autograd.vjp(p.vector, c)
    same(c, a)
  end
end

-- In forward mode alone.
function M.forward (p, x, t)
  local f = p.f
  local function d (v) return along(f, v, t) end
  local h = smooth(p, x)
  if h then difference(h, x, t, d(x), 1e-6) end
  if h then difference(function (v) return along(h, v, t) end, x, t,
                       along(d, x, t), 1e-5) end
  local rows = torch.stack {x, t, x * 0.5}
  local j = jit(f)
  for _, v in ipairs {x, t, x} do value(p, f(v), j(v)) end
  local want = loop(f, rows)
  value(p, want, (vmap(f)(rows)))
  value(p, want, (vmap(j)(rows)))
  value(p, want, (jit(function (m) return (vmap(f)(m)) end)(rows)))
  near(d(x), along(j, x, t), 1e-13)
  near(d(x), jit(d)(x), 1e-13)
  near(along(d, x, t), jit(function (v) return along(d, v, t) end)(x), 1e-11)
  near(loop(d, rows), (vmap(d)(rows)), 1e-12)
  near(loop(d, rows), (vmap(jit(d))(rows)), 1e-12)
end

-- Draws: the same stream however the program runs, each example its own.
function M.noisy (p, x, t)
  local f = p.f
  local function seeded (h, ...)
    torch.manualSeed(99)
    return h(...)
  end
  local function thrice (h)
    torch.manualSeed(5)
    return torch.DoubleTensor {h(x), h(t), h(x)}
  end
  local j, g = jit(f), gradient(f)
  local want = thrice(f)
  for _ = 1, 2 do value(p, want, thrice(j)) end
  local gx = seeded(g, x)
  near(gx, seeded(gradient(j), x), 1e-13)
  near(gx, seeded(jit(g), x), 1e-13)
  near(seeded(along, f, x, t), torch.dot(gx, t), 1e-12)
  local rows = torch.stack {x, x, x, x}
  local many = seeded(vmap(f), rows)
  value(p, many, seeded(vmap(j), rows))
  value(p, many, seeded(jit(function (m) return (vmap(f)(m)) end), rows))
  local vg = seeded(vmap(g), rows)
  near(vg, seeded(vmap(jit(g)), rows), 1e-13)
  near(vg, seeded(gradient(function (m) return vmap(f)(m):sum() end), rows),
       1e-12)
  -- when each of many calls differs, so do the examples
  local seen, all = {}, true
  for _ = 1, 8 do
    local y = torch.item(f(x))
    all = all and not seen[y]
    seen[y] = true
  end
  if all then
    assert(torch.abs(many - many[1]):max() > 0,
           'the examples share their draws')
  end
end

local names = {}
for name in pairs(checks) do names[#names + 1] = name end
table.sort(names)

-- All checks of a program.
function M.check (p, x, t)
  for _, name in ipairs(names) do
    local ok, message = pcall(checks[name], p, x, t)
    if not ok then error(name .. ': ' .. tostring(message), 0) end
  end
end

return M
