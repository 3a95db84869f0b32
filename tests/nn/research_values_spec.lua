-- Values that are only known when a graph runs: those of arguments are checked
-- under every transform, those of learned parameters stay where the function is
-- defined.

require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local F = nn.functional
local L, A = F.lagrangian, F.lagrangian_activation

local x = torch.linspace(-2, 2, 12):view(3, 4)
local nan = 0 / 0

-- f(v) in ways that hide v's entries from whoever checks them
local ways = {
  grad = function (f, v) return autograd.grad(f)(v) end,
  vjp = function (f, v) return (autograd.vjp(f, v)) end,
  jvp = function (f, v) return (autograd.jvp(f, {v}, {torch.ones(v:size())})) end,
  vmap = function (f, v)
    local y = autograd.vmap(f)(torch.stack({v:clone():fill(1), v}))
    return y
  end,
  jit = function (f, v) return autograd.jit(f)(v) end,
  ['a replay'] = function (f, v)
    local j = autograd.jit(f)
    for _ = 1, 3 do j(v:clone():fill(1)) end
    return j(v)
  end,
  ['grad of jit'] = function (f, v) return autograd.grad(autograd.jit(f))(v) end,
  ['jit of grad'] = function (f, v) return autograd.jit(autograd.grad(f))(v) end,
  ['vmap of grad'] = function (f, v)
    return autograd.vmap(autograd.grad(f))(torch.stack({v, v}))
  end,
}

-- {text, a function of the value, wrong values}
local function sum (f, ...)
  local rest = {...}
  return function (v) return f(v, table.unpack(rest)):sum() end
end
local function option (f, key)
  return sum(function (v) return f(x, {[key] = v}) * 1 end)
end
local cases = {
  {'ternary: noise_sd: a finite number above 0 expected, got ',
   sum(function (v) return F.ternary(x, {-1, 1}, v, false) end), {0, -1, nan}},
  {'ternary: thresholds: the lower one first (a distance of at least 0) '
   .. 'expected, got ',
   sum(function (v) return F.ternary(x, {1, v}, 0.3, false) end), {0.5, nan}},
  {'ternary: thresholds: the lower one first (a distance of at least 0) '
   .. 'expected, got ',
   sum(function (v) return F.ternary(x, {v, 1}, 0.3, false) end), {3, nan}},
  {'binary: threshold: a number expected, got ',
   sum(function (v) return F.binary(x, v, 0.3, false) end), {nan}},
  {'binary: noise_sd: a finite number above 0 expected, got ',
   sum(function (v) return F.binary(x, 0, v, false) end), {0, -0.1}},
  {'expected_state: noise_sd: a finite number above 0 expected, got ',
   sum(function (v) return F.expected_state(x, {-1, 1}, v) end), {0}},
  {'expected_binary_state: threshold: a number expected, got ',
   sum(function (v) return F.expected_binary_state(x, v, 0.3) end), {nan}},
  {'gaussian_cdf: sd: a finite number above 0 expected, got ',
   sum(function (v) return F.gaussian_cdf(x, 0, v) end), {0, math.huge}},
  {'gaussian_pdf: sd: a finite number above 0 expected, got ',
   sum(function (v) return F.gaussian_pdf(x, 0, v) end), {-1}},
  {'kaf: sigma: a finite number above 0 expected, got ',
   sum(function (v) return F.kaf(x, torch.ones(4, 5), {sigma = v}) end),
   {0, -1, nan}},
  {'kaf2d: sigma: a finite number above 0 expected, got ',
   sum(function (v) return F.kaf2d(x, torch.ones(2, 9), {sigma = v}) end),
   {0, nan}},
  {'lagrangian.sigmoid: scale: a number of at least 0 expected, got ',
   option(L.sigmoid, 'scale'), {-1, nan}},
  {'lagrangian.layernorm: gamma: a number of at least 0 expected, got ',
   option(A.layernorm, 'gamma'), {-0.5}},
  {'lagrangian.layernorm: delta: a number expected, got ',
   option(A.layernorm, 'delta'), {nan}},
  {'tempered_sigmoid: beta: a finite number above 0 expected, got ',
   sum(function (v) return F.tempered_sigmoid(x, v) end), {0}},
}
for _, name in ipairs {'exp', 'rexp', 'sigmoid', 'tanh', 'softmax',
                       'ghostmax'} do
  cases[#cases + 1] = {
    ('lagrangian.%s: beta: a finite number above 0 expected, got '):format(name),
    option(A[name], 'beta'), {0, -1}}
