-- nn.transform against Haiku's values, names and initialiser.

local torch = require 'torch'
local nn = require 'nn'
local random = require 'random'
local autograd = require 'autograd'
require 'nnlua.busted'
local golden = dofile 'tests/nn/golden.lua'
local every = dofile 'tests/nn/every.lua'

local P = {}
local Block = torch.class('spec.Block', 'nn.Module', P)

function Block:compute (x) -- luacheck: ignore self
  return nn.Linear(3)(nn.Linear(2)(x))
end

local function zoo (x)
  local shared = nn.Linear(4)
  x = nn.Linear(4):named 'head'(x)
  x = shared(shared(x))
  x = P.Block()(x)
  x = P.Block():named 'tail'(x)
  local last = nn.Linear(1)
  return last(nn.ReLU()(nn.Linear(5)(x)))
end

local function network (...)
  local sizes = {...}
  return nn.without_apply_rng(nn.transform(function (x)
    for k, n in ipairs(sizes) do
      x = nn.Linear(n)(k == 1 and x or torch.relu(x))
    end
    return x
  end))
end

local function shapes (params)
  local out = {}
  for name, fields in pairs(params) do
    out[name] = {}
    for key, p in pairs(fields) do out[name][key] = p:size():totable() end
  end
  return out
end

-- modules that are no dense layers, two of them alike
local function drawn (x)
  local h = nn.SpatialConvolution(1, 2, 2, 2)(nn.KAF(4)(x):view(-1, 1, 2, 2))
  h = h:reshape(h:size(1), 1, 1, 2)
  return nn.SpatialConvolution(1, 2, 2, 1)(h)
         + nn.SpatialConvolution(1, 2, 2, 1)(h)
end

local function weights (p)
  return p.spatial_convolution_1.weight, p.spatial_convolution_2.weight
end

describe('parameters of every module', function ()
  local net = nn.transform(drawn)
  local x = torch.randn(3, 4)

  it("are drawn from init's key, and leave the generator as it is", function ()
    local state = torch.getRNGState()
    local p = net.init(random.key(1), x)
    local q = net.init(random.key(1), x)
    local other = net.init(random.key(2), x)
    local jitted = autograd.jit(function (key) return (net.init(key, x)) end)
    for _ = 1, 3 do
      local r = jitted(random.key(1))
      autograd.tree.map(function (a, b, c)
        assert.tensor_equal(a, b)
        assert.tensor_equal(a, c)
      end, p, q, r)
    end
    assert.is_true(torch.ne(p.kaf.alpha, other.kaf.alpha):all())
    local one, two = weights(p)
    assert.is_true(torch.ne(one, two):all())
    local y = net.apply(p, nil, x)
    local apply = autograd.jit(net.apply)
    for _ = 1, 3 do assert.tensor_equal(y, apply(p, nil, x)) end
    assert.tensor_equal(state, torch.getRNGState())
  end)

  it('are others for each example of a vmap', function ()
    local keys = torch.stack({random.split(random.key(3), 2)}, 1)
    local p = autograd.vmap(function (key) return (net.init(key, x)) end)(keys)
    assert.is_true(torch.ne(p.kaf.alpha[1], p.kaf.alpha[2]):all())
    local one, two = weights(p)
    assert.is_true(torch.ne(one, two):all())
  end)

  it('depend on the key alone, for every layer, under vmap too', function ()
    local keys = torch.stack({random.key(4), random.key(5), random.key(4)}, 1)
    for name, make in pairs(every.modules) do
      local layer = nn.transform(function (v)
        local m, input = make()
        return m(v or input)
      end)
      local function init (key) return (layer.init(key)) end
      local want = init(keys[1])
      if next(want) then
        local state = torch.getRNGState()
        local mapped = {autograd.vmap(init)(keys)}
        if name == 'LookupTable' or name == 'SpatialConvolution' then
          mapped[2] = autograd.vmap(autograd.jit(init))(keys)
          mapped[3] = autograd.jit(autograd.vmap(init))(keys)
        end
        -- a key that is not mapped, where something else is
        mapped[#mapped + 1] = autograd.vmap(function (_, key)
          return init(key)
        end, {1, 0})(torch.zeros(3), keys[1])
        for i, p in ipairs(mapped) do
          autograd.tree.map(function (w, got)
            for j = 1, 3, 2 do assert.tensor_equal(w, got[j], name .. i) end
          end, want, p)
        end
        local other = init(keys[2])
        autograd.tree.map(function (w, got)
          assert.tensor_equal(w, got[2], name)
        end, other, mapped[1])
        torch.setRNGState(state)
      end
    end
  end)

  it('have the deviation that the module was reset to', function ()
    local wide = nn.transform(function (v)
      return nn.LookupTable(400, 50):reset(10)(v)
    end)
    local p = wide.init(random.key(1), torch.LongTensor {1})
    assert.near(10, p.lookup_table.weight:std(), 0.5)
  end)
end)

