-- The results that scan stacks: without steps, and of which dtype.
local torch = require 'torch'
local A = require 'autograd'
require 'nnlua.busted'

local function double (x) return x:double() end

-- {dtype, sizes...}
local function like (x)
  local sizes = x:size():totable()
  return {x:dtype(), table.unpack(sizes)}
end

local function pass (f) return f end

describe('scan over no elements', function ()
  local weight, steps, x

  local function scanned (v)
    local c, ys = A.scan(function (c, row)
      steps:add(1)
      local noise = torch.randn(1):sum()
      c = c + torch.dot(row, weight)
      return c, {row = row * noise, c = c, {torch.gt(row, 0), 7}}
    end, 0.5, v)
    return c, ys.row, ys.c, ys[1][1], ys[1][2]
  end

  before_each(function ()
    weight, steps, x = torch.ones(3), torch.zeros(1), torch.zeros(0, 3)
  end)

  it('returns rows of the right shape and dtype', function ()
    for name, how in pairs {eager = pass, jit = A.jit} do
      local f = how(scanned)
      for _ = 1, 3 do
        local c, row, cs, positive, seven = f(x)
        assert.equal(0.5, c, name)
        assert.same({'float32', 0, 3}, like(row), name)
        assert.same({'float32', 0}, like(cs), name)
        assert.same({'bool', 0, 3}, like(positive), name)
        assert.same({'int64', 0}, like(seven), name)
      end
    end
    local _, row, cs = scanned(double(x))
    assert.same({'float64', 0, 3}, like(row))
    assert.same({'float64', 0}, like(cs))
    local _, ys = A.scan(function (c) return c + 1, c end, 0, nil,
                         {length = 0})
    assert.same({'int64', 0}, like(ys))
    _, ys = A.scan(function (c, v) return c, v end, 0, x,
                   {checkpoint = true, reverse = true})
    assert.same({'float32', 0, 3}, like(ys))
    local nothing = table.pack(A.scan(function (c) return c end, 0.0, x))
    assert.is_nil(nothing[2])
  end)

  it('leaves random state and outer tensors as they are', function ()
    torch.manualSeed(3)
    local drawn = torch.randn(1)[1]
    for name, how in pairs {eager = pass, jit = A.jit} do
      local f = how(scanned)
      for _ = 1, 3 do
        torch.manualSeed(3)
        f(x)
        assert.equal(drawn, torch.randn(1)[1], name)
      end
      assert.equal(0, steps[1], name)
    end
  end)

  it('under transforms', function ()
    local function loss (v, c)
      local last, ys = A.scan(function (s, row)
        return s + torch.cmul(row, weight), torch.cmul(s, row)
      end, c, v)
      return last:sum() * 3 + ys:sum()
    end
    for name, how in pairs {eager = pass, jit = A.jit} do
      local g, gc, value = how(A.grad(loss, {argnums = {1, 2}}))
                             (x, torch.ones(3))
      if type(g) == 'table' then g, gc, value = g[1], g[2], gc end
      assert.same({'float32', 0, 3}, like(g), name)
      assert.tensor_equal(torch.Tensor{3, 3, 3}, gc, name)
      assert.equal(9, value, name)
    end
    local function rows (v)
      return select(2, A.scan(function (s, row)
        return s, torch.cmul(s, row)
      end, torch.ones(3), v))
    end
    for name, f in pairs {vmap = A.vmap(rows), jit = A.jit(A.vmap(rows)),
                          vmap_jit = A.vmap(A.jit(rows))} do
      assert.same({'float32', 4, 0, 3}, like(f(torch.zeros(4, 0, 3))), name)
    end
    local y, t = A.jvp(rows, {x}, {x})
    assert.same({'float32', 0, 3}, like(y))
    assert.same({'float32', 0, 3}, like(t))
  end)

  it('says why the function is traced', function ()
    local ok, message = pcall(A.scan, function (c, row)
      if row:sum() > 0 then return c, row end
      return c, -row
    end, 0.0, x)
    assert.falsy(ok)
    assert.truthy(message:find('; inside scan over no elements at ', 1, true))
  end)
end)

describe('what scan stacks', function ()
  local function same (f, ...)
    local _, want = f(...)
    local _, got = A.jit(f)(...)
    assert.same(like(want), like(got))
    assert.tensor_equal(want, got)
    return want:dtype()
  end

  it('numbers take the dtype of the tensors, jit or not', function ()
    local function running (c, v)
      return A.scan(function (s, e) s = s + e return s, s end, c, v)
    end
    assert.equal('float32', same(running, 0.0, torch.ones(3)))
    assert.equal('float64', same(running, 0.0, double(torch.ones(3))))
    local y = select(2, A.jvp(function (c)
      return (select(2, running(c, torch.ones(3))))
    end, {0.0}, {1.0}))
    assert.equal('float32', y:dtype())
  end)

  it('elements of a vector are numbers, jit or not', function ()
    local x = torch.Tensor{0.1, 0.2, 0.3, 0.7}
    local function total (v, w)
      return (A.scan(function (s, e) return s * 1.1 + e * w end, 0.0, v))
    end
    local want = total(x, 3.0)
    for name, f in pairs {jit = A.jit(total), value = function (...)
      return (A.value_and_grad(A.jit(total))(...))
    end} do
      local got = f(x, 3.0)
      assert.equal('float', math.type(got), name)
      assert.equal(want, got, name)
    end
    local w = torch.ones(2)
    local function rows (v)
      return (A.scan(function (s, e) return s + e * w end, w, v))
    end
    assert.tensor_equal(rows(double(x)), A.jit(rows)(double(x)))
    local n = torch.LongTensor{1, 2, 3}
    assert.equal(6, A.jit(function (v)
      return (A.scan(function (s, e) return s + e end, 0, v))
    end)(n))
  end)

  it('integers stay integers under jit', function ()
    assert.equal('int64', same(function ()
      return A.scan(function (c) return c + 1, c end, 0, nil, {length = 3})
    end))
  end)

  it('comparisons of numbers, each step its own', function ()
    local x = torch.Tensor{{-1, 0}, {2, 0}, {-3, 1}}
    local function positive (v)
      return A.scan(function (c, row) return c, torch.gt(row[1], 0) end, 0.0, v)
    end
    assert.equal('bool', same(positive, x))
    assert.tensor_equal(torch.gt(x, 0):select(2, 1),
                        (select(2, positive(x))))
    local function constant (v)
      return A.scan(function (c) return c, true end, 0.0, v)
    end
    assert.equal('bool', same(constant, x))
  end)

  it('strings must be the same in each step', function ()
    local ok, message = pcall(A.scan, function (c)
      return c + 1, {name = 's' .. c}
    end, 0, nil, {length = 2})
    assert.falsy(ok)
    assert.truthy(message:find("scan: the result.name is 's0' at element 1 "
      .. "and 's1' at element 2; only numbers, booleans and tensors can "
      .. 'change', 1, true), message)
  end)
end)