end

describe('a wrong value', function ()
  for _, case in ipairs(cases) do
    local text, f, values = table.unpack(case)
    for name, way in pairs(ways) do
      it(('is refused under %s: %s'):format(name, text), function ()
        assert(pcall(way, f, torch.ones(1))) -- a right one is not
        for _, v in ipairs(values) do
          local ok, message = pcall(way, f, torch.Tensor {v})
          assert.is_false(ok, v)
          assert.truthy(message:find(text, 1, true), message)
          assert.truthy(message:find '^[^:]+:%d+: ', message)
        end
      end)
    end
  end

  it('leaves weights as they were when a step fails', function ()
    local w, sd = torch.ones(3, 4), torch.ones(1)
    local step = autograd.jit(function ()
      local g = autograd.grad(function (v)
        return F.ternary(torch.cmul(x, v), {-1, 1}, sd, false):sum()
      end)(w)
      w:add(-0.1, g)
      sd:add(-0.6)
    end)
    step()
    step()
    local before = w:clone()
    local ok, message = pcall(step)
    assert.is_false(ok)
    assert.truthy(message:find('noise_sd: a finite number above 0', 1, true))
    assert.tensor_equal(before, w)
  end)
end)

-- output and gradients of a module in the ways that it is trained
local trainings = {
  forward = function (m, input)
    m:zeroGradParameters()
    local y = m:forward(input)
    m:backward(input, y:clone():fill(1))
    local _, grads = m:parameters()
    return y:clone(), autograd.tree.map(torch.clone, grads)
  end,
  grad = function (m, input)
    local f, params = autograd.functionalize(m)
    local grads, _, y = autograd.grad(function (p)
      local out = f(p, input)
      return out:sum(), out
    end)(params)
    return y, autograd.tree.leaves(grads)
  end,
  jit = function (m, input)
    local f, params = autograd.functionalize(m)
    local j = autograd.jit(function (p, v)
      local grads, _, y = autograd.grad(function (q)
        local out = f(q, v)
        return out:sum(), out
      end)(p)
      return y, grads
    end)
    local y, grads
    for _ = 1, 3 do y, grads = j(params, input) end
    return y, autograd.tree.leaves(grads)
  end,
  vmap = function (m, input)
    local f, params = autograd.functionalize(m)
    local many = autograd.tree.map(function (p)
      return torch.stack({p, p})
    end, params)
    local y, grads = autograd.vmap(function (p)
      local g, _, out = autograd.grad(function (q)
        local out = f(q, input)
        return out:sum(), out
      end)(p)
      return out, g
    end)(many)
    local list = {}
    for i, g in ipairs(autograd.tree.leaves(grads)) do list[i] = g[2] end
    return y[2], list
  end,
}

