-- How jit puts equations together: what becomes one unit, where arrays stand,
-- and that the bits are eager's whatever the sizes and layouts.

-- luacheck: ignore 431 (functions name their arguments as the tensors)
local torch = require 'torch'
local A = require 'autograd'
require 'nnlua.busted'

-- f jitted, after the calls that compile it
local function compiled (f, ...)
  local j = A.jit(f)
  j(...)
  j(...)
  return j
end

local function plan (f, ...)
  return A.jit_info(compiled(f, ...)).plans[1]
end

local function same_number (a, b) return a == b or (a ~= a and b ~= b) end

-- The results of f and of its compiled form, bit for bit, of both float types.
local function check (f, ...)
  for _, dtype in ipairs {'float32', 'float64'} do
    local args = {}
    for i, x in ipairs {...} do args[i] = x:type(dtype) end
    local want = {f(table.unpack(args))}
    local got = {compiled(f, table.unpack(args))(table.unpack(args))}
    assert.equal(#want, #got)
    for i = 1, #want do
      if torch.isTensor(want[i]) then
        assert.tensor_equal(want[i], got[i])
      else
        assert(same_number(want[i], got[i]),
               ('result %d: %.17g eager, %.17g compiled'):format(i, want[i],
                                                                 got[i]))
      end
    end
  end
end

describe('compile', function ()
  before_each(function () torch.manualSeed(1) end)

  it('puts elementwise equations and a sum into one unit', function ()
    local text = plan(function (x, y)
      return torch.square(torch.tanh(x) - y):sum()
    end, torch.randn(40, 30), torch.randn(40, 30))
    assert.truthy(text:find('^{tanh sub square sum} %-> %%%d+ float32 at 0\n'))
    assert.truthy(text:find 'arena 64 bytes') -- for the sum alone
  end)

  it('takes a column that stands apart into the tiles', function ()
    local text = plan(function (x, b)
      return torch.relu(x + b)
    end, torch.randn(40, 30), torch.randn(30))
    assert.truthy(text:find('^{add relu} %-> %%%d+ float32%[40 x 30%] new\n'))
  end)

  it('lets equations wait for what they meet', function ()
    -- exp(x) does not depend on the product, and joins what comes after it
    local text = plan(function (x, w)
      local e = torch.exp(x)
      local p = torch.mm(x, w)
      return torch.cmul(e, p)
    end, torch.randn(4, 4), torch.randn(4, 4))
    assert.truthy(text:find('matmul.*{exp mul}'))
  end)

  it('runs a bias and an activation on the parts of a product', function ()
    local text = plan(function (x, w, b)
      return torch.tanh(torch.mm(x, w) + b)
    end, torch.randn(40, 30), torch.randn(30, 20), torch.randn(20))
    assert.truthy(text:find('^with the next: matmul %-> [^\n]*\n'
                            .. '{add tanh} %-> %%%d+ float32%[40 x 20%] new\n'))
  end)

  for _, s in ipairs {{1, 1, 1}, {7, 5, 3}, {128, 6, 5}, {200, 512, 30},
                      {33, 1030, 600}, {513, 300, 1}, {2, 3000, 4}} do
    it(('has eager\'s bits around products of %d x %d, k %d'):format(
         table.unpack(s)), function ()
      local x, w = torch.randn(s[1], s[3]), torch.randn(s[3], s[2])
      local b, c = torch.randn(s[2]), torch.randn(s[1], 1)
      check(function (x, w, b, c)
        return torch.relu(torch.mm(x, w) + b), torch.mm(x, w) - c,
               torch.cmul(torch.mm(x, w), torch.mm(x, w) * 2)
      end, x, w, b, c)
      check(function (x, w, _, c)
        local y = torch.mm(x, w)
        return (y + 1):sum(1), torch.mm(y, w:t()) + x, torch.cmul(y:t(), c:t())
      end, x, w, b, c)
      check(function (x)
        local y = torch.mm(x, x:t())
        return y + y:t(), torch.cmul(y, y) -- all of y, not a part of it
      end, x)
      check(function (x, w) -- a batch of them
        local a = torch.stack {x, x * 2}
        return torch.tanh(torch.matmul(a, w))
      end, x, w)
    end)
  end

  it('updates a parameter and its moments in one pass', function ()
    local optim = require 'optim'
    local params, state, config = {torch.ones(30)}, {}, {}
    local text = plan(function (p, g)
      optim.adam(function () return 0, {g} end, p, config, state)
    end, params, torch.ones(30))
    local unit = text:match '{[^}]*} %-> [^\n]*float32%[30%][^\n]*'
    assert.truthy(unit:find '^{[^}]*sqrt[^}]*div add}')
    assert.equal(3, select(2, unit:gsub('float32%[30%] over %%', '')), unit)
  end)

  it('makes no circle of groups', function ()
    -- the second sum needs the first group, the last product both
    check(function (x)
      local a = torch.exp(x)
      local s = a:sum(1):expand(x:size())
      local b = torch.cmul(a, s)
      local t = b:sum(1):expand(x:size())
      return torch.cmul(a, t) + torch.cmul(b, s) + x
    end, torch.randn(7, 5))
  end)

  it('uses the memory of dead arrays again', function ()
    local text = plan(function (x)
      for _ = 1, 20 do x = torch.mm(x, x) end
      return x
    end, torch.randn(16, 16))
    -- an array is 1024 bytes; two live at a time, beside the product's scratch
    local bytes = math.tointeger(text:match 'arena (%d+) bytes')
    assert(bytes >= 2048 and bytes <= 4096, bytes)
  end)

  it('adds many large arrays up as they come', function ()
    local w = torch.randn(20, 64, 64)
    local function f (w)
      local y
      for i = 1, 20 do
        local term = torch.mm(w[i], w[i])
        y = y and y + term or term
      end
      return y
    end
    local text = plan(f, w)
    local bytes = math.tointeger(text:match 'arena (%d+) bytes')
    assert(bytes <= 10 * 64 * 64 * 4, bytes) -- not 20, and scratch
    assert.truthy(text:find '{add add}') -- but more than one at a time
    check(f, w)
  end)

  it('keeps of a checkpoint what it reads, not copies of it', function ()
    local text = plan(function (x)
      return (A.grad(function (v)
        local f = A.checkpoint(function (u) return torch.tanh(torch.exp(u)) end)
        return f(v:narrow(2, 1, 8)):sum()
      end)(x))
    end, torch.randn(64, 16))
    assert.equal(1, select(2, text:gsub(' call ', '')), text)
    text = plan(function (x)
      return A.value_and_grad(function (v)
        local f = A.checkpoint(function (u) return torch.tanh(torch.exp(u)) end)
        return f(v:narrow(2, 1, 8)):sum()
      end)(x)
    end, torch.randn(64, 16))
    assert.equal(2, select(2, text:gsub(' call ', '')), text)
    assert.equal(2, select(2, text:gsub(' own', '')), text) -- value, gradient
  end)

  local sizes = {{1, 1}, {3, 5}, {128, 6}, {1000, 7}, {40, 128}, {300, 300},
                 {7, 2000}, {513, 1}, {1, 5000}, {64, 4096}, {0, 3}}
  for _, s in ipairs(sizes) do
    it(('has eager\'s bits on %d x %d'):format(s[1], s[2]), function ()
      local x, y = torch.randn(s[1], s[2]), torch.randn(s[1], s[2])
      local b, c = torch.randn(s[2]), torch.randn(s[1], 1)
      check(function (x, y, b, c)
        return torch.square(x - y):sum(), torch.exp(x + b):sum(2),
               torch.cmul(torch.tanh(x), c)
      end, x, y, b, c)
      check(function (x, y, b, c)
        return torch.cmul(x + b, y - c):sum(), torch.exp(x + b):sum(1)
      end, x, y, b, c)
      check(function (x, _, _, c)
        local z = torch.cmul(x, c)
        return z, z:sum(2), z:sum(), z:prod()
      end, x, y, b, c)
      check(function (x, y)
        return torch.add(x:t(), y:t()), (x:t() + 1):sum(1)
      end, x, y)
      if s[1] * s[2] > 0 then
        check(function (x, y)
          local z = x - y
          return (z:max(2)), (z:min(2)), z:max(), torch.gt(z, 0):long():sum()
        end, x, y)
      end
    end)
  end

  it('has eager\'s bits where two equations are one pass', function ()
    local maps = {
      function (a, b) return a + b end, function (a, b) return a - b end,
      torch.cmul, torch.cdiv, function (a) return torch.square(a) end,
      function (a) return torch.relu(a) end,
    }
    local x, y, z = torch.randn(5, 211), torch.randn(5, 211), torch.randn(5, 211)
    x[1][1], y[1][2], z[1][3] = 0 / 0, 1 / 0, 0
    for _, f in ipairs(maps) do
      for _, g in ipairs(maps) do
        check(function (a, b, c)
          local inner = f(a, b)
          return g(inner, c), g(c, f(b, a)), g(f(a, c), f(c, b))
        end, x, y, z)
        check(function (a, b, c) -- what is read again, or summed up, remains
          local one, two = f(a, b), f(b, c)
          return g(one, c) + g(one, b), two, g(two, a), torch.sum(f(a, c), 2)
        end, x, y, z)
      end
    end
  end)

  it('has eager\'s bits on arrays larger than the caches', function ()
    check(function (a, b, row, column, k)
      local h = torch.cmul(a + row, column) - torch.cmul(torch.pow(b, 3), k)
      return h, torch.cmul(h, a) + b, (torch.square(h) - b):sum()
    end, torch.randn(301, 1500), torch.randn(301, 1500), torch.randn(1500),
    torch.randn(301, 1), torch.randn(1))
  end)

  it('has eager\'s bits on slices, steps and reversed views', function ()
    local x = torch.randn(12, 30, 4)
    check(function (x)
      local a = x:narrow(2, 3, 20)
      local b = x:select(3, 2):narrow(2, 1, 20)
      return torch.exp(a:select(3, 1)) + b, a:transpose(1, 3) * 2,
             x:unfold(2, 3, 2):sum(4)
    end, x)
  end)

  it('has eager\'s bits for any number of threads', function ()
    local x, b = torch.randn(700, 300), torch.randn(300)
    local n = torch.getnumthreads()
    local f = function (x, b)
      local z = torch.tanh(x + b)
      return z, z:sum(), torch.square(z):sum(2)
    end
    local j = compiled(f, x, b)
    for _, threads in ipairs {1, 2, 3} do
      torch.setnumthreads(threads)
      local a, s, r = f(x, b)
      local a2, s2, r2 = j(x, b)
      assert.tensor_equal(a, a2)
      assert.equal(s, s2)
      assert.tensor_equal(r, r2)
    end
    torch.setnumthreads(n)
  end)

  it('returns views, inputs and constants', function ()
    local x = torch.randn(3, 4)
    local j = compiled(function (x)
      local y = x * 2
      return y:t(), x, y, x:t(), torch.zeros(2), y:select(1, 1)
    end, x)
    local t, same, y, xt, zero, row = j(x)
    assert.tensor_equal(y:t(), t)
    assert.tensor_equal(x, same)
    assert.tensor_equal(x:t(), xt)
    assert.tensor_equal(torch.zeros(2), zero)
    assert.tensor_equal(y[1], row)
    y:zero() -- results are tensors of their own
    assert.tensor_equal(x:t() * 2, t)
  end)

  it('says how a graph is replayed, or that it was not yet', function ()
    local j = A.jit(function (x) return x + 1 end)
    j(torch.ones(2))
    assert.truthy(A.jit_info(j).plans[1]:find '{add}')
    assert.truthy(A.jit_info(j).graphs[1]:find 'add%(')
  end)
end)
