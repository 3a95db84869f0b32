-- What a carry may become: the same result or the same error with jit and
-- without.
require 'nnlua.busted'
local torch = require 'torch'
local autograd = require 'autograd'

local loops = {
  fori = function (f, c)
    return autograd.fori(1, 3, function (_, v) return f(v) end, c)
  end,
  scan = function (f, c)
    return (autograd.scan(function (v) return f(v) end, c, nil, {length = 3}))
  end,
  while_loop = function (f, c)
    return autograd.while_loop(function (s) return torch.lt(s.n, 3) end,
                               function (s)
      return {n = s.n + 1, v = f(s.v)}
    end, {n = 0, v = c}).v
  end,
}

local function both (loop, f, c)
  local jitted = autograd.jit(function (v) return loop(f, v) end)
  local function text (ok, v)
    return ok and v or tostring(v):gsub('^.-: ', '', 1):gsub('\n.*', '')
  end
  jitted = text(pcall(jitted, c))
  return text(pcall(loop, f, c)), jitted
end

describe('a carry', function ()
  for name, loop in pairs(loops) do
    it('of an integer becomes a number with a fraction in ' .. name, function ()
      for _, f in ipairs {
        function (c) return c * 0.5 end, function (c) return c + 1.5 end,
        function (c) return c / 2 end, function (c) return torch.sin(c) end,
      } do
        local eager, jitted = both(loop, f, 1)
        assert.equal('float', math.type(eager))
        assert.equal(eager, jitted)
        assert.equal(eager, loop(f, 1.0))
      end
      local eager, jitted = both(loop, function (c) return c * 2 end, 1)
      assert.equal('integer', math.type(eager))
      assert.equal('integer', math.type(jitted))
      assert.equal(8, jitted)
    end)

    it('of integers that are one after another are so in ' .. name, function ()
      local function f (c) return {a = c.a + c.b, b = c.b + c.c, c = c.c / 2} end
      local function run (c) return loop(f, c) end
      local start = {a = 1, b = 2, c = 3}
      assert.same(run(start), autograd.jit(run)(start))
      if name == 'while_loop' then return end -- has no gradient under jit
      local g = autograd.jit(autograd.grad(function (x)
        return loop(function (c) return c * x end, 1)
      end))
      assert.equal(12, g(2.0))
    end)

    it('of integers in a tensor is refused in ' .. name, function ()
      for _, f in ipairs {function (c) return c * 0.5 end,
                          function (c) return torch.sin(c) end} do
        local eager, jitted = both(loop, f, torch.LongTensor {1, 2})
        assert.equal(jitted, eager)
        assert.equal(name .. ': the carry' .. (name == 'while_loop' and '.v'
                     or '') .. ' goes in as a tensor of 2 int64 and comes out '
                     .. 'as a tensor of 2 float32; it must stay alike: begin '
                     .. "with x:type('float32')", eager)
      end
      local eager, jitted = both(loop, function (c) return c * 0.5 end,
                                 torch.LongTensor {1, 2}:type 'float32')
      assert.tensor_equal(eager, jitted)
    end)

    it('of other sizes is refused in ' .. name, function ()
      local eager, jitted = both(loop, function (c)
        return torch.cat(c, c)
      end, torch.ones(2))
      assert.equal(jitted, eager)
      assert.truthy(eager:find 'comes out as a tensor of 4 float32')
    end)
  end

  it('may be an integer in one branch of cond', function ()
    local function f (x)
      return autograd.cond(torch.gt(x, 0), function (v)
        return {a = v * 2, b = v / 2, c = 1}
      end, function (v)
        return {a = v / 2, b = v * 2, c = 2}
      end, 3)
    end
    local jitted = autograd.jit(f)
    for _, x in ipairs {1.0, -1.0} do assert.same(f(x), jitted(x)) end
    local both_ways = autograd.vmap(function (x)
      local r = f(x)
      return r.a, r.b
    end)
    local a, b = both_ways(torch.Tensor {1, -1})
    assert.same({{6, 1.5}, {1.5, 6}}, {a:totable(), b:totable()})
  end)
end)
