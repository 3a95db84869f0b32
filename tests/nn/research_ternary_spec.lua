-- Ternary and binary activations: reference values, transforms, modules,
-- errors.

require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local research = dofile 'tests/nn/research.lua'
local F = nn.functional
local states = require 'nn.functional.ternary'

local function double (t) return torch.tensor(t, 'float64') end

describe('ternary reference values', function ()
  local forms = {
    gaussian_cdf = function (p) return F.gaussian_cdf(p.x, p.mean, p.sd) end,
    gaussian_pdf = function (p) return F.gaussian_pdf(p.x, p.mean, p.sd) end,
    expected_state = function (p)
      return F.expected_state(p.x, {p.t1, p.t2}, p.noise_sd)
    end,
  }
  for op, f in pairs(forms) do
    for _, case in ipairs(research.cases(op)) do
      it(case.name, function ()
        if case.out.vjp_x then
          research.differentiated(case, f)
        else
          local p, out = research.load(case)
          research.golden.near(out.value, f(p), case.name)
        end
      end)
    end
  end

  for _, case in ipairs(research.cases 'binary_expected_state') do
    it(case.name, function ()
      research.differentiated(case, function (p)
        return F.expected_binary_state(p.x, p.t, p.noise_sd, case.args.low)
      end)
    end)
  end

  for _, case in ipairs(research.cases 'ternary_hard') do
    it(case.name, function ()
      local p, out = research.load(case)
      local got = F.ternary(p.x, {p.t1, p.t2}, 0.3, false)
      assert.tensor_equal(out.value, got)
    end)
  end

  for _, case in ipairs(research.cases 'binary_hard') do
    it(case.name, function ()
      local p, out = research.load(case)
      assert.tensor_equal(out.value,
                          F.binary(p.x, p.t, 0.3, false, case.args.low))
    end)
  end

  for _, case in ipairs(research.cases 'ternary_noisy') do
    it(case.name, function ()
      local p, out = research.load(case)
      local y, pull = autograd.vjp(function (x)
        return states.noisy_ternary(x, p.t1, p.t2, p.noise_sd, p.noise)
      end, p.x)
      assert.tensor_equal(out.value, y)
      research.golden.near(out.vjp_x, pull(p.g), case.name)
    end)
  end
end)

