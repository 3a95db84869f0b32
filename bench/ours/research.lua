-- Our versions of the research works: kernel activation functions, ternary
-- states, Lagrangians, a Hopfield network's descent.  Each returns a function
-- of one unit of the work, except epochs (see epoch.lua).

local core = require 'nnlua.core'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local epoch = require 'ours.epoch'
local F = nn.functional

local M = {}

local BATCH = 200
local sizes = {784, 512, 512, 10}

local function jitted (f, idiom)
  return idiom == 'jit' and autograd.jit(f) or f
end

-- Value and gradients of an activation on 200 x 512.
local function layer (f, idiom, ...)
  local x, g, extra = torch.randn(BATCH, 512), torch.ones(BATCH, 512), {...}
  local both = jitted(function (v, ...)
    local y, pull = autograd.vjp(f, v, ...)
    return y, pull(g)
  end, idiom)
  return function () return both(x, table.unpack(extra)) end
end

local function kaf (x, alpha) return F.kaf(x, alpha) end
local function ternary (x) return F.ternary(x, {-0.5, 0.5}, 0.5) end

-- The network 784-512-512-10 with act(units) after its hidden layers.
local function network (act)
  local net = nn.Sequential(nn.View(-1, 784))
  for i = 2, #sizes do
    net:add(nn.Dense(sizes[i - 1], sizes[i]))
    if i < #sizes then net:add(act(sizes[i])) end
  end
  return net
end

local acts = {
  kaf = function (n) return nn.KAF(n) end,
  relu = nn.ReLU,
  ternary = function () return nn.Ternary {noise_sd = 0.5} end,
}

function M.kaf (what, idiom)
  if what == 'layer' then
    return layer(kaf, idiom, torch.randn(512, 20) * 0.3)
  end
  local step = epoch.trainer(network(acts.kaf), 'sgd', idiom)
  local x, y = torch.randn(BATCH, 784), torch.LongTensor(BATCH)
  for i = 1, BATCH do y[i] = i % 10 + 1 end
  return function () step(x, y) end
end

function M.ternary_layer (idiom) return layer(ternary, idiom) end

function M.ternary_epoch (idiom, options)
  return epoch.of(network(acts.ternary), 'sgd', idiom, options)
end

-- The most memory that a network and its training step use, in bytes.
function M.memory (act)
  return function ()
    collectgarbage()
    collectgarbage()
    local before = core.bytes_used()
    local step = epoch.trainer(network(acts[act]), 'sgd', 'eager')
    local x, y = torch.randn(BATCH, 784), torch.LongTensor(BATCH):fill(1)
    for _ = 1, 3 do step(x, y) end
    collectgarbage()
    core.bytes_peak(true)
    for _ = 1, 3 do step(x, y) end
    return core.bytes_peak() - before
  end
end

function M.lagrangian (name, idiom)
  local options = name == 'repu' and {n = 3} or nil
  local both = jitted(autograd.value_and_grad(function (v)
    return F.lagrangian[name](v, options)
  end), idiom)
  local x = torch.randn(1024, 1024)
  return function () both(x) end
end

-- 100 steps of a descent of 64 states of 784 neurons; by gradients of the
-- energy of one state, batched by vmap, or by hand.
function M.hopfield (idiom)
  local w, s = torch.randn(784, 1000) * 0.05, torch.randn(64, 784)
  local function energy (v, m)
    return torch.square(v):sum() * 0.5
           - F.lagrangian.softmax(torch.matmul(torch.tanh(v), m))
  end
  local slopes = autograd.vmap(autograd.grad(energy), {1, 0})
  local function step (v, m)
    if idiom == 'hand' then
      local t = torch.tanh(v)
      local p = torch.softmax(t * m, 2) * m:t()
      return v - (v - torch.cmul(1 - torch.square(t), p)) * 0.1
    end
    return v - slopes(v, m) * 0.1
  end
  local one = autograd.jit(step)
  local whole = autograd.jit(function (v, m)
    return autograd.fori(1, 100, function (_, u) return step(u, m) end, v)
  end)
  return function ()
    local v = s
    if idiom == 'loop' then return whole(v, w) end
    for _ = 1, 100 do v = one(v, w) end
  end
end

return M
