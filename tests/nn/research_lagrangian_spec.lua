-- Lagrangians, their activations and modules: reference values, derivatives
-- up to the third, extremes, errors.

require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local research = dofile 'tests/nn/research.lua'
local golden = research.golden
local F = nn.functional

local keys = {'beta', 'scale', 'gamma', 'delta'}

local function dot (a, b) return torch.cmul(a, b):sum() end

-- The reference counts axes from 0; no axis means all.
local function settings (case)
  local axis = case.args.axis
  if axis == nil then axis = 'all' elseif axis >= 0 then axis = axis + 1 end
  local uses = {softmax = true, ghostmax = true, layernorm = true,
                spherical_norm = true}
  local o = {n = case.args.n, eps = case.args.eps}
  if uses[case.args.kind] then o.axis = axis end
  return o
end

local function options (case, q)
  local o = settings(case)
  for _, key in ipairs(keys) do o[key] = q[key] end
  if case.args.min_beta then
    local least = case.args.min_beta
    o.beta = torch.where(torch.ge(o.beta, least), o.beta, least)
    o.beta = o.beta:dim() == 0 and o.beta or o.beta:view(1)
  end
  return o
end

local function inputs (case)
  local p, out = research.load(case)
  local q = {x = p.x}
  for _, key in ipairs(keys) do
    q[key] = type(p[key]) == 'number' and torch.tensor({p[key]}, 'float64')
             or p[key]
  end
  return q, p, out
end

local function check (case)
  local q, p, out = inputs(case)
  local kind = case.args.kind
  local function L (t) return F.lagrangian[kind](t.x, options(case, t)) end
  local function act (t)
    return F.lagrangian_activation[kind](t.x, options(case, t))
  end
  local function near (key, got, within)
    local want = out[key]
    if want == nil then return end
    if type(want) == 'number' and torch.isTensor(got) then got = got:sum() end
    golden.near(want, got, case.name .. ' ' .. key, nil, within)
  end
  local size = math.max(1, torch.abs(q.x):max())
  near('value', L(q), 1e-15)
  local first = autograd.grad(L)(q)
  near('act', first.x)
  near('act', act(q))
  for _, key in ipairs(keys) do
    near('d_' .. key, q[key] and first[key], 1e-15 * size)
  end
  if not p.v then return end
  for _, f in ipairs {function (t) return autograd.grad(L)(t).x end,
                    act} do
    local second = autograd.grad(function (t) return dot(f(t), p.v) end)(q)
    near('hvp', second.x)
    for _, key in ipairs(keys) do
      near('act_v_d_' .. key, q[key] and second[key], 1e-15 * size)
    end
    if p.w then
      near('hvp_w_grad_x', autograd.grad(function (t)
        return dot(autograd.grad(function (s)
          return dot(f(s), p.v)
        end)(t).x, p.w)
      end)(q).x)
    end
  end
end

describe('Lagrangian reference values', function ()
  for _, case in ipairs(research.cases 'lagrangian') do
    it(case.name, function () check(case) end)
  end
end)