describe('a learned parameter out of its domain', function ()
  for name, train in pairs(trainings) do
    it('counts as thresholds in order under ' .. name, function ()
      local m = nn.Ternary {learn = 'thresholds', noise = 'never',
                            thresholds = {-0.5, 1}}
      local y, grads = train(m, x)
      m.t1:fill(1)
      m.t2:fill(-0.5)
      local crossed, other = train(m, x)
      assert.tensor_equal(y, crossed)
      assert.tensor_equal(grads[1], other[2])
      assert.tensor_equal(grads[2], other[1])
    end)

    for _, value in ipairs {0, -2, 1e-30} do
      it(('counts as min_sigma under %s: %g'):format(name, value), function ()
        for _, m in ipairs {nn.KAF(4, {learn_sigma = true, D = 5}),
                            nn.KAF(4, {learn_sigma = 'unit', D = 5}),
                            nn.KAF2D(4, {learn_sigma = true, D = 3})} do
          m.sigma:fill(m.min_sigma)
          local y, grads = train(m, x)
          m.sigma:fill(value)
          local clipped, other = train(m, x)
          assert.tensor_equal(y, clipped)
          for i, g in ipairs(other) do
            assert.is_true(torch.isfinite(g):all())
            if g:isSameSizeAs(m.sigma) then
              assert.tensor_equal(torch.zeros(g:size()), g)
            else
              assert.tensor_equal(grads[i], g)
            end
          end
        end
      end)
    end

    it('counts as at least 0 under ' .. name, function ()
      local l = nn.LSigmoid {scale = 2}
      local m = nn.Lagrangian(l)
      l.scale:fill(-3)
      local y, grads = train(m, x)
      assert.tensor_equal(torch.zeros(3, 4), y)
      for _, g in ipairs(grads) do assert.equal(0, torch.abs(g):sum()) end
    end)

    it('counts as the least noise under ' .. name, function ()
      local m = nn.Ternary {learn = 'noise_sd', expected = true}
      m.noise_sd:fill(-1)
      local y, grads = train(m, x)
      assert.tensor_equal(torch.sign(torch.where(torch.gt(torch.abs(x), 0.5), x,
                                                 0)), y)
      assert.equal(0, grads[1][1])
    end)

    it('is refused where it is NaN under ' .. name, function ()
      local wrong = {
        [nn.Ternary {learn = 'thresholds'}] =
          {'t2', 'nn.Ternary: thresholds: the lower one first'},
        [nn.Ternary {learn = 'noise_sd'}] =
          {'noise_sd', 'nn.Ternary: noise_sd: a finite number above 0'},
        [nn.Binary {learn = 'threshold'}] =
          {'threshold', 'nn.Binary: threshold: a number expected'},
        [nn.KAF(4, {learn_sigma = true})] =
          {'sigma', 'nn.KAF: sigma: a finite number above 0'},
      }
      for m, entry in pairs(wrong) do
        m[entry[1]]:fill(nan)
        local ok, message = pcall(train, m, x)
        assert.is_false(ok)
        assert.truthy(message:find(entry[2], 1, true), message)
        assert.truthy(message:find('got NaN', 1, true), message)
      end
    end)
  end

  it('begins within its bounds', function ()
    local ok, message = pcall(nn.KAF, 4, {learn_sigma = true, sigma = 0.01,
                                          min_sigma = 0.1})
    assert.is_false(ok)
    assert.truthy(message:find('nn.KAF: sigma: a number of at least min_sigma '
                               .. '= 0.1 expected, got 0.01', 1, true), message)
    ok, message = pcall(nn.KAF2D, 4, {learn_sigma = true, min_sigma = 0})
    assert.is_false(ok)
    assert.truthy(message:find('nn.KAF2D: min_sigma: a finite number above 0 '
                               .. 'expected, got 0', 1, true), message)
    assert.near(0.01, nn.KAF(4, {sigma = 0.01}).width, 0) -- fixed: any
  end)

  it('says where the module stands', function ()
    local net = nn.Sequential(nn.Dense(4, 4), nn.Binary {learn = 'threshold'})
    net.modules[2].threshold:fill(nan)
    local ok, message = pcall(autograd.jit(function (v)
      return net:forward(v)
    end), x)
    assert.is_false(ok)
    assert.truthy(message:find('nn.Binary #2 of Sequential: threshold: a number'
                               .. ' expected, got NaN', 1, true), message)
  end)
end)
