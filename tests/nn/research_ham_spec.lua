-- Associative memories: reference energies, gradients, descents and trainings
-- through them; what holds of every descent; errors.

require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local research = dofile 'tests/nn/research.lua'
local golden = research.golden

local classes = {identity = 'LIdentity', relu = 'LRelu', exp = 'LExp',
  rexp = 'LRexp', sigmoid = 'LSigmoid', tanh = 'LTanh', softmax = 'LSoftmax',
  layernorm = 'LLayerNorm', spherical_norm = 'LSphericalNorm',
  ghostmax = 'LGhostmax'}

local function lagrangian (kind, beta, eps)
  local l = nn[classes[kind]] {eps = eps}
  l:double()
  if beta then l.beta:fill(beta) end
  return l
end

local function edge (names, weights, p)
  local w = p[weights[1]]
  local s
  if #names == 3 then
    s = nn.HAMEdge(w:size(1), w:size(2), w:size(3)):double()
  elseif #names == 2 then
    s = nn.HAMLinear(w:size(1), w:size(2), weights[2] ~= nil):double()
    if weights[2] then s.bias:copy(p[weights[2]]) end
  else
    s = nn.HAMBias(w:size(1)):double()
    s.bias:copy(w)
  end
  if s.weight then s.weight:copy(w) end
  return s
end

local function memory (case, p)
  local kind = case.args.synapse
  local s = nn.HAMMemory(p.W:size(1), p.W:size(2),
    {kind = kind == 'power' and 'power' or 'lse', power = p.n,
     unit_columns = kind == 'lse_unit_columns'}):double()
  s.weight:copy(p.W)
  if s.beta then s.beta:fill(p.beta) end
  return s
end

-- The model of a case, its states, and the parameter of each weight's name.
local function build (case)
  local p, out = research.load(case)
  local neurons, connections, xs, of = {}, {}, {}, {}
  if case.args.neurons then
    for _, n in ipairs(case.args.neurons) do
      local name, kind = n[1], n[2]
      local x = p['x_' .. name]
      local l = lagrangian(kind, p['beta_' .. name])
      of['beta_' .. name] = {l, 'beta'}
      neurons[name], xs[name] = {l, x:size(x:dim())}, x
    end
    for i, c in ipairs(case.args.connections) do
      local s = edge(c[2], c[1], p)
      of[c[1][1]] = {s, s.weight and 'weight' or 'bias'}
      if c[1][2] then of[c[1][2]] = {s, 'bias'} end
      connections[i] = {table.unpack(c[2])}
      table.insert(connections[i], s)
    end
  else
    xs.x = p.x_x
    neurons.x = {lagrangian(p.kind), xs.x:size(1)}
    connections[1] = {'x', memory(case, p)}
  end
  local ham = nn.HAM {neurons = neurons, connections = connections}:double()
  return ham, xs, p, out, of
end

describe('neuron energies', function ()
  for _, case in ipairs(research.cases 'neuron_energy') do
    it(case.name, function ()
      local p, out = research.load(case)
      local l = lagrangian(p.kind, p.beta, p.eps)
      local ham = nn.HAM {neurons = {x = {l, p.x:size(1)}}, connections = {}}
      local xs = {x = p.x}
      local act = {x = p.xhat or ham:activations(xs).x}
      if out.act then golden.near(out.act, act.x, 'act') end
      local g = autograd.grad(function (a, x) return ham:energy(a, x) end,
                              {argnums = {1, 2}})(act, xs)
      golden.near(out.value, ham:energy(act, xs), 'value', nil, 1e-13)
      golden.near(out.d_act, g[1].x, 'd_act')
      if out.d_x then golden.near(out.d_x, g[2].x, 'd_x') end
    end)
  end
end)

