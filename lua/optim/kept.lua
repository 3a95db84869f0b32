-- What optimizers keep in their state: counters, buffers like the parameters,
-- a table for each tensor of a tree.  What is missing is made outside of every
-- transform, so that a jitted step finds it again; for the parameters of a
-- vmap's examples inside of it, so that each has its own.

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'

local M = {}

local function autograd () return require 'autograd' end

-- state[key], a tensor of one number in float64, `value` when it is missing.
function M.scalar (state, key, value)
  state[key] = state[key] or autograd().outside(torch.full, {1}, value,
                                                {dtype = 'float64'})
  return state[key]
end

-- How many updates are done: a number, or inside a transform a traced one.
function M.count (state, key)
  local n = state[key] or 0
  if type(n) == 'number' then
    if not core.tracing() then return n end
    state[key] = nil
    n = M.scalar(state, key, n)
  elseif not torch.isTensor(n) then
    errors.raise('optim: the state has %s as %s, where a number of updates '
                 .. 'stands; give it an empty table', errors.shape(n), key)
  end
  -- a state that was emptied, or another one, is noticed by its counter
  if core.tracing() then autograd().static(state, key) end
  return n[1]
end

function M.advance (state, key)
  local n = state[key] or 0
  if type(n) == 'number' then state[key] = n + 1 else n:add(1) end
end

-- state[key], a tensor like x of `value`s (0) when it is missing.
function M.buffer (state, key, x, value)
  local t = state[key]
  if t == nil then
    local function make ()
      return torch.full(x:size(), value or 0, {dtype = x:dtype()})
    end
    t = core.mapped(x) and make() or autograd().outside(make)
    state[key] = t
  elseif not (torch.isTensor(t) and t:isSameSizeAs(x)
              and t:dtype() == x:dtype()) then
    errors.raise('optim: argument #4 (state): %s is %s%s, the parameters are '
                 .. '%s %s; begin with a new state {}', key, errors.shape(t),
                 torch.isTensor(t) and ' ' .. t:dtype() or '',
                 errors.shape(x), x:dtype())
  end
  return t
end

local function paths (t)
  local list, set = require 'optim.groups'.paths(t), {}
  for _, leaf in ipairs(list) do set[leaf.path] = true end
  return list, set
end

-- Refuses a tree whose leaves have other paths than x's.
function M.same_tree (name, what, x, xs, other, ys)
  if #xs == #ys then return end
  local mine, have = paths(x)
  local theirs, got = paths(other)
  local text
  for _, leaf in ipairs(mine) do
    if not got[leaf.path] then text = text or leaf.path .. ' is missing' end
  end
  for _, leaf in ipairs(theirs) do
    if not have[leaf.path] then text = text or leaf.path .. ' is too much' end
  end
  errors.raise('optim.%s: x has %d tensors, %s %d: %s', name, #xs, what, #ys,
               text or 'their keys differ')
end

-- A gradient of other sizes as p: the same elements, or an error.
function M.fitted (name, p, g, state)
  if not torch.isTensor(g) or g:nElement() ~= p:nElement() then
    errors.raise('optim.%s: %s is %s, its gradient %s', name,
                 state.path or 'x', errors.shape(p), errors.shape(g))
  end
  return g:viewAs(p)
end

-- A tree like x of f(leaf, its state).
function M.each (x, state, f)
  if torch.isTensor(x) then return f(x, state) end
  local tree = autograd().tree
  local out = {}
  for i, p in ipairs(tree.leaves(x)) do
    out[i] = f(p, state.parts and state.parts[i] or {})
  end
  return tree.unflatten(x, out)
end

return M
