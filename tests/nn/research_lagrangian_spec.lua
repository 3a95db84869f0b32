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

  -- |x| from 1e-6 to 1e4, both signs
  local wide = {}
  for i = 0, 60 do
    local v = 10^(-6 + i / 6)
    wide[#wide + 1], wide[#wide + 2] = v, -v
  end
  wide = torch.tensor(wide, 'float32')

  local subnormal = 1e-35 -- such numbers, divided by beta

  -- What float32 gives against float64 of the same numbers, wherever that is
  -- within float32's range.
  local function in_range (name, want, got, rtol, atol)
    want, got = want:reshape(want:nElement()), got:reshape(got:nElement())
    for i = 1, want:nElement() do
      local w, g = want[i], got[i]
      local off = math.abs(g - w) - rtol * math.abs(w) - atol
      if math.abs(w) < 3.4e38 and (off > 0 or off ~= off) then
        error(('%s: element %d is %.9g, not %.9g'):format(name, i, g, w))
      end
    end
  end

  local sets = {
    repu = {{n = 1}, {n = 2}, {n = 3}, {n = 7}, {n = 2.5}},
    sigmoid = {{beta = 0.01, scale = 3}, {scale = 0}, {beta = 40, scale = 1e3}},
    layernorm = {{gamma = 3, delta = -1}, {eps = 0}, {axis = 'all'},
                 {axis = 1}},
    spherical_norm = {{gamma = 3, delta = -1}, {axis = 'all'}, {axis = 1}},
    softmax = {{beta = 0.01}, {beta = 40}, {axis = 'all'}, {axis = 1}},
    ghostmax = {{beta = 0.01}, {beta = 40}, {axis = 'all'}, {axis = 1}},
  }
  for _, kind in ipairs {'exp', 'rexp', 'tanh'} do
    sets[kind] = {{beta = 0.01}, {beta = 1}, {beta = 40}}
  end
  local vectors = {softmax = true, ghostmax = true, layernorm = true,
                   spherical_norm = true}

  local function as (dtype, o)
    local out = {}
    for key, v in pairs(o) do
      out[key] = torch.isTensor(v) and v:type(dtype) or v
    end
    return out
  end

  for _, kind in ipairs(kinds) do
    local L, act = F.lagrangian[kind], F.lagrangian_activation[kind]
    local function value (v, o) return torch.tensor({L(v, o)}, 'float64') end
    local function compare (name, v, o)
      local d, od = v:double(), as('torch.DoubleTensor', o)
      -- vectors: what is subtracted has the size of the largest entry
      local size = vectors[kind] and torch.abs(v):max() or 0
      in_range(name .. ' value', value(d, od), value(v, o), 2e-5,
               1e-6 * size + subnormal)
      in_range(name .. ' gradient', act(d, od), act(v, o), 1e-4, 1e-6)
      in_range(name .. ' slope', autograd.grad(L)(d, od),
               autograd.grad(L)(v, o), 1e-4, 1e-6)
    end

    it(kind .. ' keeps its digits for |x| up to 1e4', function ()
      torch.manualSeed(3)
      for i, o in ipairs(sets[kind] or {{}}) do
        local name = ('%s, options %d'):format(kind, i)
        if vectors[kind] then
          compare(name, wide:view(2, -1), o)
          for _, size in ipairs {1e-3, 1, 100, 5e3} do
            compare(name, torch.randn(3, 7) * size, o)
          end
        else
          for k = 1, wide:nElement() do compare(name, wide:narrow(1, k, 1), o) end
        end
        local c = torch.Tensor(2, 5)
        for _, v in ipairs {1e4, -1e4, 0} do compare(name, c:fill(v), o) end
      end
    end)

    it(kind .. ' is convex for any option', function ()
      torch.manualSeed(5)
      for i, o in ipairs(sets[kind] or {{}}) do
        for _, size in ipairs {0.01, 1, 30, 1e4} do
          if size * (o.beta or 1) > 300 and kind:find 'exp' then break end
          local a = torch.randn(4, 5):double() * size
          local b = torch.randn(4, 5):double() * size
          for _, t in ipairs {0.1, 0.5, 0.9} do
            local between = t * L(a, o) + (1 - t) * L(b, o)
            local at = L(a * t + b * (1 - t), o)
            assert.is_true(at <= between + 1e-12 * (1 + math.abs(between)),
                           ('options %d, size %g'):format(i, size))
          end
        end
      end
    end)
  end

  for kind, has_scale in pairs {tanh = false, exp = false, rexp = false,
                                sigmoid = true} do
    local L = F.lagrangian[kind]

    it(kind .. ' has a beta for each unit, as one by one', function ()
      torch.manualSeed(7)
      local n = 24 -- more than the primitive asks for
      local v = torch.randn(3, 2, n):double()
      local o = {beta = torch.rand(n):double() + 0.5}
      if has_scale then o.scale = torch.rand(n):double() end
      local function one (u)
        return {beta = o.beta[u], scale = has_scale and o.scale[u] or nil}
      end
      local got, g = autograd.value_and_grad(function (q)
        return L(q.x, {beta = q.beta, scale = q.scale})
      end)({x = v, beta = o.beta, scale = o.scale})
      local want = 0
      for u = 1, n do
        local part, d = autograd.value_and_grad(function (q)
          return L(q.x, {beta = q.beta, scale = q.scale})
        end)({x = v:select(3, u), beta = one(u).beta, scale = one(u).scale})
        want = want + part
        assert.tensor_near(d.x, g.x:select(3, u), 1e-13)
        assert.near(d.beta, g.beta[u], 1e-12)
        if has_scale then assert.near(d.scale, g.scale[u], 1e-12) end
      end
      assert.near(want, got, 1e-11)
      -- the same in other forms: not the primitive's, and of one example
      local tall = o.beta:view(1, n):expand(3, 2, n):contiguous()
      local scale = o.scale and o.scale:view(1, n):expand(3, 2, n):contiguous()
      assert.near(got, L(v, {beta = tall, scale = scale}), 1e-11)
      local each = autograd.vmap(function (r) return L(r, o) end)(v)
      assert.near(got, each:sum(), 1e-11)
      assert.gradcheck(function (p, b)
        return L(p, {beta = b, scale = o.scale})
      end, v:select(1, 1), o.beta)
      assert.equal(got, torch.item(autograd.jit(function (p)
        return L(p, o)
      end)(v)))
    end)

    it(kind .. ' has the same bits on any number of threads', function ()
      torch.manualSeed(8)
      local v, b = torch.randn(700, 301), torch.rand(301) + 0.5
      local threads = torch.getnumthreads()
      local all = {}
      for n = 1, 2 do
        torch.setnumthreads(n)
        for i, beta in ipairs {b, b:narrow(1, 1, 1)} do
          local value, g = autograd.value_and_grad(function (q)
            return L(q.x, {beta = q.beta})
          end)({x = v, beta = beta})
          if n == 1 then
            all[i] = {value, g}
          else
            assert.equal(all[i][1], value)
            assert.tensor_equal(all[i][2].x, g.x)
            assert.tensor_equal(all[i][2].beta, g.beta)
          end
        end
      end
      torch.setnumthreads(threads)
    end)

    it(kind .. ' keeps the digits of beta\'s gradient', function ()
      local function slope (v, beta)
        return (autograd.grad(function (b)
          return L(v, {beta = b})
        end)(beta))
      end
      for k = 1, wide:nElement() do
        local v = wide:narrow(1, k, 1)
        for _, beta in ipairs {0.013, 1.7, 37} do -- beta x near 1 cancels
          local b = torch.Tensor {beta}
          in_range(('%s at %g'):format(kind, v[1]),
                   slope(v:double(), b:double()), slope(v, b), 1e-4, 1e-12)
        end
      end
    end)
  end

  it('refuse options that make no sense', function ()
    local function refuses (text, f, ...)
      local ok, message = pcall(f, ...)
      assert.is_false(ok)
      assert.truthy(message:find(text, 1, true), message)
    end
    local L = F.lagrangian
    refuses('lagrangian.softmax: beta: a finite number above 0 expected, got '
            .. '-1', L.softmax, x, {beta = -1})
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
