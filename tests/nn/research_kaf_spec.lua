-- Kernel activation functions: reference values, ridge regression, transforms,
-- modules, trainings, errors.

require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local research = dofile 'tests/nn/research.lua'
local golden = research.golden
local F = nn.functional

local function refuses (text, f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok)
  assert.truthy(message:find(text, 1, true), message)
end

describe('KAF reference values', function ()
  for _, case in ipairs(research.cases 'kaf_dictionary') do
    it(case.name, function ()
      local p, out = research.load(case)
      local centres, step = F.kaf_centres(p.D, p.boundary)
      golden.near(out.centres, centres, 'centres')
      assert.near(out.spacing, step, 1e-14)
      assert.near(out.sigma, nn.KAF(2, {D = p.D, boundary = p.boundary}).width,
                  1e-14)
    end)
  end

  -- each kernel by itself: unit i has centre i alone
  for _, case in ipairs(research.cases 'kaf_kernel') do
    it(case.name, function ()
      research.differentiated(case, function (p)
        return F.kaf(p.x:view(-1, 1):expand(5, 7), torch.eye(7):double(),
                     {kernel = case.args.kernel, boundary = 2,
                      sigma = p.sigma})
      end)
    end)
  end

  for _, case in ipairs(research.cases 'kaf') do
    it(case.name, function ()
      local function f (p)
        local a = case.args
        return F.kaf(p.x, p.alpha, {kernel = a.kernel, boundary = a.boundary,
          sigma = p.sigma, channels = a.layout == 'channel' or nil})
      end
      if case.out.vjp_x then
        research.differentiated(case, f)
      else
        local p, out = research.load(case)
        golden.near(out.value, f(p), case.name)
      end
    end)
  end

  for _, case in ipairs(research.cases 'kaf2d') do
    it(case.name, function ()
      research.differentiated(case, function (p)
        return F.kaf2d(p.x, p.alpha, {boundary = case.args.boundary,
                                      sigma = p.sigma})
      end)
    end)
  end

  for _, case in ipairs(research.cases 'kaf_ridge') do
    it(case.name, function ()
      local p, out = research.load(case)
      local o = {D = p.D, boundary = p.boundary, kernel = p.kernel,
                 sigma = p.sigma, eps = p.eps}
      local alpha = F.kaf_ridge(p.target, o)
      local most = torch.abs(out.alpha):max()
      assert.is_true(torch.abs(alpha - out.alpha):max()
                     <= 1e-15 * p.condition * most)
      local fit = F.kaf(p.grid, alpha, {boundary = p.boundary,
        kernel = p.kernel, sigma = p.sigma})
      assert.tensor_near(out.fit, fit, 1e-14 * p.condition)
    end)
  end
end)

