-- Research modules after clone, share, save and load, getParameters and
-- conversions: the same bits, in training and evaluate mode, also after jitted
-- steps, and as many when they train on.
require 'nnlua.busted'
local torch = require 'torch'
local autograd = require 'autograd'
local tree = autograd.tree
local modules = dofile 'tests/nn/research_modules.lua'
local same_trees = dofile 'tests/nn/same_trees.lua'

local function ones (y)
  return (tree.map(function (v)
    return torch.isTensor(v) and v:clone():fill(1) or 1
  end, y))
end

local function total (y)
  local sum = 0
  for _, v in ipairs((tree.leaves(y))) do
    sum = sum + (torch.isTensor(v) and v:sum() or v)
  end
  return sum
end

local function same (a, b, what)
  assert.is_true(#tree.leaves(a) > 0, what) -- there is something to compare
  same_trees(a, b, what)
end

local function same_modules (a, b, x, what)
  local p, q = a:parameters() or {}, b:parameters() or {}
  assert.equal(#p, #q, what)
  if #p > 0 then same(p, q, what) end
  assert.equal(a.train, b.train, what)
  assert.equal(a:type(), b:type(), what)
  torch.manualSeed(5)
  local y = tree.map(function (v)
    return torch.isTensor(v) and v:clone() or v
  end, {a:forward(x)})
  torch.manualSeed(5)
  same(y, {b:forward(x)}, what)
end

-- Torch7's step
local function step (m, x, seed)
  torch.manualSeed(seed)
  m:zeroGradParameters()
  local y = m:forward(x)
  m:backward(x, ones(y))
  m:updateParameters(0.05)
end

local function jitted (m)
  local f, p = autograd.functionalize(m)
  if #tree.leaves(p) == 0 then return function () end end
  return autograd.jit(function (x)
    local g = autograd.grad(function (q) return total(f(q, x)) end)(p)
    tree.map(function (w, d) w:add(d * -0.05) return 0 end, p, g)
  end)
end

local function saved (m)
  local path = os.tmpname()
  torch.save(path, m)
  local n = torch.load(path)
  os.remove(path)
  return n
end

local copies = {
  clone = function (m) return m:clone() end,
  saved = saved,
  serialized = function (m) return torch.deserialize(torch.serialize(m)) end,
  ['saved clone'] = function (m) return saved(m:clone()) end,
}

describe('a round trip of nn.', function ()
  for _, entry in ipairs(modules) do
    for _, kind in ipairs {'float', 'double'} do
      local function make ()
        torch.manualSeed(1)
        local m = entry.make()
        local x = tree.map(function (v) return v[kind](v) end, entry.input())
        return m[kind](m), x
      end
      it(('%s, %s'):format(entry.name, kind), function ()
        for _, how in ipairs(kind == 'float'
            and {'fresh', 'stepped', 'jitted', 'flat'} or {'jitted'}) do
          local m, x = make()
          if how == 'flat' and #(m:parameters() or {}) > 0 then
            m:getParameters()
          end
          if how ~= 'fresh' then step(m, x, 2) end
          if how == 'jitted' then
            local replay = jitted(m)
            for seed = 3, 6 do
              torch.manualSeed(seed)
              replay(x)
            end
          end
          for name, copy in pairs(how == 'jitted' and copies
                                  or {saved = saved}) do
            local n = copy(m)
            local what = how .. ', ' .. name
            same_modules(m, n, x, what)
            m:evaluate()
            same_modules(m, copy(m), x, what .. ', evaluate')
            m:training()
            -- trains on, and apart
            local k = m:clone()
            step(n, x, 7)
            same_modules(k, m, x, what .. ', apart')
            step(k, x, 7)
            same_modules(k, n, x, what .. ', trained on')
            jitted(k)(x)
            torch.manualSeed(8)
            k, n = copy(n), copy(n)
            local one, other = jitted(k), jitted(n)
            for seed = 9, 11 do
              torch.manualSeed(seed)
              one(x)
              torch.manualSeed(seed)
              other(x)
            end
            same_modules(k, n, x, what .. ', jitted on')
          end
        end
      end)
    end

    it(entry.name .. ', share, getParameters, types', function ()
      torch.manualSeed(1)
      local m, x = entry.make(), entry.input()
      local tied = m:clone()
      local w = m:parameters() or {}
      for _, name in ipairs(m.parameterNames or {}) do
        if torch.isTensor(m[name]) then tied:share(m, name) end
      end
      step(m, x, 2)
      if #w > 0 and #(m.modules or {}) == 0 then
        same_modules(m, tied, x, 'share')
      end
      -- float32 is exact in float64, so there and back is nothing
      local before = m:clone()
      same_modules(before, m:double():float(), x, 'double, float')
      if #w > 0 then
        local flat = m:getParameters()
        same_modules(before, m, x, 'getParameters')
        assert.is_true(torch.equal(flat, (m:getParameters())))
        flat:mul(0.5)
        local n = saved(m)
        same_modules(m, n, x, 'saved flat')
        assert.tensor_equal(flat, (n:getParameters()))
      end
    end)
  end
end)
