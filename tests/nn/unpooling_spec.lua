-- Where poolings found their greatest elements, and SpatialMaxUnpooling.

require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'

local function tensor (t)
  return torch.tensor(t.data, t.dtype):view(table.unpack(t.shape))
end

local function pooling (case)
  local a = case.args
  local m = nn[case.op:sub(4)](a.kW, a.kH, a.dW, a.dH, a.padW, a.padH,
                               a.dilationW, a.dilationH)
  return a.ceil and m:ceil() or m
end

describe('indices of', function ()
  for _, case in ipairs(dofile('tests/golden/layers.lua').cases) do
    if case.out.indices then
      local x, want = tensor(case.inp.x), tensor(case.out.indices)
      it(case.name, function ()
        local m = pooling(case):keepIndices()
        assert.tensor_equal(tensor(case.out.y), m:forward(x))
        assert.tensor_equal(want, m.indices)
        m:evaluate()
        m:forward(-x)
        m:forward(x)
        assert.tensor_equal(want, m.indices)
        local f = autograd.jit(function (v)
          m:forward(v)
          return require 'nn.unpooling'.seen(m.seen).indices
        end)
        for _ = 1, 3 do assert.tensor_equal(want, f(x)) end
      end)
    end
  end

  it('max_pool_indices', function ()
    local y, indices = nn.functional.max_pool_indices(
      torch.range(1, 16):view(1, 1, 4, 4), 3, 3, 1, 1)
    assert.same({11, 12, 15, 16}, y:view(-1):totable())
    assert.same({11, 12, 15, 16}, indices:view(-1):totable())
  end)
end)

describe('nn.SpatialMaxUnpooling', function ()
  local function nets ()
    local pool = nn.SpatialMaxPooling(2, 2)
    return nn.Sequential(pool, nn.SpatialMaxUnpooling(pool)):double(), pool
  end
  local x = torch.randn(2, 3, 5, 4):double()

  -- the mask of what is the greatest of its 2 x 2
  local function mask (v)
    local m = v:clone():zero()
    for n = 1, 2 do
      for c = 1, 3 do
        for i = 1, 3, 2 do
          for k = 1, 3, 2 do
            local cell = v[n][c]:narrow(1, i, 2):narrow(2, k, 2)
            m[n][c]:narrow(1, i, 2):narrow(2, k, 2):copy(
              torch.eq(cell, cell:max()))
          end
        end
      end
    end
    return m
  end

  it('puts the greatest back, and so its gradient', function ()
    local net, pool = nets()
    local m = mask(x)
    assert.tensor_equal(torch.cmul(x, m), net:forward(x))
    assert.tensor_equal(m, net:backward(x, torch.ones(2, 3, 5, 4):double()))
    assert.same({2, 3, 2, 2}, pool.indices:size():totable())
    assert.tensor_equal(torch.cmul(x, m)[1], net:forward(x[1]))
  end)

  it('works under transforms', function ()
    local net = nets()
    local m = mask(x)
    local function f (v) return torch.square(net:forward(v)):sum() end
    local want = torch.cmul(x, m) * 2
    local j = autograd.jit(function (v) return (autograd.grad(f)(v)) end)
    for _ = 1, 3 do assert.tensor_equal(want, j(x)) end
    assert.tensor_equal(want, (autograd.vmap(function (v)
      return (autograd.grad(f)(v))
    end)(x)))
    assert.gradcheck(function (v) return net:forward(v) end, x)
  end)

  it('is another one in a clone', function ()
    local net, pool = nets()
    net:forward(x)
    local before = pool.indices:clone()
    local twin = net:clone()
    assert.tensor_equal(torch.cmul(-x, mask(-x)), twin:forward(-x))
    assert.tensor_equal(before, pool.indices)
    assert.equal(2, #net:listModules() - 1) -- the pooling is no child of it
  end)

  it('refuses what does not fit', function ()
    local function refuses (text, f, ...)
      local ok, message = pcall(f, ...)
      assert.is_false(ok)
      assert.truthy(message:find(text, 1, true), message)
    end
    local pool = nn.SpatialMaxPooling(2, 2)
    local m = nn.SpatialMaxUnpooling(pool)
    refuses('nn.SpatialMaxUnpooling: its pooling has not run yet', m.forward, m,
            torch.ones(1, 2, 2))
    pool:forward(torch.ones(1, 4, 4))
    refuses('nn.SpatialMaxUnpooling: expected [1 x 2 x 2], as its pooling gave, '
            .. 'got [1 x 3 x 2]',
            m.forward, m, torch.ones(1, 3, 2))
    refuses('nn.SpatialMaxUnpooling: expected [batch, planes, height, width], '
            .. 'got [2]', m.forward, m, torch.ones(2))
    refuses('nn.SpatialMaxUnpooling: pooling: an nn.SpatialMaxPooling expected,'
            .. ' got nil', nn.SpatialMaxUnpooling)
  end)
end)
