-- New values of weights and state in place of the old ones: when, and that
-- nobody sees it who should not.
require 'nnlua.busted'
local torch = require 'torch'
local autograd = require 'autograd'
local core = require 'nnlua.core'

-- The arrays that the last call of f took over.
local function taken (f)
  local text = autograd.jit_info(f).plans[1]
  return tonumber(text:match 'donated at the last call: (%d+)' or 0), text
end

describe('donation', function ()
  local w, v, x
  before_each(function ()
    torch.manualSeed(3)
    w, v, x = torch.randn(50, 40), torch.zeros(50, 40), torch.randn(50, 40)
  end)

  -- step(w, v, x) eager and compiled on copies, `calls` times: the same bits;
  -- `want` arrays are taken over at the last call
  local function check (want, step, by_argument)
    local a, b, c, d = w:clone(), v:clone(), w:clone(), v:clone()
    local f = autograd.jit(by_argument and step
                           or function (y) return step(c, d, y) end)
    for _ = 1, 4 do
      local r = step(a, b, x)
      local s
      if by_argument then s = f(c, d, x) else s = f(x) end
      assert.tensor_equal(a, c)
      assert.tensor_equal(b, d)
      if r then assert.tensor_equal(r, s) end
    end
    local n, text = taken(f)
    assert.equal(want, n, text)
  end

  local function momentum (p, m, y)
    m:mul(0.9):add(y)
    p:add(-0.1, m)
  end

  it('of state and of arguments', function ()
    check(2, momentum)
    check(2, momentum, true)
  end)

  it('lowers the peak of memory', function ()
    local big, g = torch.zeros(300000), torch.ones(300000)
    local function peak (f)
      for _ = 1, 3 do f(g) end
      collectgarbage()
      collectgarbage()
      local before = core.bytes_used()
      core.bytes_peak(true)
      f(g)
      return (core.bytes_peak() - before) / (4 * big:nElement())
    end
    local f = autograd.jit(function (y) big:add(0.5, y) end)
    assert.is_true(peak(f) < 0.1)
    local kept = autograd.jit(function (y)
      local before = big * 1
      big:add(0.5, y)
      return before
    end)
    assert.is_true(peak(kept) > 0.9)
  end)

  it('not of what is read later, elsewhere or in another place', function ()
    check(1, function (p, m, y) -- p first, then m reads the old one
      local old = p:clone()
      p:copy(p + y)
      m:copy(old * 2 + p)
    end)
    check(1, function (p, m, y) -- each becomes the other: just one can
      local a, b = p + y, m - y
      p:copy(b)
      m:copy(a)
    end)
    local square = torch.randn(6, 6)
    local f = autograd.jit(function () square:copy(square:t() * 2 + square) end)
    local same = square:clone()
    for _ = 1, 4 do
      f()
      same:copy(same:t() * 2 + same)
      assert.tensor_equal(same, square)
    end
    assert.equal(0, (taken(f)))
    local rows = torch.randn(5, 30)
    local g = autograd.jit(function ()
      rows:copy(rows - rows[1]:view(1, 30):expand(5, 30))
      return rows[2]:sum()
    end)
    local twin = rows:clone()
    for _ = 1, 3 do
      g()
      twin:copy(twin - twin[1]:view(1, 30):expand(5, 30))
      assert.tensor_equal(twin, rows)
    end
    assert.equal(0, (taken(g)))
  end)

  it('with the new value as a result, which keeps it', function ()
    local f = autograd.jit(function (y)
      w:add(y)
      return w * 1, w:t()
    end)
    local before = w:clone()
    local seen, flat, kept
    for k = 1, 4 do
      local now, turned = f(x)
      before = before + x
      assert.tensor_equal(before, now)
      assert.tensor_equal(before, w)
      assert.tensor_equal(before:t(), turned)
      if k == 3 then seen, flat, kept = now, turned, before end
    end
    assert.tensor_equal(kept, seen)
    assert.tensor_equal(kept:t(), flat)
  end)

  it('spares what a pullback, a copy or another tensor holds', function ()
    local f = autograd.jit(function (y) w:add(y) end)
    for _ = 1, 3 do f(x) end
    assert.equal(1, (taken(f)))
    local old = w:clone()
    local _, pull = autograd.vjp(function (y) return torch.cmul(w, y):sum() end,
                                 x)
    f(x)
    assert.equal(0, (taken(f))) -- the tape holds the old value
    assert.tensor_equal(old, pull(1))
    f(x)
    assert.equal(1, (taken(f)))
    local view = w:view(-1) -- of the same storage: sees the new one
    f(x)
    assert.tensor_equal(w, view:view(50, 40))
    assert.equal(1, (taken(f)))
  end)

  it('does not happen where a call fails before, or in a transform',
     function ()
    local f = autograd.jit(function (y) w:add(torch.cmul(y, y)) end)
    for _ = 1, 3 do f(x) end
    local old = w:clone()
    assert.is_false((pcall(f, torch.ones(3))))
    assert.tensor_equal(old, w)
    local g = autograd.grad(function (y)
      f(y)
      return w:sum()
    end)
    assert.tensor_equal(x * 2, (g(x)))
    assert.tensor_equal(old + torch.cmul(x, x), w)
  end)

  it('shows in jit_info', function ()
    local f = autograd.jit(function (y) w:add(y) end)
    for _ = 1, 3 do f(x) end
    local _, text = taken(f)
    assert.truthy(text:find('float32%[50 x 40%] over %%'), text)
  end)

  -- what is transposed is copied first, which may fail half way
  it('takes nothing from an update that needs a copy', function ()
    local weight, grad = torch.zeros(300, 300), torch.randn(300, 300)
    local step = autograd.jit(function (g)
      weight:add(-0.1, torch.exp(g):t())
    end)
    for _ = 1, 3 do step(grad) end
    local n, text = taken(step)
    assert.equal(0, n, text)
    assert.truthy(text:find('float32[300 x 300] new', 1, true), text)
  end)
end)
