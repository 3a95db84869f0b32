-- Containers and modules with tables: values, and backward (by hand) against
-- autograd.

local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
require 'nnlua.busted'

local function double (...) return torch.randn(...):double() end

local function dot (y, g)
  if torch.isTensor(y) then return torch.cmul(y, g):sum() end
  local total = 0
  for i, v in ipairs(y) do total = total + dot(v, g[i]) end
  return total
end

local function like (y)
  if torch.isTensor(y) then return double(y:size()) end
  local out = {}
  for i, v in ipairs(y) do out[i] = like(v) end
  return out
end

local function near (want, got)
  if torch.isTensor(want) then return assert.tensor_near(want, got, 1e-10) end
  assert.equal(#want, #got)
  for i, v in ipairs(want) do near(v, got[i]) end
end

-- forward and backward against gradients of the functionalized module
local function check (module, x)
  module:double()
  module:zeroGradParameters()
  local y = module:forward(x)
  local g = like(y)
  local gx = module:backward(x, g)
  local f, params = autograd.functionalize(module)
  local both = autograd.grad(function (p, v) return dot(f(p, v), g) end,
                             {argnums = {1, 2}})(params, x)
  local dp, dx = both[1], both[2]
  near(dx, gx)
  local function compare () -- shared parameters have the sum
    local core, sums = require 'nnlua.core', {}
    autograd.tree.map(function (p, d)
      local id = core.storage_id(p)
      sums[id] = sums[id] and sums[id] + d or d
      return 0
    end, params, dp)
    local w, grads = module:parameters()
    for i, p in ipairs(w or {}) do
      near(sums[core.storage_id(p)], grads[i])
    end
  end
  compare()
  near(y, f(params, x))
  -- the two halves of backward
  module:zeroGradParameters()
  module:forward(x)
  near(gx, module:updateGradInput(x, g))
  module:accGradParameters(x, g, 1)
  compare()
  return y
end

local function dense () return nn.Dense(3, 2) end

describe('containers:', function ()
  it('Sequential', function ()
    check(nn.Sequential(dense(), nn.Tanh(), nn.Dense(2, 4)), double(5, 3))
  end)

  it('ConcatTable, ParallelTable', function ()
    local y = check(nn.ConcatTable(dense(), nn.Identity()), double(5, 3))
    assert.equal(2, #y)
    check(nn.ParallelTable(dense(), nn.Sequential(nn.Tanh(), dense())),
          {double(5, 3), double(4, 3)})
    check(nn.Sequential(nn.ConcatTable(nn.ConcatTable(dense(), dense()),
                                       nn.Identity()), nn.FlattenTable()),
          double(2, 3))
  end)

  it('Concat, Parallel, DepthConcat', function ()
    local y = check(nn.Concat(2, dense(), nn.Tanh()), double(5, 3))
    assert.equal(5, y:size(2))
    y = check(nn.Parallel(2, 1, dense(), dense()), double(4, 2, 3))
    assert.equal(8, y:size(1))
    y = check(nn.DepthConcat(1, nn.Identity(), nn.Narrow(2, 2, 2)),
              double(2, 5))
    assert.tensor_equal({0, 0}, y:narrow(1, 3, 2):select(2, 1):double())
  end)

  it('MapTable, Bottle, Decorator', function ()
    check(nn.MapTable(dense()), {double(2, 3), double(4, 3)})
    local y = check(nn.Bottle(dense()), double(2, 4, 3))
    assert.equal(4, y:size(2))
    check(nn.Decorator(dense()), double(2, 3))
  end)

  it('modules that are used twice', function ()
    local shared = nn.Dense(3, 3)
    check(nn.ConcatTable(shared, nn.Sequential(shared:clone('weight', 'bias',
                                                            'gradWeight',
                                                            'gradBias'))),
          double(5, 3))
  end)
end)

describe('modules with tables:', function ()
  local a, b, c = double(2, 3), double(2, 3), double(2, 3)

  it('elementwise', function ()
    near(a + b + c, check(nn.CAddTable(), {a, b, c}))
    near(torch.cmul(torch.cmul(a, b), c), check(nn.CMulTable(), {a, b, c}))
    near(a - b, check(nn.CSubTable(), {a, b}))
    near(torch.cdiv(a, b), check(nn.CDivTable(), {a, b}))
    near(torch.cmax(torch.cmax(a, b), c), check(nn.CMaxTable(), {a, b, c}))
    near(torch.cmin(a, b), check(nn.CMinTable(), {a, b}))
  end)

  it('JoinTable, SplitTable', function ()
    near(torch.cat({a, b}, 2), check(nn.JoinTable(2), {a, b}))
    near(torch.cat({a, b}, 2), check(nn.JoinTable(1, 1), {a, b}))
    local y = check(nn.SplitTable(2), a)
    assert.equal(3, #y)
    near(a:select(2, 3), y[3])
    near(a:select(2, 1), check(nn.SplitTable(-1), a)[1])
  end)

  it('SelectTable, NarrowTable, FlattenTable, ZipTable', function ()
    near(c, nn.SelectTable(-1):forward {a, b, c})
    near(b, nn.SelectTable(2):forward {a, b, c})
    near({b, c}, nn.NarrowTable(2, 2):forward {a, b, c})
    near({a, b, c}, nn.FlattenTable():forward {a, {b, {c}}})
    near({{a, c}, {b, a}}, nn.ZipTable():forward {{a, b}, {c, a}})
  end)

  it('MixtureTable, MM, MV', function ()
    local gate = torch.softmax(double(4, 2), 2)
    local x, y = double(4, 3), double(4, 3)
    local want = torch.cmul(x, gate:narrow(2, 1, 1):expandAs(x))
                 + torch.cmul(y, gate:narrow(2, 2, 1):expandAs(y))
    near(want, check(nn.MixtureTable(), {gate, {x, y}}))
    near(want, check(nn.MixtureTable(2), {gate, torch.stack({x, y}, 2)}))
    near(a * b:t(), check(nn.MM(false, true), {a, b}))
    near(a:t() * b, check(nn.MM(true), {a, b}))
    local m, v = double(5, 2, 3), double(5, 3)
    local product = check(nn.MV(), {m, v})
    near(m[2] * v[2], product[2])
    near(a * v[1], check(nn.MV(), {a, v[1]}))
  end)
end)