describe('nn.functional.ternary', function ()
  local x = double {{-1.5, -0.4, 0.1}, {0.3, 0.7, 2}}

  it('works under every transform', function ()
    research.transforms(function (v)
      return F.ternary(v, {-0.5, 0.5}, 0.3, false)
    end, x)
    research.transforms(function (v) return F.binary(v, 0, 0.3, false) end, x)
  end)

  it('has the gradient of the expected state', function ()
    local function of (f)
      return autograd.grad(function (v, a, b, sd)
        return torch.cmul(f(v, {a, b}, sd, false), torch.exp(v)):sum()
               - torch.cmul(f(x, {-0.5, 0.5}, 0.3, false), torch.exp(v)):sum()
      end, {argnums = {1, 2, 3, 4}})(x, -0.5, 0.5, 0.3)
    end
    local got = of(F.ternary)
    local want = of(F.expected_state)
    for i = 1, 4 do assert.near(0, torch.item(torch.dist(
      torch.tensor(got[i], 'float64'), torch.tensor(want[i], 'float64'))),
      1e-14) end
  end)

  it('draws fresh noise at each call, the same of one key', function ()
    torch.manualSeed(1)
    local zeros = torch.zeros(1000)
    local function draw (key) return F.ternary(zeros, {-0.5, 0.5}, 1, key) end
    assert.is_true(torch.ne(draw(), draw()):any())
    local key = require 'nnlua.core'.random_key(7)
    assert.tensor_equal(draw(key), draw(key))
    local jitted = autograd.jit(function (v)
      return F.ternary(v, {-1, 1}, 1)
    end)
    assert.is_true(torch.ne(jitted(zeros), jitted(zeros)):any())
    -- P(z > 0.5) = 0.30854
    local ups = torch.eq(F.ternary(torch.zeros(100000), {-0.5, 0.5}, 1), 1)
    assert.near(0.30854, ups:double():mean(), 0.006)
  end)

  it('draws what randn draws, on any number of threads', function ()
    for _, kind in ipairs {'float32', 'float64'} do
      local v = torch.randn(33, 1001, {dtype = kind})
      torch.manualSeed(5)
      local z = torch.randn(v:size(), {dtype = kind})
      local want = F.ternary(v + z * 0.3, {-0.5, 0.5}, 0.3, false)
      local after = torch.rand(3)
      local threads = torch.getnumthreads()
      for n = 1, 2 do
        torch.setnumthreads(n)
        torch.manualSeed(5)
        assert.tensor_equal(want, F.ternary(v, {-0.5, 0.5}, 0.3))
        assert.tensor_equal(after, torch.rand(3))
      end
      torch.setnumthreads(threads)
    end
  end)

  it('gives each example of a vmap its own noise, but one key\'s to all',
     function ()
    local zeros = torch.zeros(4, 200)
    local function draw (key, v)
      return F.ternary(v, {-0.5, 0.5}, 1, key)
    end
    torch.manualSeed(2)
    local own = autograd.vmap(function (v) return draw(nil, v) end)(zeros)
    assert.is_true(torch.ne(own[1], own[2]):any())
    local key = require 'random'.key(3)
    local one = autograd.vmap(function (v) return draw(key, v) end)(zeros)
    for i = 1, 4 do assert.tensor_equal(draw(key, zeros[1]), one[i]) end
    local keys = {require 'random'.split(key, 4)}
    local each = autograd.vmap(draw)(torch.stack(keys, 1), zeros)
    for i = 1, 4 do assert.tensor_equal(draw(keys[i], zeros[i]), each[i]) end
  end)

  it('has thresholds and noise for each unit', function ()
    local t1, t2 = double {-1, -0.1, 0}, double {-0.5, 0.1, 2}
    local sd = double {0.2, 0.5, 1}
    local y = F.ternary(x, {t1, t2}, sd, false)
    assert.tensor_equal(double {{-1, -1, 0}, {1, 1, 0}}, y)
    local function of (f)
      return autograd.grad(function (v, a, b, s)
        return torch.cmul(f(v, {a, b}, s, false), torch.cos(v)):sum()
               - torch.cmul(f(x, {t1, t2}, sd, false), torch.cos(v)):sum()
      end, {argnums = {1, 2, 3, 4}})(x, t1, t2, sd)
    end
    local got, want = of(F.ternary), of(F.expected_state)
    for i = 1, 4 do assert.tensor_near(want[i], got[i], 1e-13) end
  end)

  it('gives 0 on a threshold and for NaN', function ()
    local v = double {-0.5, 0.5, 0 / 0, -0.5000001, 0.5000001}
    assert.tensor_equal(double {0, 0, 0, -1, 1},
                        F.ternary(v, {-0.5, 0.5}, 0.3, false))
    assert.tensor_equal(double {-1, 1, -1, -1, 1},
                        F.binary(v, 0, 0.3, false))
  end)

  it('refuses what makes no sense', function ()
    local function refuses (text, f, ...)
      local ok, message = pcall(f, ...)
      assert.is_false(ok)
      assert.truthy(message:find(text, 1, true), message)
    end
    refuses('ternary: noise_sd: a finite number above 0 expected, got 0',
            F.ternary, x, {-1, 1}, 0)
    refuses('noise_sd: a finite number above 0', F.ternary, x, {-1, 1}, -0.5)
    refuses('noise_sd: a finite number above 0', F.ternary, x, {-1, 1}, 0 / 0)
    refuses('thresholds: the lower one first expected, got one that is 2 above '
            .. 'the other', F.ternary, x, {1, -1}, 0.3)
    refuses('thresholds: numbers expected, got NaN', F.ternary, x,
            {0 / 0, 1}, 0.3)
    refuses('thresholds: a table {lower, upper} expected, got the number 1',
            F.ternary, x, 1, 0.3)
    refuses('threshold: a number expected, got NaN', F.binary, x, 0 / 0, 0.3)
    refuses('x: a tensor expected', F.ternary, 'x', {-1, 1}, 0.3)
    refuses('nn.Ternary: it has no option noise_sc; did you mean noise_sd',
            nn.Ternary, {noise_sc = 1})
    refuses('nn.Ternary: noise:', nn.Ternary, {noise = 'off'})
    refuses('nn.Ternary: noise_sd: a finite number above 0', nn.Ternary,
            {noise_sd = 0})
    refuses('nn.Binary: low: -1 or 0 expected, got the number 2', nn.Binary,
            {low = 2})
  end)
end)