describe('synapses', function ()
  local make = {
    linear = function (p) return {nn.HAMLinear(p.W:size(1), p.W:size(2))} end,
    linear_bias = function (p)
      return {nn.HAMLinear(p.W:size(1), p.W:size(2), true)}
    end,
    bias = function (p) return {nn.HAMBias(p.b:size(1))} end,
    hyperedge = function (p) return {nn.HAMEdge(p.W:size(1), p.W:size(2),
                                                p.W:size(3))} end,
    conv = function (p)
      return {nn.HAMConvolution {inputs = p.W:size(2), outputs = p.W:size(1),
        stride = p.stride, padding = p.padding:lower()}}
    end,
  }
  local function check (s, p, out)
    if p.W then s.weight:copy(p.W) end
    if p.b then s.bias:copy(p.b) end
    local list = {}
    for i = 1, 3 do list[i] = p['xhat' .. i] end
    local f, params = autograd.functionalize(s)
    local value, g = autograd.value_and_grad(function (w, x)
      return f(w, x)
    end, {argnums = {1, 2}})(params, list)
    golden.near(out.value, value, 'value', nil, 1e-13)
    for i in ipairs(list) do
      golden.near(out['d_xhat' .. i], g[2][i], 'd_xhat' .. i)
    end
    s:zeroGradParameters()
    s:forward(list)
    s:backward(list, 1.0)
    if out.d_W then golden.near(out.d_W, s.gradWeight, 'd_W') end
    if out.d_b then golden.near(out.d_b, s.gradBias, 'd_b') end
    if out.d_beta then golden.near(out.d_beta, s.gradBeta[1], 'd_beta') end
  end
  for _, case in ipairs(research.cases 'synapse') do
    it(case.name, function ()
      local p, out = research.load(case)
      check(make[p.kind](p)[1]:double(), p, out)
    end)
  end
  for _, case in ipairs(research.cases 'dam_energy') do
    it(case.name, function ()
      local p, out = research.load(case)
      check(memory(case, p), p, out)
    end)
  end
end)

describe('energies of hypergraphs', function ()
  for _, case in ipairs(research.cases 'ham_energy') do
    it(case.name, function ()
      local ham, xs, _, out = build(case)
      local xhats = ham:activations(xs)
      golden.near(out.value, ham:energy(xs), 'value', nil, 1e-13)
      local g = ham:gradient(xhats, xs)
      local parts = ham:energies(xhats, xs)
      for name in pairs(xs) do
        golden.near(out['act_' .. name], xhats[name], 'act ' .. name)
        golden.near(out['d_act_' .. name], g[name], 'd_act ' .. name)
        golden.near(out['neuron_' .. name], parts.neurons[name],
                    'neuron ' .. name, nil, 1e-13)
      end
      for i, e in ipairs(parts.connections) do
        golden.near(out.connections[i], e, 'connection ' .. i, nil, 1e-13)
      end
    end)
  end
end)

describe('descents', function ()
  local function check (case)
    local ham, xs, p, out = build(case)
    local tau, keep = {}, {}
    for name in pairs(xs) do
      tau[name], keep[name] = p['tau_' .. name], p['keep_' .. name]
    end
    local last, report = ham:descend {states = xs, step = p.step,
      steps = p.steps, tau = tau, keep = keep, tolerance = 0, record = true}
    for name in pairs(xs) do
      local list = {}
      for i, s in ipairs(report.states) do list[i] = s[name]:view(1, -1) end
      golden.near(out['states_' .. name], torch.cat(list, 1),
                  'states ' .. name, 1e-9, 1e-13)
      golden.near(out['act_' .. name], ham:activations(last)[name],
                  'act ' .. name, 1e-9, 1e-13)
    end
    golden.near(out.energies, torch.tensor(report.energies, 'float64'),
                'energies', nil, 1e-12)
  end
  for _, op in ipairs {'ham_descent', 'dam_descent'} do
    for _, case in ipairs(research.cases(op)) do
      it(case.name, function () check(case) end)
    end
  end

  for _, case in ipairs(research.cases 'ham_unrolled') do
    it(case.name .. ', trained through', function ()
      local ham, xs, p, out, of = build(case)
      ham.step, ham.steps = p.step, p.steps
      local first = case.args.neurons[1][1]
      ham:zeroGradParameters()
      local y = ham:forward(xs)
      local diff = y[first] - p.target
      golden.near(out.value, torch.square(diff):mean(), 'value')
      local g = {}
      for name in pairs(xs) do g[name] = torch.mul(y[name], 0) end
      g[first] = diff * (2 / diff:nElement())
      local d = ham:backward(xs, g)
      for name in pairs(xs) do
        golden.near(out['d_x_' .. name], d[name], 'd_x ' .. name, 1e-9)
      end
      for key, at in pairs(of) do
        local m, field = at[1], at[2]
        local got = m['grad' .. field:sub(1, 1):upper() .. field:sub(2)]
        local want = out['d_' .. key]
        if type(want) == 'number' then got = got[1] end
        golden.near(want, got, 'd_' .. key, 1e-9)
      end
    end)
  end
end)