describe('nn.transform', function ()
  it("names parameters as Haiku does", function ()
    local c = golden.case('notebooks', 'haiku/names')
    local params, order = nn.transform(zoo).init(random.key(0),
                                                 torch.ones(1, 3))
    assert.same(c.out.zoo, shapes(params))
    assert.same(c.out.order, order)
    assert.same(c.out.classifier, shapes(
      network(12, 12, 1).init(random.key(0), torch.ones(1, 36))))
  end)

  it('computes and differentiates as Haiku does', function ()
    local c = golden.case('notebooks', 'haiku/square_loss_random_x')
    local net = network(table.unpack(c.args.sizes))
    local p, x, y = golden.tensor(c.inp.params), golden.tensor(c.inp.x),
                    golden.tensor(c.inp.y)
    golden.near(golden.tensor(c.out.out), net.apply(p, x), 'output')
    for name, f in pairs {
      mean = function (q) return torch.square(net.apply(q, x) - y):mean() end,
      l2 = function (q) return (net.apply(q, x) - y):norm() end,
    } do
      local loss, g = autograd.value_and_grad(f)(p)
      golden.near(golden.tensor(c.out[name].loss), loss, name)
      for layer, fields in pairs(g) do
        for key, v in pairs(fields) do
          golden.near(golden.tensor(c.out[name].grad[layer][key]), v, name)
        end
      end
    end
  end)

  it("draws w as Haiku's initialiser, by the key alone", function ()
    local c = golden.case('notebooks', 'haiku/initialiser')
    local net, x = network(100), torch.ones(1, 400)
    local p = net.init(random.key(1), x)
    torch.manualSeed(5)
    assert.tensor_equal(p.linear.w, net.init(random.key(1), x).linear.w)
    assert.is_false(torch.equal(p.linear.w,
                                net.init(random.key(2), x).linear.w))
    local z = p.linear.w * math.sqrt(400)
    local n = z:nElement()
    assert.near(0, z:mean(), 6 * c.out.std / math.sqrt(n))
    assert.near(c.out.std, z:std(), 6 * c.out.std / math.sqrt(2 * n))
    assert.is_true(torch.abs(z):max() <= 2)
    assert.equal(0, p.linear.b:norm())
    local points, cdf = golden.tensor(c.inp.points), golden.tensor(c.out.cdf)
    for i = 1, points:size(1) do
      local share = torch.lt(z, points[i]):sum() / n
      assert.near(cdf[i], share, 6 * math.sqrt(0.25 / n))
    end
  end)

  it('draws noise by the key of apply, and serves other modules', function ()
    local net = nn.transform(function (x)
      return nn.Dropout(0.5)(nn.PReLU()(x))
    end)
    local x = torch.randn(50, 4)
    local p = net.init(random.key(0), x)
    assert.tensor_equal({0.25}, p.prelu.weight)
    local a = net.apply(p, random.key(1), x)
    assert.tensor_equal(a, net.apply(p, random.key(1), x))
    assert.is_false(torch.equal(a, net.apply(p, random.key(2), x)))
    local g = autograd.grad(function (q)
      return net.apply(q, random.key(1), x):sum()
    end)(p)
    assert.equal(1, g.prelu.weight:nElement())
  end)

  it('can be jitted and mapped', function ()
    local net = network(5, 2)
    local x = torch.randn(7, 3)
    local p = net.init(random.key(0), x)
    assert.tensor_equal(net.apply(p, x), autograd.jit(net.apply)(p, x))
    local y = autograd.vmap(net.apply, {0, 1})(p, x:view(7, 1, 3))
    assert.tensor_near(net.apply(p, x), y:view(7, 2))
  end)

  it('says which parameters are missing', function ()
    local net = network(5)
    local ok, text = pcall(net.apply, {}, torch.ones(1, 3))
    assert.is_false(ok)
    assert.equal('nn.transform: apply: the parameters have no linear.w; they '
                 .. 'must come from init of the same function',
                 (text:gsub('^[^:]*:%d+: ', '')))
    assert.is_nil(require 'nn.Module'.context)
  end)

  it('refuses noise without a key and modules that outlived it', function ()
    local kept
    local net = nn.transform(function (x)
      kept = nn.Linear(2)
      return nn.Dropout(0.5)(kept(x))
    end)
    local x = torch.ones(1, 3)
    local p = net.init(random.key(0), x)
    local function says (want, f, ...)
      local ok, text = pcall(f, ...)
      assert.is_false(ok)
      assert.equal(want, (text:gsub('^[^:]*:%d+: ', '')))
      assert.is_nil(require 'nn.Module'.context)
    end
    local no_key = 'nn.Dropout: draws random numbers, but apply got no key: '
      .. 'apply(params, random.key(seed), ...), without nn.without_apply_rng, '
      .. 'or evaluate() the module'
    says(no_key, net.apply, p, nil, x)
    says(no_key, nn.without_apply_rng(net).apply, p, x)
    says('nn.Linear: draws random numbers, but init got no key: '
         .. 'init(random.key(seed), ...)', net.init, nil, x)
    local plain = nn.transform(function (v) return nn.ReLU()(v) end)
    assert.same({}, (plain.init(nil, x))) -- nothing is drawn
    local outlived = 'nn.Linear: it was made inside the function of an '
      .. 'nn.transform that ended and has no parameters of its own; make it '
      .. 'and call it in there'
    says(outlived, kept, x)
    local before = kept
    says(outlived, nn.transform(function (y) return before(y) end).init,
         random.key(0), x)
    says('nn.transform: init: a key of random.key(seed) expected, got [1 x 3]',
         net.init, x, random.key(0))
  end)

  it('nests: a transform inside a transform', function ()
    local inner = network(2)
    local outer = nn.without_apply_rng(nn.transform(function (x)
      return nn.Linear(2)(inner.apply(inner.init(random.key(1), x), x))
    end))
    local x = torch.ones(2, 3)
    local p = outer.init(random.key(0), x)
    assert.same({linear = {w = {2, 2}, b = {2}}}, shapes(p))
    local h = inner.apply(inner.init(random.key(1), x), x)
    assert.tensor_near(h * p.linear.w, outer.apply(p, x))
    local g = autograd.grad(function (q) return outer.apply(q, x):sum() end)(p)
    assert.tensor_near(h:t() * torch.ones(2, 2), g.linear.w)
  end)
end)
