-- Every layer and criterion of tests/names.lua against central differences:
-- its gradients with respect to inputs and parameters, and the gradients of
-- those.  What is not checked says why, in every.lua.

package.path = 'tests/?.lua;' .. package.path
require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local every = dofile 'tests/nn/every.lua'

local away, tree = every.away, autograd.tree
local modules, criterions = every.modules, every.criterions
local composite, none = every.composite, every.none

local function floating (x)
  return torch.isTensor(x) and x:dtype():find '^float' ~= nil
end

-- One number of a tensor or a tree: each element has a weight of its own.
local function total (y)
  if type(y) == 'number' then return y end
  local sum = 0
  for _, leaf in ipairs(torch.isTensor(y) and {y} or tree.leaves(y)) do
    if not torch.isTensor(leaf) or leaf:dim() == 0 then
      sum = sum + leaf
    elseif floating(leaf) then
      local n = leaf:nElement()
      local w = torch.sin(torch.range(1, n):double() * 0.7) + 0.3
      sum = sum + torch.dot(leaf:reshape(n), w)
    end
  end
  return sum
end

-- Checks f(params, inputs), and its gradient.
local function check (f, params, inputs)
  local all = tree.leaves {params, inputs}
  local at, data = {}, {}
  for i, leaf in ipairs(all) do
    if floating(leaf) then
      at[#at + 1], data[#data + 1] = i, leaf
    end
  end
  assert.is_true(#data > 0)
  local function loss (list)
    local leaves = table.move(all, 1, #all, 1, {})
    for k, i in ipairs(at) do leaves[i] = list[k] end
    local both = tree.unflatten({params, inputs}, leaves)
    return total(f(both[1], both[2]))
  end
  assert.gradcheck(loss, data)
  local gradient = autograd.grad(loss)
  assert.gradcheck(function (list) return total((gradient(list))) end, data,
                   {step = 1e-5, atol = 1e-5, rtol = 1e-4})
end

local function check_module (m, input, keep)
  m:double()
  local f, params = autograd.functionalize(m)
  for _, fields in ipairs(params) do
    for name, p in pairs(keep and {} or fields) do -- none 0
      fields[name] = away(p:size()) * 0.4
    end
  end
  check(function (p, x) return f(p, x) end, params, input)
end

local function check_criterion (c, input, target)
  c = c.double and c:double() or c
  check(function (_, x) return c:forward(x, target) end, {}, input)
end

describe('to second order:', function ()
  local seen = {}
  for name in require 'names'.nn:gmatch '%S+' do
    seen[name] = true
    if modules[name] then
      it('nn.' .. name, function ()
        torch.manualSeed(3)
        check_module(modules[name]())
      end)
    elseif criterions[name] then
      it('nn.' .. name, function ()
        local c = criterions[name]
        check_criterion(nn[name](table.unpack(c[1])), c[2], c[3])
      end)
    elseif composite(name) then
      it('nn.' .. name, function () check_criterion(composite(name)) end)
    end
  end

  for label, make in pairs(every.more) do
    it(label, function ()
      torch.manualSeed(3)
      check_module(make())
    end)
  end

  for i, c in ipairs(every.more_criterions) do
    it(('nn.%s, options %d'):format(c[1], i), function ()
      check_criterion(nn[c[1]](table.unpack(c[2])), c[3], c[4])
    end)
  end

  it('all names have a check, or a reason', function ()
    for name in pairs(seen) do
      local checked = modules[name] or criterions[name] or composite(name)
      assert.is_true((checked == nil) ~= (none[name] == nil), name)
    end
    for _, t in ipairs {modules, criterions, none} do
      for name in pairs(t) do assert.is_true(seen[name], name) end
    end
  end)

  for _, name in ipairs {'Ternary', 'Binary'} do
    it('nn.' .. name .. ', the expected state', function ()
      check_module(nn[name] {expected = true, noise_sd = 0.6}, away(2, 3))
      check_module(nn[name] {expected = true, noise_sd = 0.6, learn = true},
                   away(2, 3), true)
    end)
  end
end)