describe('nn.HAM', function ()
  local function model (W, l)
    local s = nn.HAMMemory(W:size(1), W:size(2), {beta = 4})
    s.weight:copy(W)
    return nn.HAM {neurons = {x = {l or nn.LIdentity(), W:size(1)}},
                   connections = {{'x', s}}}
  end

  it('never raises its energy for convex Lagrangians', function ()
    torch.manualSeed(4)
    for _, name in ipairs {'LIdentity', 'LTanh', 'LSigmoid', 'LSoftmax',
                           'LLayerNorm', 'LSphericalNorm', 'LRelu'} do
      local ham = nn.HAM {
        neurons = {v = {nn[name](), 6}, h = {nn.LSoftmax {beta = 2}, 4}},
        connections = {{'v', 'h', nn.HAMLinear(6, 4)}, {'v', nn.HAMBias(6)}}}
      ham.connections[1].synapse.weight:normal(0, 1)
      local xs = {v = torch.randn(5, 6), h = torch.randn(5, 4)}
      local _, report = ham:descend {states = xs, step = 0.02, steps = 50}
      assert.equal(0, report.rises, name)
    end
  end)

  it('never raises it with synapses of any kind', function ()
    torch.manualSeed(7)
    for _, name in ipairs {'LIdentity', 'LRelu', 'LRepu', 'LExp', 'LRexp',
                           'LSigmoid', 'LTanh', 'LSoftmax', 'LGhostmax',
                           'LLayerNorm', 'LSphericalNorm'} do
      for _, hidden in ipairs {'LSoftmax', 'LTanh', 'LSphericalNorm'} do
        local ham = nn.HAM {
          neurons = {v = {nn[name](), 6}, h = {nn[hidden](), 4}},
          connections = {{'v', 'h', nn.HAMLinear(6, 4, true)},
                         {'v', nn.HAMBias(6)}, {'v', 'h', 'h',
                         nn.HAMEdge(6, 4, 4)},
                         {'v', nn.HAMMemory(6, 3, {beta = 2})}}}:double()
        for _, c in ipairs(ham.connections) do
          local w = c.synapse.weight or c.synapse.bias
          w:normal(0, 0.3)
        end
        local _, report = ham:descend {
          states = {v = torch.randn(5, 6):double(),
                    h = torch.randn(5, 4):double()},
          step = 0.01, steps = 60, tolerance = 0, record = true}
        assert.equal(0, report.rises, name .. ' ' .. hidden)
        assert.equal(61, #report.energies)
        for i = 2, #report.energies do
          local most = torch.max(report.energies[i] - report.energies[i - 1])
          assert.is_true(most <= 1e-10, name .. ' ' .. hidden)
        end
      end
    end
  end)

  it('never raises it with a convolution', function ()
    torch.manualSeed(7)
    local s = nn.HAMConvolution {inputs = 2, outputs = 3}
    s.weight:normal(0, 0.2)
    local ham = nn.HAM {neurons = {v = {nn.LTanh(), 5, 5, 2},
                                   h = {nn.LSoftmax(), 5, 5, 3}},
                        connections = {{'v', 'h', s}}}:double()
    local _, report = ham:descend {
      states = {v = torch.randn(2, 5, 5, 2):double(),
                h = torch.randn(2, 5, 5, 3):double()},
      step = 0.02, steps = 30, tolerance = 0}
    assert.equal(0, report.rises)
    assert.equal(30, report.steps)
  end)

  it('stops where no smaller step helps, and at NaN', function ()
    local function cube (xs) return -torch.cmul(xs[1], torch.cmul(xs[1],
                                                                  xs[1])):sum()
    end
    local s = nn.Activation(cube) -- an energy without a bound below
    local ham = nn.HAM {neurons = {x = {nn.LIdentity(), 1}},
                        connections = {{'x', s}}}
    local xs = {x = torch.Tensor {10}}
    local last, report = ham:descend {states = xs, step = 1, steps = 200,
                                      monotone = true}
    assert.is_false(report.converged)
    assert.equal(1, report.rises)
    assert.is_true(torch.isfinite(last.x):all())
    assert.is_true(report.energy < ham:energy(xs))
    xs = {x = torch.Tensor {0 / 0}}
    last, report = ham:descend {states = xs, monotone = true}
    assert.is_false(report.converged)
    assert.equal(0, report.steps)
    assert.is_true(last.x[1] ~= last.x[1])
  end)

  it('halves steps that raise the energy, where asked', function ()
    local ham = nn.HAM {neurons = {x = {nn.LIdentity(), 2}}, connections = {}}
    local xs = {x = torch.Tensor {1, -2}}
    local _, report = ham:descend {states = xs, step = 2.5, steps = 5}
    assert.equal(5, report.rises)
    local last
    last, report = ham:descend {states = xs, step = 2.5, steps = 60,
                                monotone = true}
    assert.equal(0, report.rises)
    assert.is_true(report.step < 2.5 and report.converged)
    assert.is_true(torch.abs(last.x):max() < 1e-4)
  end)

  it('counts no rounding as a rise, in float32 too', function ()
    torch.manualSeed(5)
    local W = torch.rand(784, 10) * 2 - 1
    local s = nn.HAMLinear(784, 10)
    s.weight:copy(W)
    local ham = nn.HAM {
      neurons = {v = {nn.LIdentity(), 784}, h = {nn.LSoftmax {beta = 0.1}, 10}},
      connections = {{'v', 'h', s}}}
    local v = W:t():contiguous()
    v:narrow(2, 393, 392):zero()
    local xs = {v = v, h = torch.zeros(10, 10)}
    local _, report = ham:descend {states = xs, steps = 100, tolerance = 0,
                                   tau = {h = 0.1}}
    assert.equal(0, report.rises)
    _, report = ham:descend {states = xs, steps = 3, step = 2.5}
    assert.is_true(report.rises > 0)
  end)

  it('retrieves a pattern from its half, each of a batch', function ()
    torch.manualSeed(9)
    local W = torch.sign(torch.randn(16, 4))
    local ham = model(W)
    local start = W:t():contiguous():clone()
    start:narrow(2, 9, 8):zero()
    local last, report = ham:descend {states = {x = start}, step = 1}
    assert.is_true(report.converged)
    assert.tensor_equal(W:t():contiguous(), torch.sign(last.x))
    assert.same({4}, report.energy:size():totable())
    for i = 1, 4 do
      assert.near(ham:energy {x = last.x[i]}, report.energy[i], 1e-4)
    end
  end)

  it('works under jit and grad', function ()
    local ham = model(torch.randn(6, 3), nn.LTanh {beta = 2})
    ham.steps = 3
    local xs = {x = torch.randn(2, 6)}
    local want = ham:forward(xs).x
    local got = autograd.jit(function (v)
      return ham:forward({x = v}).x
    end)(xs.x)
    assert.tensor_near(want, got, 1e-6)
    assert.is_true(#ham:parameters() == 3)
    assert.is_string(tostring(ham))
  end)

  it('refuses what makes no sense', function ()
    local function refuses (text, f, ...)
      local ok, message = pcall(f, ...)
      assert.is_false(ok)
      assert.truthy(message:find(text, 1, true), message)
    end
    refuses('nn.HAM: tables neurons and connections expected', nn.HAM, {})
    refuses('nn.HAM: connection #1: there is no layer y; the layers are x',
            nn.HAM, {neurons = {x = {nn.LTanh(), 3}},
                     connections = {{'x', 'y', nn.HAMLinear(3, 2)}}})
    refuses('nn.HAM: connection #1: a synapse expected at its end', nn.HAM,
            {neurons = {x = {nn.LTanh(), 3}}, connections = {{'x'}}})
    refuses('nn.HAM: neurons: name = {Lagrangian, sizes...} expected', nn.HAM,
            {neurons = {x = 3}, connections = {}})
    local ham = model(torch.randn(6, 3))
    refuses('states: layer x: expected [6], got [5]',
            function () ham:energy {x = torch.zeros(5)} end)
    refuses('descend: step: a finite number above 0',
            function () ham:descend {states = ham:zeros(), step = 0} end)
    refuses('descend: tau: a finite number above 0',
            function () ham:descend {states = ham:zeros(), tau = -1} end)
    refuses('it has no option stepz; did you mean step',
            function () ham:descend {states = ham:zeros(), stepz = 1} end)
    refuses('nn.HAMMemory: kind:', nn.HAMMemory, 3, 2, {kind = 'x'})
    refuses("nn.HAMConvolution: padding: 'same' or 'valid'",
            nn.HAMConvolution, {inputs = 1, outputs = 1, padding = 'no'})
  end)
end)
