-- scripts/lagrangians.lua: its functions against the reference values in
-- float64, with derivatives for the state, beta and scale.

local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
require 'nnlua.busted'
local research = dofile 'tests/nn/research.lua'
local outside = dofile 'tests/scripts/outside.lua'
local golden = research.golden

local lagrangians = dofile 'scripts/lagrangians.lua'

-- L of a case as a function of {x =, beta =, scale =}
local function of_table (p)
  local f = lagrangians['lagr_' .. p.kind]
  return function (q)
    if p.kind == 'repu' then return f(q.x, p.n) end
    if p.kind == 'softmax' then
      return f(q.x, q.beta, p.axis and (p.axis + q.x:dim()) % q.x:dim() + 1)
    end
    return f(q.x, q.beta, q.scale)
  end
end

local function mine (case)
  local kind, name = case.args.kind, case.name
  return lagrangians['lagr_' .. kind] and not name:find '_clipped_'
         and not name:find '_all_' -- all entries as one vector
end

local function dot (a, b) return torch.cmul(a, b):sum() end

describe('the Lagrangians have the reference values:', function ()
  for _, case in ipairs(research.cases 'lagrangian') do
    if mine(case) then
      it(case.name, function ()
        local p, out = research.load(case)
        local f = of_table(p)
        local q = {x = p.x, beta = p.beta, scale = p.scale}
        -- log cosh of a small z: its value has the digits of 1
        local atol = case.name:find '_tiny_x$' and 1e-15 or nil
        local value, g = autograd.value_and_grad(f)(q)
        golden.near(out.value, value, 'value', nil, atol)
        golden.near(out.act, g.x, 'activation', nil, atol)
        local d_beta = g.beta
        if out.d_beta then golden.near(out.d_beta, d_beta, 'd_beta') end
        if out.d_scale then golden.near(out.d_scale, g.scale, 'd_scale') end
        if not out.hvp then return end
        -- the activation is differentiated again
        local second = autograd.grad(function (r)
          return dot(autograd.grad(f)(r).x, p.v)
        end)(q)
        golden.near(out.hvp, second.x, 'hvp', nil, atol)
        for _, key in ipairs {'beta', 'scale'} do
          local want = out['act_v_d_' .. key]
          if want then golden.near(want, second[key], 'act_v_d_' .. key) end
        end
      end)
    end
  end
end)

describe('the activation', function ()
  it('is that of the library', function ()
    local x = torch.randn(3, 7):double()
    for _, kind in ipairs {'exp', 'sigmoid', 'tanh', 'softmax'} do
      local theirs = nn.functional.lagrangian_activation[kind](x, {beta = 2})
      assert.tensor_near(theirs, lagrangians.activation(
        lagrangians['lagr_' .. kind], 2.0)(x), 1e-14)
    end
    assert.tensor_near(lagrangians.tempered_sigmoid(x, 0.2, 1.3),
      lagrangians.activation(lagrangians.lagr_sigmoid, 0.2, 1.3)(x), 1e-14)
  end)

  it('has the derivatives of differences', function ()
    for _, kind in ipairs {'sigmoid', 'tanh'} do
      local act = lagrangians.activation(lagrangians['lagr_' .. kind], 1.5)
      assert.gradcheck(function (x) return torch.pow(act(x), 2):sum() end,
                       torch.randn(5):double())
    end
  end)

  it('is the same under vmap and jit', function ()
    local act = lagrangians.activation(lagrangians.lagr_tanh, 2.0)
    local x = torch.randn(4, 5):double()
    assert.tensor_near(act(x), (autograd.vmap(act)(x)), 1e-15)
    assert.tensor_equal(act(x), (autograd.jit(act)(x)))
  end)
end)

describe('a module with a learnable beta', function ()
  it('has the reference values, clipped', function ()
    local count = 0
    for _, case in ipairs(research.cases 'lagrangian') do
      if case.name:find '_clipped_' then
        count = count + 1
        local p, out = research.load(case)
        local m = lagrangians.Tempered(lagrangians['lagr_' .. p.kind],
          {beta = p.beta, min_beta = p.min_beta}):double()
        local f, params = autograd.functionalize(m)
        local value, g = autograd.value_and_grad(f, {argnums = {1, 2}})(params,
                                                                        p.x)
        golden.near(out.value, value, case.name)
        golden.near(out.act, g[2], case.name .. ' activation')
        golden.near(out.d_beta, g[1][1].beta[1], case.name .. ' d_beta')
      end
    end
    assert.is_true(count >= 8)
  end)

  it('learns it', function ()
    local x = torch.linspace(-2, 2, 41)
    local module = lagrangians.Tempered(lagrangians.lagr_tanh)
    local y = torch.tanh(x * 3)
    local _, betas = lagrangians.fit(module, x, y, 5, 200)
    assert.equal(201, #betas)
    assert.equal(1, betas[1])
    assert.near(3, betas[201], 1e-3)
    assert.equal(1, module.beta[1]) -- the module itself is left alone
  end)
end)

outside.script('lagrangians', {}, {
  last = '^lagrangians: learned beta (%d%.%d+) of 4$',
  value = function (beta) assert.near(4, tonumber(beta), 1e-3) end,
  lines = {'checked: softmax is the gradient of its Lagrangian',
           'naive sigmoid, gradient:.* nan\n'}})
