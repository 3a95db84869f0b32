-- What the specs of the research modules share: the checks of a function
-- against reference values, its derivatives and its transforms.

local assert = require 'luassert'
local torch = require 'torch'
local autograd = require 'autograd'
local golden = dofile 'tests/nn/golden.lua'

local M = {golden = golden}

-- A case with its tensors: inp and args in one table, out in another.
function M.load (case)
  local p = {}
  for key, v in pairs(case.args) do p[key] = v end
  for key, v in pairs(case.inp) do p[key] = golden.tensor(v) end
  local out = {}
  for key, v in pairs(case.out) do out[key] = golden.tensor(v) end
  return p, out
end

function M.cases (op)
  return golden.cases('research_modules', 'op', '^' .. op .. '$')
end

local function like (want, got)
  if type(want) ~= 'number' and torch.isTensor(got) then
    return got:reshape(want:size())
  end
  return torch.isTensor(got) and got:sum() or got
end

local function dot (a, b) return torch.cmul(a, b):sum() end

-- Checks value, vjp_* and vjp2_* of f, a function of a table, at p.
-- `within`: an absolute tolerance where cancellation asks for one.
function M.differentiated (case, f, within)
  local p, out = M.load(case)
  local g, v = p.g, p.v
  local q = {} -- what is differentiated; f sees the rest too
  for key, x in pairs(p) do
    if out['vjp_' .. key] and key ~= 'centres' then q[key] = x end
  end
  local whole = f
  f = function (t)
    return whole(setmetatable({}, {__index = function (_, key)
      if t[key] ~= nil then return t[key] end
      return p[key]
    end}))
  end
  local function near (want, got, what)
    golden.near(want, like(want, got), case.name .. ' ' .. what, nil, within)
  end
  near(out.value, whole(p), 'value')
  local function backward (t)
    return (autograd.grad(function (s) return dot(f(s), g) end)(t))
  end
  local first = backward(q)
  local second = v and out.vjp2_x and autograd.grad(function (t)
    return dot(backward(t).x, v)
  end)(q)
  for key in pairs(q) do
    if out['vjp_' .. key] then
      near(out['vjp_' .. key], first[key], 'vjp_' .. key)
    end
    if second and out['vjp2_' .. key] then
      near(out['vjp2_' .. key], second[key], 'vjp2_' .. key)
    end
  end
end

-- f(x) under vmap, jit, jvp and grad must give what it gives by itself.
-- f must keep rows apart.
function M.transforms (f, x)
  local y = f(x)
  assert.tensor_equal(y, autograd.jit(f)(x))
  assert.tensor_near(y, autograd.vmap(f)(x), 1e-12)
  local t = torch.sin(x * 7)
  local _, dy = autograd.jvp(f, {x}, {t})
  local _, pull = autograd.vjp(f, x)
  local g = torch.cos(y * 3)
  golden.near(dot(dy, g), dot(t, pull(g)), '<g, J t> = <J\'g, t>')
  local function loss (v) return dot(f(v), g) end
  local want = autograd.grad(loss)(x)
  assert.tensor_equal(want, (autograd.jit(autograd.grad(loss))(x)))
  assert.tensor_near(want, (autograd.grad(autograd.jit(loss))(x)), 1e-12)
end

return M