describe('nn.functional.kaf', function ()
  torch.manualSeed(2)
  local x = torch.randn(4, 3):double() * 2
  local alpha = torch.randn(3, 7):double()

  for _, kernel in ipairs {'gaussian', 'relu', 'softplus'} do
    it(kernel .. ' works under every transform', function ()
      local function f (v) return F.kaf(v, alpha, {kernel = kernel}) end
      research.transforms(f, x)
      assert.gradcheck(function (v, a)
        return F.kaf(v, a, {kernel = kernel})
      end, x, alpha)
      local shared = alpha[1]
      research.transforms(function (v)
        return F.kaf(v, shared, {kernel = kernel})
      end, x)
    end)
  end

  it('has derivatives of sigma, of second order too', function ()
    local sigma = torch.tensor({0.7, 1.3, 0.4}, 'float64')
    local function f (v, a, s) return F.kaf(v, a, {sigma = s}) end
    assert.gradcheck(f, x, alpha, sigma)
    assert.gradcheck(function (v, a, s)
      local g = autograd.grad(function (...) return torch.sin(f(...)):sum() end,
                              {argnums = {1, 2, 3}})(v, a, s)
      return g[1]:sum() + torch.cmul(g[2], a):sum() + torch.exp(g[3]):sum()
    end, x, alpha, sigma)
  end)

  it('maps over alpha and sigma', function ()
    local alphas = torch.randn(5, 3, 7):double()
    local y = autograd.vmap(function (a) return F.kaf(x, a) end)(alphas)
    for i = 1, 5 do assert.tensor_near(F.kaf(x, alphas[i]), y[i], 1e-13) end
    local sigmas = torch.tensor({{0.5}, {1.5}}, 'float64')
    y = autograd.vmap(function (s) return F.kaf(x, alpha, {sigma = s}) end)(
      sigmas)
    for i = 1, 2 do
      assert.tensor_near(F.kaf(x, alpha, {sigma = sigmas[i]}), y[i], 1e-13)
    end
    local per = autograd.vmap(function (v)
      return (autograd.grad(function (a) return F.kaf(v, a):sum() end)(alpha))
    end)(x)
    local all = autograd.grad(function (a) return F.kaf(x, a):sum() end)(alpha)
    assert.tensor_near(all, per:sum(1):view(3, 7), 1e-12)
  end)

  it('takes any Lua function for a kernel', function ()
    local function kernel (v, c) return torch.relu(v - c) end
    assert.tensor_near(F.kaf(x, alpha, {kernel = 'relu'}),
                       F.kaf(x, alpha, {kernel = kernel}), 1e-13)
    assert.gradcheck(function (v, a) return F.kaf(v, a, {kernel = kernel}) end,
                     x, alpha)
  end)

  it('is accurate in float32', function ()
    local many = torch.linspace(-4.5, 4.5, 1200):view(400, 3)
    local a = torch.randn(3, 20)
    local want = F.kaf(many:double(), a:double())
    assert.tensor_near(want, F.kaf(many, a):double(), 2e-5)
    local function slope (v, w)
      return (autograd.grad(function (t) return F.kaf(t, w):sum() end)(v))
    end
    assert.tensor_near(slope(many:double(), a:double()),
                       slope(many, a):double(), 3e-5)
    for _, n in ipairs {1, 7, 33} do -- the bits don't depend on the batch
      assert.tensor_equal(F.kaf(many, a):narrow(1, 1, n),
                          F.kaf(many:narrow(1, 1, n), a))
    end
  end)

  it('handles empty, non-contiguous and far inputs', function ()
    assert.same({0, 3}, F.kaf(torch.zeros(0, 3), torch.ones(3, 5)):size()
      :totable())
    assert.tensor_near(F.kaf(x, alpha), F.kaf(x:t():contiguous():t(), alpha),
                       1e-14)
    assert.tensor_equal(torch.zeros(1, 3):double(),
                        F.kaf(torch.zeros(1, 3):double() + 1e4, alpha))
  end)

  it('refuses what makes no sense', function ()
    refuses('kaf: x is [4 x 3], alpha is for 2 units (the last dimension)',
            F.kaf, x, torch.ones(2, 5))
    refuses('kaf: alpha: a tensor [units x D] or [D] with D of at least 2',
            F.kaf, x, torch.ones(3, 1))
    refuses('kaf: boundary: a finite number above 0', F.kaf, x, alpha,
            {boundary = -1})
    refuses('kaf: sigma: a finite number above 0', F.kaf, x, alpha, {sigma = 0})
    refuses('kaf: kernel:', F.kaf, x, alpha, {kernel = 'cubic'})
    refuses('the relu kernel has no ridge regression', F.kaf_ridge, 'tanh',
            {kernel = 'relu'})
    refuses('kaf_ridge: the system is singular', F.kaf_ridge, 'tanh',
            {eps = 0, sigma = 1e6})
    refuses("target: 'relu', 'tanh', 'elu' or a function", F.kaf_ridge, 'cos')
    refuses('nn.KAF: D: an integer of at least 2 expected, got the number 1',
            nn.KAF, 3, {D = 1})
    refuses('nn.KAF: number of units: an integer of at least 1', nn.KAF, 0)
    refuses('nn.KAF: it has no option bundary; did you mean boundary', nn.KAF,
            3, {bundary = 1})
    refuses('nn.KAF: expected [*, 5], got [4 x 3]',
            function () nn.KAF(5):forward(x) end)
    refuses('nn.KAF2D: number of inputs: an even number', nn.KAF2D, 5)
    refuses('kaf2d: x is [4 x 3], alpha is for 2 pairs: [N x 4] expected',
            F.kaf2d, x, torch.ones(2, 9))
  end)
end)