describe('nn.Ternary', function ()
  local x = torch.linspace(-2, 2, 12):view(3, 4)

  it('is noisy in training, deterministic in evaluate()', function ()
    torch.manualSeed(3)
    local m = nn.Ternary {noise_sd = 1}
    assert.is_true(torch.ne(m:forward(x), m:forward(x)):any())
    m:evaluate()
    assert.tensor_equal(F.ternary(x, {-0.5, 0.5}, 1, false), m:forward(x))
    assert.tensor_equal(m:forward(x), m:forward(x))
    local always = nn.Ternary {noise_sd = 1, noise = 'always'}:evaluate()
    assert.is_true(torch.ne(always:forward(x), always:forward(x)):any())
    local never = nn.Ternary {noise = 'never'}
    assert.tensor_equal(never:forward(x), never:forward(x))
  end)

  it('learns thresholds and noise where asked', function ()
    assert.is_nil((nn.Ternary():parameters()))
    local m = nn.Ternary {learn = true}
    local w, g = m:parameters()
    assert.equal(3, #w)
    m:zeroGradParameters()
    m:forward(x)
    m:backward(x, torch.ones(3, 4))
    for i = 1, 3 do assert.is_true(math.abs(g[i][1]) > 0 or i == 3) end
    assert.equal(1, #nn.Ternary {learn = 'noise_sd'}:parameters())
    assert.equal(2, #nn.Ternary {learn = 'thresholds'}:parameters())
    assert.equal(2, #nn.Binary {learn = true}:parameters())
  end)

  it('gives the expected state', function ()
    local m = nn.Ternary {expected = true, noise_sd = 0.4}
    assert.tensor_equal(F.expected_state(x, {-0.5, 0.5}, 0.4), m:forward(x))
    assert.gradcheck(function (v) return m:forward(v) end, x)
  end)

  it('trains in a network', function ()
    torch.manualSeed(5)
    local net = nn.Sequential(nn.Dense(4, 8), nn.Ternary(), nn.Dense(8, 2))
    local y = net:forward(x)
    assert.same({3, 2}, y:size():totable())
    assert.same({3, 4}, net:backward(x, y):size():totable())
    local f, params = autograd.functionalize(net)
    local loss = autograd.jit(function (p, v) return f(p, v):sum() end)
    assert.is_table((autograd.grad(loss)(params, x)))
  end)
end)

describe('nn.Activation', function ()
  it('makes a module of any function', function ()
    local x = double {-1, 0.5, 2}
    local m = nn.Activation(F.expected_state, {-0.5, 0.5}, 0.3)
    assert.tensor_equal(F.expected_state(x, {-0.5, 0.5}, 0.3), m:forward(x))
    local through = autograd.custom_vjp(torch.sign,
      function (v) return torch.sign(v), v end,
      function (_, ct) return ct * 2 end)
    local s = nn.Activation(through)
    assert.tensor_equal(double {-1, 1, 1}, s:forward(x))
    assert.tensor_equal(double {2, 2, 2}, s:backward(x, torch.ones(3):double()))
  end)

  it('refuses what is no function', function ()
    local ok, message = pcall(nn.Activation, 3)
    assert.is_false(ok)
    assert.truthy(message:find('nn.Activation: a function of a tensor '
                               .. 'expected, got the number 3', 1, true))
  end)
end)