describe('Lagrangians', function ()
  local x = torch.tensor({{-1.5, 0.3, 0.7}, {2, -0.2, 1.1}}, 'float64')
  local kinds = {}
  for kind in pairs(F.lagrangian) do kinds[#kinds + 1] = kind end
  table.sort(kinds)

  for _, kind in ipairs(kinds) do
    local L, act = F.lagrangian[kind], F.lagrangian_activation[kind]

    it(kind .. ' works under every transform', function ()
      assert.gradcheck(function (v) return L(v) end, x)
      assert.gradcheck(function (v) return act(v) end, x)
      research.transforms(function (v) return act(v) end, x)
      local rows = autograd.vmap(function (v) return L(v) end)(x)
      assert.near(L(x), rows:sum(), 1e-12)
      assert.near(L(x), torch.item(autograd.jit(L)(x)), 0)
    end)

    it(kind .. ' is convex and finite in float32', function ()
      torch.manualSeed(11)
      local a = torch.randn(4, 5):double() * 3
      local b = torch.randn(4, 5):double() * 3
      assert.is_true(L((a + b) / 2) <= (L(a) + L(b)) / 2 + 1e-12)
      if kind == 'exp' or kind == 'rexp' then return end
      local far = torch.Tensor {1e4, -1e4, 5e3, -0.5, 0}
      local g = autograd.grad(function (v) return L(v) end)(far)
      assert.is_true(torch.isfinite(g):all())
      assert.is_true(math.abs(L(far)) < math.huge)
      assert.tensor_near(g, act(far), {rtol = 1e-5, atol = 1e-6})
    end)
  end

  it('refuse options that make no sense', function ()
    local function refuses (text, f, ...)
      local ok, message = pcall(f, ...)
      assert.is_false(ok)
      assert.truthy(message:find(text, 1, true), message)
    end
    local L = F.lagrangian
    refuses('lagrangian.softmax: beta: a number above 0 expected, got the '
            .. 'number -1', L.softmax, x, {beta = -1})
    refuses('lagrangian.sigmoid: scale: a number of at least 0', L.sigmoid, x,
            {scale = -1})
    refuses('lagrangian.layernorm: gamma: a number of at least 0',
            L.layernorm, x, {gamma = -1})
    refuses("lagrangian.softmax: axis: 1..2, -2..-1 or 'all' expected, got "
            .. 'the number 3', L.softmax, x, {axis = 3})
    refuses('lagrangian.tanh: it has no option axis', L.tanh, x, {axis = 1})
    refuses('lagrangian.repu: n: a number of at least 1', L.repu, x, {n = 0})
    refuses('lagrangian.exp: x: a tensor expected, got the number 3', L.exp, 3)
    refuses('nn.LTanh: beta: a number of at least min_beta = 0.5 expected, '
            .. 'got 0.25', nn.LTanh, {beta = 0.25, min_beta = 0.5})
    refuses('nn.LSigmoid: scale: a number of at least 0', nn.LSigmoid,
            {scale = -2})
    refuses('nn.LLayerNorm: gamma: a number of at least 0', nn.LLayerNorm,
            {gamma = -1})
    refuses('nn.LTanh: it has no option bata; did you mean beta', nn.LTanh,
            {bata = 1})
    refuses('nn.Lagrangian: a Lagrangian', nn.Lagrangian, 3)
  end)
end)

describe('Lagrangian modules', function ()
  local x = torch.tensor({{-1.5, 0.3, 0.7}, {2, -0.2, 1.1}}, 'float64')
  local modules = {LIdentity = {}, LRelu = {}, LRepu = {n = 3},
    LExp = {beta = 0.5}, LRexp = {beta = 0.5}, LSigmoid = {beta = 2, scale = 3},
    LTanh = {beta = torch.Tensor {0.5, 1, 2}}, LSoftmax = {beta = 2},
    LGhostmax = {beta = 2}, LLayerNorm = {gamma = 2}, LSphericalNorm = {}}

  for name, o in pairs(modules) do
    it('nn.' .. name, function ()
      local m = nn[name](o):double()
      local want = F.lagrangian[m.kind](x, m:options())
      assert.near(want, m:forward(x), 1e-12)
      local a = nn.Lagrangian(m)
      local y = a:forward(x)
      assert.tensor_near(m:backward(x, 1.0), y, 1e-12)
      local by_autograd = nn.Lagrangian(function (v) return m:forward(v) end)
      assert.tensor_near(y, by_autograd:forward(x), 1e-12)
      a:zeroGradParameters()
      local g = a:backward(x, torch.cos(x))
      local h = by_autograd:backward(x, torch.cos(x))
      assert.tensor_near(g, h, 1e-10)
      assert.is_string(tostring(a))
    end)
  end

  it('clip beta, without gradient under the clip', function ()
    local m = nn.LTanh {beta = 1, min_beta = 0.5}:double()
    m.beta:fill(0.25)
    assert.near(F.lagrangian.tanh(x, {beta = 0.5}), m:forward(x), 1e-12)
    m:zeroGradParameters()
    m:backward(x, 1.0)
    assert.equal(0, m.gradBeta[1])
    m.beta:fill(0.75)
    m:forward(x)
    m:backward(x, 1.0)
    assert.is_true(m.gradBeta[1] ~= 0)
  end)

  it('have beta and scale as parameters, or not', function ()
    assert.equal(2, #nn.LSigmoid():parameters())
    assert.is_nil((nn.LSigmoid {learn = false}:parameters()))
    assert.equal(1, #nn.Lagrangian(nn.LTanh()):parameters())
  end)
end)
