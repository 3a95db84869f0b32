-- Research modules at top level, in Torch7's style: forward, backward,
-- zeroGradParameters, updateParameters give the bits of the transforms; in
-- containers too, for one row, none, a sample without a batch and views.
require 'nnlua.busted'
local torch = require 'torch'
local core = require 'nnlua.core'
local nn = require 'nn'
local autograd = require 'autograd'
local tree = autograd.tree
local equal = dofile 'tests/nn/same_trees.lua'

local function rows (n)
  return torch.sin(torch.range(1, n * 6) * 1.7):view(n, 6)
end

local inputs = {
  {'a batch', function () return rows(4) end},
  {'a batch of 1', function () return rows(1) end},
  {'no rows', function () return torch.zeros(0, 6) end},
  {'a sample', function () return rows(1)[1] end},
  {'a transpose', function ()
    return torch.sin(torch.range(1, 24)):view(6, 4):t()
  end},
  {'every other row', function ()
    return rows(8):unfold(1, 1, 2):select(3, 1)
  end},
}

local list = {}
for _, entry in ipairs(dofile 'tests/nn/research_modules.lua') do
  if not entry.name:find '^HAM' then list[#list + 1] = entry end
end

local function containers (make)
  return {
    alone = make,
    Sequential = function () return nn.Sequential(nn.Identity(), make()) end,
    Parallel = function ()
      return nn.Sequential(nn.ConcatTable():add(nn.Identity())
                             :add(nn.MulConstant(0.5)),
                           nn.ParallelTable():add(make()):add(make()))
    end,
    ConcatTable = function ()
      return nn.ConcatTable():add(make()):add(nn.Tanh())
    end,
    gModule = function ()
      local a = nn.Identity()()
      local b = make()(a)
      return nn.gModule({a}, {b, nn.Tanh()(a)})
    end,
  }
end

local function of_tensors (make)
  return {
    Concat = function ()
      return nn.Concat(1):add(make()):add(nn.MulConstant(2))
    end,
    ['nn.Parallel'] = function ()
      return nn.Parallel(1, 1):add(make()):add(make())
    end,
  }
end

local function seeds (y)
  local k = 0
  return (tree.map(function (v)
    k = k + 1
    if not torch.isTensor(v) then return 0.5 + k end
    if v:nElement() == 0 then return v:clone() end
    return (torch.cos(torch.range(1, v:nElement())) + k):view(v:size())
             :type(v:type())
  end, y))
end

local function check (m, x, what, near)
  local f, p = autograd.functionalize(m)
  torch.manualSeed(3)
  local y, pull = autograd.vjp(f, p, x)
  local gp, gx = pull(seeds(y))
  m:zeroGradParameters()
  torch.manualSeed(3)
  local out = m:forward(x)
  equal(y, out, what .. ': output')
  local g = m:backward(x, seeds(out))
  equal(gx, g, what .. ': gradInput', near)
  local w, dw = m:parameters()
  if not w or #w == 0 then return end
  local trained, at = {}, 0
  tree.map(function (v, d) -- the tree's order is not that of parameters()
    for i, u in ipairs(w) do
      if core.storage_id(u) == core.storage_id(v)
         and u:storageOffset() == v:storageOffset() then
        equal(d, dw[i], what .. ': gradient ' .. i)
        trained[i], at = u - d * 0.25, at + 1
      end
    end
    return 0
  end, p, gp)
  assert.equal(#w, at, what)
  m:updateParameters(0.25)
  equal(trained, w, what .. ': updateParameters')
end

-- Some read their input in several equations: with another branch's gradient
-- a tape adds three numbers in another order than modules do.
local function composed (name)
  return name == 'Ternary, expected' or name:find 'LIdentity'
         or name:find 'LLayerNorm' or name:find 'LSphericalNorm'
end

describe('Torch7\'s style of nn.', function ()
  for _, entry in ipairs(list) do
    it(entry.name, function ()
      for _, input in ipairs(inputs) do
        for _, kind in ipairs {'float', 'double'} do
          local x = input[2]()
          x = kind == 'double' and x:double() or x
          local one = entry.make():forward(rows(4))
          local all = {containers(entry.make)}
          if torch.isTensor(one) and one:isSameSizeAs(rows(4))
             and x:dim() == 2 and x:size(1) == 4 then
            all[2] = of_tensors(entry.make)
          end
          for _, makers in ipairs(all) do
            for name, make in pairs(makers) do
              local v = name == 'nn.Parallel'
                        and x:reshape(1, 4, 6):expand(2, 4, 6) or x
              torch.manualSeed(1)
              local m = make()
              local several = composed(entry.name) and name ~= 'alone'
                              and name ~= 'Sequential'
              local what = ('%s, %s, %s'):format(name, input[1], kind)
              check(m[kind](m), v, what,
                    several and (kind == 'float' and 1e-6 or 1e-14) or nil)
            end
          end
        end
      end
    end)

    -- as torch.tanh does; there is no gradient of integers
    it(entry.name .. ' takes integers as floats', function ()
      local whole = torch.range(1, 24):view(4, 6):fmod(3):add(-1)
      for _, kind in ipairs {'long', 'int', 'short'} do
        torch.manualSeed(1)
        local m = entry.make()
        local n, x = m:clone(), whole[kind](whole)
        torch.manualSeed(3)
        local want = n:forward(whole)
        torch.manualSeed(3)
        local got = m:forward(x)
        local whole_output = torch.isTensor(got) and got:type() ~= want:type()
        equal(want, whole_output and got:float() or got, kind)
        if whole_output then goto continue end -- of integers: as torch.abs
        n:zeroGradParameters()
        n:backward(whole, seeds(want))
        m:zeroGradParameters()
        assert.is_nil(m:backward(x, seeds(want)))
        local _, dw = m:parameters()
        local _, dv = n:parameters()
        if dw and #dw > 0 then equal(dv, dw, kind) end
        ::continue::
      end
    end)
  end
end)