describe('nn.functional.kaf2d under jit', function ()
  local core = require 'nnlua.core'

  -- the most in use beside what was there, in floats
  local function peak (f, ...)
    for _ = 1, 3 do f(...) end
    collectgarbage()
    collectgarbage()
    collectgarbage 'stop'
    local before = core.bytes_used()
    core.bytes_peak(true)
    f(...)
    local most = (core.bytes_peak() - before) / 4
    collectgarbage 'restart'
    return most
  end

  it('holds few of its rows of centres at a time', function ()
    local x, alpha = torch.randn(100, 128), torch.randn(64, 400)
    local f = autograd.value_and_grad(function (v, a)
      return F.kaf2d(v, a):sum()
    end, {argnums = {1, 2}})
    local jitted = autograd.jit(f)
    local eager, compiled = peak(f, x, alpha), peak(jitted, x, alpha)
    -- a row has 100 * 64 entries, an update of alpha's gradient 64 * 400
    assert(compiled < 1.5 * eager, ('%.0f floats, eager %.0f'):format(compiled,
                                                                 eager))
    local arena = autograd.jit_info(jitted).plans[1]:match 'arena (%d+)'
    assert(math.tointeger(arena) / 4 < 6 * 64 * 400, arena)
  end)
end)

describe('nn.KAF', function ()
  it('begins as the function that it is told', function ()
    local x = torch.linspace(-3, 3, 40):view(20, 2)
    assert.tensor_near(torch.tanh(x), nn.KAF(2, {init = 'tanh'}):forward(x),
                       0.02)
    assert.tensor_near(torch.sin(x),
                       nn.KAF(2, {init = math.sin}):forward(x), 0.02)
  end)

  it('has its parameters', function ()
    assert.same({4, 20}, nn.KAF(4).alpha:size():totable())
    assert.same({20}, nn.KAF({shared = true}).alpha:size():totable())
    assert.equal(2, #nn.KAF(4, {learn_sigma = true}):parameters())
    local m = nn.KAF(4, {learn_sigma = 'unit'})
    assert.same({4}, m.sigma:size():totable())
    local x = torch.randn(3, 4)
    m:zeroGradParameters()
    m:forward(x)
    m:backward(x, torch.ones(3, 4))
    assert.is_true(torch.abs(m.gradAlpha):max() > 0)
    assert.is_true(torch.abs(m.gradSigma):min() > 0)
    assert.same({4, 200}, (m:curves()):size():totable())
    assert.same({2, 3, 4, 5},
      nn.KAF(3, {channels = true}):forward(torch.randn(2, 3, 4, 5)):size()
      :totable())
    assert.same({5, 3}, nn.KAF2D(6, {D = 4}):forward(torch.randn(5, 6)):size()
      :totable())
  end)
end)

describe('memory of KAF', function ()
  local core = require 'nnlua.core'

  -- floats that f allocates at most, beside what there is
  local function floats (f, ...)
    for _ = 1, 3 do f(...) end -- captured, compiled
    collectgarbage()
    collectgarbage()
    core.bytes_peak(true)
    local before = core.bytes_used()
    f(...)
    return (core.bytes_peak() - before) / 4
  end

  it('has nothing for each element and centre', function ()
    local N, H, D = 400, 256, 40
    local x, alpha = torch.randn(N, H), torch.randn(H, D)
    local f = autograd.grad(function (v, a) return F.kaf(v, a):sum() end,
                            {argnums = {1, 2}})
    assert.is_true(floats(f, x, alpha) < 6 * N * H)
    assert.is_true(floats(autograd.jit(f), x, alpha) < 6 * N * H)
    -- alpha alone is large: many units of few examples
    local wide, many = torch.randn(2, 4096), torch.randn(4096, D)
    assert.is_true(floats(f, wide, many) < 8 * 4096 * D)
  end)

  it('has nothing for each centre of the grid', function ()
    local N, H, D = 400, 256, 10
    local x, alpha = torch.randn(N, H), torch.randn(H // 2, D * D)
    local f = autograd.grad(function (v, a) return F.kaf2d(v, a):sum() end,
                            {argnums = {1, 2}})
    assert.is_true(floats(f, x, alpha) < 10 * N * H)
  end)
end)

describe('trainings', function ()
  for _, case in ipairs(research.cases 'train') do
    it(case.name, function ()
      local p, out = research.load(case)
      local learned, fixed = {}, {}
      for _, key in ipairs(case.args.learned) do learned[key] = p[key] end
      for _, key in ipairs {'sigma', 't1', 't2', 'noise_sd'} do
        if learned[key] == nil then fixed[key] = p[key] end
        if type(learned[key]) == 'number' then
          learned[key] = torch.tensor({learned[key]}, 'float64')
        end
      end
      local function loss (w)
        local function of (key) return w[key] or fixed[key] end
        local z = p.x * w.W1:t() + w.b1
        local h
        if case.args.activation == 'kaf' then
          h = F.kaf(z, w.alpha, {boundary = p.boundary, sigma = of 'sigma'})
        else
          h = F.expected_state(z, {of 't1', of 't2'}, of 'noise_sd')
        end
        local y = h * w.W2:t() + w.b2
        if case.args.loss == 'mean_square' then
          return torch.square(y - p.target):mean()
        end
        local l = torch.logsoftmax(y, 2)
        return -torch.cmul(l, torch.onehot(p.target:long(), y:size(2),
                                           'float64')):sum() / y:size(1)
      end
      local step = autograd.jit(function (w)
        local value, g = autograd.value_and_grad(loss)(w)
        return value, autograd.tree.map(function (a, b)
          return a - b * p.lr
        end, w, g)
      end)
      for i = 1, 10 do
        local value
        value, learned = step(learned)
        assert.near(out.losses[i], torch.item(value), 1e-10)
      end
      assert.near(out.losses[11], loss(learned), 1e-10)
      for key, w in pairs(learned) do
        local want = out['final_' .. key]
        if type(want) == 'number' then w = w[1] end
        golden.near(want, w, key, 1e-9)
      end
    end)
  end

  it('has gaussians much narrower than their distance', function ()
    for _, kind in ipairs {'float32', 'float64'} do
      local x = torch.tensor({0, 0.05, -0.11, 0.12}, kind)
      local alpha = torch.tensor({2, 3, 4}, kind)
      local y, pull = autograd.vjp(function (v)
        return F.kaf(v, alpha, {boundary = 1, sigma = 0.01})
      end, x)
      local g = pull(torch.ones(4):type(x:type()))
      for i = 1, 4 do
        local e = 3 * math.exp(-x[i]^2 / 2e-4)
        assert.near(e, y[i], 2e-5 * e + 1e-27)
        assert.near(-x[i] / 1e-4 * e, g[i], 3e-3 * e + 1e-27)
      end
    end
  end)

  it('has the same gradients, whichever are asked for', function ()
    torch.manualSeed(3)
    for _, kind in ipairs {'float', 'double'} do
      for _, kernel in ipairs {'gaussian', 'relu', 'softplus'} do
        for _, size in ipairs {{1, 1}, {7, 5}, {13, 70}} do
          local x = torch.randn(size[1], size[2])[kind](torch.randn(size[1],
                                                                    size[2]))
          local c = torch.cos(x * 3)
          local alpha = torch.randn(size[2], 20)
          alpha = alpha[kind](alpha)
          local function loss (v, a)
            return torch.cmul(F.kaf(v, a, {kernel = kernel}), c):sum()
          end
          local both = autograd.grad(loss, {argnums = {1, 2}})(x, alpha)
          assert.tensor_equal(both[1], (autograd.grad(loss)(x, alpha)))
          assert.tensor_equal(both[2], (autograd.grad(loss, {argnums = 2})(
            x, alpha)))
        end
      end
    end
  end)
end)
