-- Random programs for the property tests.  make(seed, opts) returns a program
-- made of the pieces in programs/: views, writes in place, reductions, linear
-- algebra, steps, draws from keys, numbers, control flow, transforms, custom
-- rules, the last four around smaller random programs.  The same seed makes
-- the same program.
local torch = require 'torch'

local here = debug.getinfo(1, 'S').source:match '^@(.*)/[^/]*$'
local function load (name) return dofile(here .. '/programs/' .. name .. '.lua')
end

local M = {N = 6}
local N = M.N

local smooth, steps, numbers = load 'smooth', load 'steps', load 'numbers'
local held = load 'held'
M.freeze = held.freeze

-- How pieces are called: what of the values v, the numbers s and the constant
-- matrices they get, by positions a, b and m; and what they make.
local function vector (f)
  return function (p) return function (v, s, w)
    v[#v + 1] = f(p, v, s, w)
  end end
end
local call = {
  unary = vector(function (p, v) return p.f(v[p.a]) end),
  binary = vector(function (p, v) return p.f(v[p.a], v[p.b]) end),
  matrix = vector(function (p, v, _, w) return p.f(v[p.a], w[p.m]) end),
  write = vector(function (p, v)
    local z = v[p.a]:clone()
    p.f(z, v[p.b])
    return z
  end),
  with = vector(function (p, v, s) return p.f(v[p.a], s[p.n]) end),
  from = function (p) return function (v, s) s[#s + 1] = p.f(v[p.a]) end end,
  numbers = function (p)
    return function (_, s) s[#s + 1] = p.f(s[p.n], s[p.k]) end
  end,
}

-- groups: pieces, how they are called, how often beside others
local groups = {
  smooth = {smooth.unary, 'unary', 3},
  smooth_pairs = {smooth.binary, 'binary', 3},
  steps = {steps.unary, 'unary', 2},
  step_pairs = {steps.binary, 'binary', 2},
  held = {held.pieces, 'unary', 1},
  arrays = {load 'arrays', 'matrix', 2},
  linear = {load 'linear', 'matrix', 2},
  structured = {load 'structured', 'matrix', 1},
  writes = {load 'writes', 'write', 2},
  from = {numbers.from, 'from', 1},
  arithmetic = {numbers.arithmetic, 'numbers', 1},
  with = {numbers.with, 'with', 2},
  bodies = {load 'bodies', 'matrix', 2, bodies = true},
  forward = {load 'forward', 'matrix', 0, bodies = true},
  noise = {load 'noise', 'unary', 0},
}

local function sorted (t)
  local list = {}
  for k in pairs(t) do list[#list + 1] = k end
  table.sort(list)
  return list
end

-- All pieces: {group, name, f, call}.
M.pieces = {}
local of_group, common = {}, {}
for _, group in ipairs(sorted(groups)) do
  local g = groups[group]
  of_group[group] = {}
  for _, name in ipairs(sorted(g[1])) do
    local piece = {group = group, name = name, f = g[1][name], call = g[2],
                   bodies = g.bodies}
    M.pieces[#M.pieces + 1] = piece
    table.insert(of_group[group], piece)
  end
  for _ = 1, g[3] do common[#common + 1] = of_group[group] end
end

-- A small generator of its own: math.random is the tests'.
local function generator (seed)
  local s = seed * 2654435761 % 4294967296 + 1
  return function (n)
    for _ = 1, 3 do
      s = s ~ (s << 13) & 0xffffffff
      s = s ~ s >> 17
      s = s ~ (s << 5) & 0xffffffff
    end
    return s % n + 1
  end
end

-- Pieces that differentiate their bodies.  The value of one with a loop inside
-- rounds in another order where the loop is one equation: what its closure
-- reads gets its gradient added up there first.
local derivative = {custom_vjp = true, grad = true, grad_closure = true,
  vjp = true, jacobian = true, vmap_of_grad = true, jit_of_grad = true,
  custom_jvp = true, jvp = true}

local block -- below: bodies are blocks

-- The piece with operands among nv vectors and ns numbers, and its text.
local function place (r, info, piece, nv, ns, depth)
  local p = {f = piece.f, a = r(nv), b = r(nv), m = r(3), n = r(ns), k = r(ns)}
  local text = ('%s.%s(%d,%d,%d,%d,%d)'):format(piece.group, piece.name, p.a,
                                               p.b, p.m, p.n, p.k)
  if piece.group == 'held' and depth > 0 then info.inside = true end
  if piece.group == 'forward' then info.forward = true end
  if piece.bodies then
    local outer = info.loops
    info.loops = false
    local b, b_text = block(r, info, 2, 1 + r(2), depth + 1)
    local d, d_text = block(r, info, 2, r(2), depth + 1)
    p.f = piece.f(b, d)
    info.rounds = info.rounds or info.loops and derivative[piece.name]
    info.loops = info.loops or outer
    text = ('%s{%s}{%s}'):format(text, b_text, d_text)
  end
  if piece.name:find '^scan' or piece.name:find '^fori'
     or piece.name == 'cond' or piece.name == 'while' then
    info.loops = true
  end
  return call[piece.call](p), text
end

-- Which of count steps have to be which pieces.
local function places_of (r, must, count)
  local at = {}
  for _, piece in ipairs(must) do
    local k = r(count)
    while at[k] do k = k % count + 1 end
    at[k] = piece
  end
  return at
end

-- A function of nv vectors to one, of `count` steps, and a number to begin
-- with: the last argument at depth 0.
function block (r, info, nv, count, depth)
  local list, text, ns = {}, {}, 1
  local must = depth == 0 and info.must or {}
  local n, at = nv, places_of(r, must, math.max(count, #must))
  for i = 1, math.max(count, #must) do
    local piece
    repeat
      local from = common[r(#common)]
      piece = from[r(#from)]
    until not piece.bodies or depth < 2
    if info.extra and r(3) == 1
       and (depth == 0 or info.extra == 'noise' and depth == 1) then
      piece = of_group[info.extra][r(#of_group[info.extra])]
    end
    piece = at[i] or piece
    list[i], text[i] = place(r, info, piece, n, ns, depth)
    if piece.call == 'from' or piece.call == 'numbers' then ns = ns + 1
    else n = n + 1
    end
  end
  local w = info.w
  return function (...)
    local v, s = {...}, {0.4}
    if depth == 0 then s[1], v[nv + 1] = v[nv + 1], nil end
    for _, step in ipairs(list) do step(v, s, w) end
    local y = v[#v]
    if #v > 1 then y = y + v[#v - 1] / 2 end
    if #s > 1 then y = y + s[#s] / 4 end
    return y
  end, table.concat(text, ' ')
end

-- opts: must, pieces that have to be in it; extra, a group that is not among
-- the common ones; outer: it also writes to a tensor made outside, its state;
-- argument: it writes to its argument at the end.  Returns a table:
--   vector(x, s)   of a vector and a number, a vector
--   f(x, s)        a number; s is 0.3 unless given
--   text           what it is made of
--   loops          has control flow; rounds: and its derivatives are values
--   inside         a held piece is in a body, so that freeze can't
--   forward        has derivatives in forward mode alone
--   state          with outer
function M.make (seed, opts)
  opts = opts or {}
  local r = generator(seed)
  local info = {w = {}, must = opts.must, extra = opts.extra}
  torch.manualSeed(seed)
  for i = 1, 3 do info.w[i] = torch.randn(N, N):double() end
  local state = torch.zeros(N):double()
  local body, text = block(r, info, 1, 4 + r(6), 0)
  local p = {text = text, loops = info.loops, inside = info.inside,
             rounds = info.rounds, forward = info.forward, state = state}
  function p.vector (x, s)
    local y = torch.tanh(body(x, s or 0.3))
    if opts.outer then
      y = y + state
      state:add(torch.tanh(y)):mul(0.5)
    end
    if opts.argument then x:add(y):div(2) end
    return y
  end
  function p.f (x, s) return p.vector(x, s):sum() end
  return p
end

return M
