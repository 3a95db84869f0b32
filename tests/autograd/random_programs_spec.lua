-- Random programs: every composition of transforms against eager code, loops
-- and finite differences, in float64.  A failure names the program; make it
-- again with programs.make and the same seed and pieces.
require 'nnlua.busted'
local torch = require 'torch'
local autograd = require 'autograd'
local core = require 'nnlua.core'
local compositions = dofile 'tests/autograd/compositions.lua'

local programs = compositions.programs
local COUNT, MANY = 40, tonumber(os.getenv 'NNLUA_PROGRAMS') or 2000

local function draw (seed, ...)
  torch.manualSeed(seed + 1000)
  return torch.randn(...):double()
end

-- The pieces that any program may have, in lists for `count` programs.
local function shares (count)
  local lists, n = {}, 0
  for i = 1, count do lists[i] = {} end
  for _, piece in ipairs(programs.pieces) do
    if piece.group ~= 'forward' and piece.group ~= 'noise' then
      n = n + 1
      table.insert(lists[n * 7 % count + 1], piece)
    end
  end
  return lists
end

local function checked (seed, opts, check)
  local p = programs.make(seed, opts)
  it(seed .. ': ' .. p.text, function ()
    check(p, draw(seed, programs.N), draw(seed + 1, programs.N))
  end)
end

-- A function of a vector and a number that is one piece.
local function alone (piece)
  local f, w = piece.f, draw(7, programs.N, programs.N)
  if piece.bodies then
    f = f(function (v, u) return torch.cmul(v, torch.sin(u)) end,
          function (v, u) return torch.cos(v) + u end)
  end
  local ways = {
    unary = f, from = f,
    binary = function (x) return f(x, torch.sin(x) + 0.1) end,
    matrix = function (x) return f(x, w) end,
    with = function (x, s) return f(x, s) end,
    numbers = function (x, s) return f(s, x:sum()) end,
    write = function (x)
      local z = x:clone()
      f(z, x * 0.5)
      return z
    end,
  }
  return ways[piece.call]
end

describe('the pieces of random programs', function ()
  it('have every primitive among them', function ()
    local met, missing = {}, {}
    for _, piece in ipairs(programs.pieces) do
      local j = autograd.jit(alone(piece))
      j(draw(3, programs.N), 0.3)
      for name in autograd.jit_info(j).graphs[1]:gmatch '= ([%w_]+)%(' do
        met[name] = true
      end
    end
    for _, p in ipairs(core.primitives()) do
      if not met[p.name] then missing[#missing + 1] = p.name end
    end
    assert.equal('', table.concat(missing, ' '))
  end)
end)

describe('random program', function ()
  for seed, must in ipairs(shares(COUNT)) do
    checked(seed, {must = must}, compositions.check)
  end
end)

describe('random program with loops that end as the data says', function ()
  for seed = 1, 15 do
    checked(seed, {extra = 'forward'}, compositions.forward)
  end
end)

describe('random program with noise', function ()
  for seed = 1, 20 do checked(seed, {extra = 'noise'}, compositions.noisy) end
end)

describe('random program with state', function ()
  it('is the same eager and jitted', function ()
    for seed = 1, 20 do
      local p = programs.make(seed, {outer = true})
      local q = programs.make(seed, {outer = true})
      local j, x = autograd.jit(q.f), draw(seed, programs.N)
      local jg = autograd.jit(compositions.gradient(q.f))
      for _ = 1, 3 do
        compositions.same(p.f(x), j(x))
        compositions.same(p.state, q.state)
        compositions.near(compositions.gradient(p.f)(x),
                          compositions.gradient(j)(x), 1e-13)
        compositions.same(p.state, q.state)
        compositions.near(compositions.gradient(p.f)(x), jg(x), 1e-13)
        compositions.same(p.state, q.state)
        compositions.near(compositions.along(p.f, x, x),
                          compositions.along(j, x, x), 1e-13)
        compositions.same(p.state, q.state)
      end
    end
  end)

  it('writes its argument alike', function ()
    for seed = 1, 20 do
      compositions.argument(programs.make(seed, {argument = true}),
                            draw(seed, programs.N))
    end
  end)
end)

describe('many random programs #long', function ()
  for seed = COUNT + 1, MANY do
    local p = programs.make(seed)
    it(seed .. ': ' .. p.text, function ()
      compositions.check(p, draw(seed, programs.N), draw(seed + 1, programs.N))
    end)
  end
  for seed = 100, MANY // 4 do
    checked(seed, {extra = 'noise'}, compositions.noisy)
    checked(seed, {extra = 'forward'}, compositions.forward)
  end
end)
