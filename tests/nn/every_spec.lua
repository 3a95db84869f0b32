-- Every layer and criterion under transforms: jitted with the same bits,
-- mapped as a loop, forward mode against reverse mode, float32 near float64.

package.path = 'tests/?.lua;' .. package.path
require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local every = dofile 'tests/nn/every.lua'

local tree = autograd.tree

local function floating (x)
  return torch.isTensor(x) and x:dtype():find '^float' ~= nil
end

local function leaves (y) return torch.isTensor(y) and {y} or tree.leaves(y) end

local function same (want, got, what, compare, tolerance)
  want, got = leaves(want), leaves(got)
  assert.equal(#want, #got, what)
  for i, w in ipairs(want) do
    if torch.isTensor(w) then
      compare(w, got[i])
    else
      assert.near(w, torch.item(got[i]), (tolerance or 1e-10)
                  * math.max(1, math.abs(w)))
    end
  end
end

local function near (tolerance)
  return function (want, got)
    assert.tensor_near(want, got:type(want:type()), tolerance, tolerance)
  end
end

-- f(params, inputs) of a module or criterion, in float64.
local function of (name)
  torch.manualSeed(3)
  local make = every.modules[name] or every.more[name]
  if make then
    local m, input = make()
    m:double()
    local f, params = autograd.functionalize(m)
    for _, fields in ipairs(params) do
      for key, p in pairs(fields) do
        fields[key] = every.away(p:size()) * 0.4
      end
    end
    return f, params, input, m
  end
  local c, input, target = every.composite(name)
  if not c then
    local spec = every.criterions[name]
    c, input, target = nn[name](table.unpack(spec[1])), spec[2], spec[3]
  end
  c = c.double and c:double() or c
  return function (_, x) return c:forward(x, target) end, {}, input
end

-- MaskedSelect's output has as many elements as its mask says
local no_jit = {MaskedSelect = 'how many elements there are depends on the '
                               .. 'data'}
-- in training these keep means of the one batch that they got
local no_vmap = {
  BatchNormalization = "a per-example value can't be written to a tensor",
  SpatialBatchNormalization = "a per-example value can't be written to a "
                              .. 'tensor'}

local function refused (text, ...)
  local ok, message = pcall(...)
  assert.is_false(ok)
  assert.truthy(message:find(text, 1, true), message)
end

local function map (f, t) return tree.map(f, t) end

local function inner (a, b) -- <a, b>
  local sum = 0
  local bs = leaves(b)
  for i, x in ipairs(leaves(a)) do
    if type(x) == 'number' then
      sum = sum + x * torch.item(bs[i])
    elseif floating(x) then
      sum = sum + torch.cmul(x, bs[i]):sum()
    end
  end
  return torch.item(sum)
end

describe('under transforms:', function ()
  local list = {}
  for name in require 'names'.nn:gmatch '%S+' do list[#list + 1] = name end
  for name in pairs(every.more) do list[#list + 1] = name end
  for _, name in ipairs(list) do
    if not every.none[name] then
      it('nn.' .. name, function ()
        local f, params, input, m = of(name)
        local want = f(params, input)
        local jitted = autograd.jit(f)
        if no_jit[name] then
          refused(no_jit[name], jitted, params, input)
        else
          for _ = 1, 2 do
            same(want, jitted(params, input), 'jit', function (w, g)
              assert.tensor_equal(w, g)
            end)
          end
        end

        -- two inputs, as one with a dimension more
        local data = false
        for _, x in ipairs(leaves(input)) do data = data or floating(x) end
        local function mapped (x) return floating(x) or not data end
        local other = map(function (x)
          return floating(x) and x * 0.93 or x
        end, input)
        local both = map(function (x, y)
          return mapped(x) and torch.stack({x, y}, 1) or x
        end, input, other)
        local axes = map(function (x) return mapped(x) and 1 or 0 end, input)
        local vmapped = autograd.vmap(f, {0, axes})
        if no_vmap[name] then
          refused(no_vmap[name], vmapped, params, both)
          m:evaluate()
          want = f(params, input)
        end
        same(map(function (u, w)
          return torch.isTensor(u) and torch.stack({u, w}, 1)
                 or torch.DoubleTensor {u, w}
        end, want, f(params, other)), vmapped(params, both), 'vmap',
        near(1e-10))

        -- <v, J t> = <J' v, t>
        local function g (x) return f(params, x) end
        local t = map(function (x)
          return floating(x) and torch.sin(x * 3) or x
        end, input)
        if data then
          local _, dy = autograd.jvp(g, {input}, {t})
          local y, pull = autograd.vjp(g, input)
          local v = map(function (x)
            return type(x) == 'number' and 0.7
                   or floating(x) and torch.cos(x * 2) or x
          end, y)
          local dx = pull(v)
          local a, b = inner(v, dy), inner(t, dx)
          assert.near(a, b, 1e-9 * math.max(1, math.abs(a)))
        end
      end)
    end
  end
end)

describe('in float32:', function ()
  for name in pairs(every.modules) do
    it('nn.' .. name, function ()
      local f, params, input = of(name)
      local want = f(params, input)
      local function single (x) return floating(x) and x:float() or x end
      local got = f(map(single, params), map(single, input))
      same(want, got, name, near(2e-5), 2e-5)
      for _, y in ipairs(leaves(got)) do
        if floating(y) then assert.equal('float32', y:dtype()) end
      end
    end)
  end
end)
