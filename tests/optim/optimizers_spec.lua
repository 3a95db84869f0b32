-- Optimizers against PyTorch's and optax's trajectories: 12 steps on two
-- problems, eager and jitted; the jitted ones have the eager bits.

local torch = require 'torch'
local optim = require 'optim'
local autograd = require 'autograd'
local golden = dofile 'tests/nn/golden.lua'

local tree = autograd.tree
local problems = {}

function problems.rosenbrock (p, data)
  local x, y = p.x[1], p.x[2]
  return (data.a - x)^2 + data.b * (y - x * x)^2
end

function problems.regression (p, data)
  local h = torch.tanh(data.X * p.W1:t() + p.b1)
  return torch.square(h * p.W2:t() + p.b2 - data.T):mean()
end

local parameters = {rosenbrock = {'x'}, regression = {'W1', 'b1', 'W2', 'b2'}}

-- The case's options under our names.
local renamed = {
  rprop = {learningRate = 'stepsize'}, asgd = {learningRate = 'eta0'},
}

local function config_of (case, name)
  local c = {}
  for key, value in pairs(case.args) do
    if key == 'epsilonIs' then
      c.correctedEpsilon = value:find 'after' ~= nil
    elseif key ~= 'problem' and key ~= 'note' and not key:find '^clip' then
      c[renamed[name] and renamed[name][key] or key] = golden.tensor(value)
    end
  end
  if name == 'nadam' or name == 'radam' then c.correctedEpsilon = nil end
  if name == 'lamb' then
    assert.equal(0, c.epsilonRoot)
    c.epsilonRoot = nil
  end
  return c
end

local function start_of (case)
  local kind = case.args.problem
  local p, data, grads = {}, {}, autograd.value_and_grad(problems[kind])
  for key, value in pairs(case.inp) do data[key] = golden.tensor(value) end
  for _, key in ipairs(parameters[kind]) do
    p[key], data[key] = data[key], nil
  end
  return p, function (q)
    local loss, g = grads(q, data)
    local a = case.args
    if a.clipNorm then
      -- optax divides by the norm alone, PyTorch by 1e-6 more
      local eps = case.source:find 'optax' and 0 or nil
      optim.clip_grad_norm(tree.leaves(g), a.clipNorm, 2, eps)
    elseif a.clipValue then
      optim.clip_grad_value(tree.leaves(g), a.clipValue)
    end
    return loss, g
  end
end

local function run (case, name, jitted, check)
  local p, feval = start_of(case)
  local config, state = config_of(case, name), {}
  local function step ()
    local _, fx, average = optim[name](feval, p, config, state)
    return fx[1], not jitted and average or nil
  end
  local call = jitted and autograd.jit(step) or step
  local loss, average
  for i = 1, 12 do
    loss, average = call()
    if check then
      golden.near(golden.tensor(case.out.loss)[i], loss,
                  case.name .. ' loss ' .. i, 1e-10)
      for key, x in pairs(p) do
        golden.near(golden.tensor(case.out[key])[i + 1], x,
                    ('%s %s after %d'):format(case.name, key, i), 1e-10)
      end
    end
  end
  if check and average then
    for key, x in pairs(average) do
      golden.near(golden.tensor(case.out['ax_' .. key]), x,
                  case.name .. ' average', 1e-10)
    end
  end
  return p
end

-- The same path of the object, eager or jitted.
local function run_object (case, name, jitted)
  local p, feval = start_of(case)
  local opt = optim[name](config_of(case, name)):init(p)
  local function step (q)
    local loss, g = feval(q)
    opt:update(q, g)
    return loss
  end
  local call = jitted and autograd.jit(step) or step
  for i = 1, 12 do
    local loss = call(p)
    if not jitted then
      if name ~= 'nag' then -- whose loss is elsewhere
        golden.near(golden.tensor(case.out.loss)[i], loss, case.name, 1e-10)
      end
      local x = name == 'nag' and opt:result(p) or p
      for key, t in pairs(x) do
        golden.near(golden.tensor(case.out[key])[i + 1], t,
                    ('%s object %s after %d'):format(case.name, key, i),
                    1e-10)
      end
    end
  end
  for key, t in pairs(name == 'asgd' and opt:result(p) or {}) do
    golden.near(golden.tensor(case.out['ax_' .. key]), t, case.name, 1e-10)
  end
  return p, jitted and #autograd.jit_info(call).graphs
end

local names = {'sgd', 'nag', 'asgd', 'adam', 'adamw', 'adamax', 'nadam',
               'radam', 'adagrad', 'adadelta', 'rmsprop', 'rprop', 'lion',
               'adabelief', 'lamb'}

describe('optimizers follow the reference:', function ()
  for _, name in ipairs(names) do
    local cases = golden.cases('optimizers_torch', 'op',
                               '^optim%.' .. name .. '$')
    for _, case in ipairs(golden.cases('optimizers_optax', 'op',
                                       '^optim%.' .. name .. '$')) do
      cases[#cases + 1] = case
    end
    it('optim.' .. name, function ()
      assert.is_true(#cases > 0)
      for _, case in ipairs(cases) do
        local eager = run(case, name, false, true)
        local jitted = run(case, name, true, false)
        for key, x in pairs(eager) do
          assert(torch.equal(x, jitted[key]), case.name .. ' jitted')
        end
        local object = run_object(case, name, false)
        local compiled, graphs = run_object(case, name, true)
        assert.equal(1, graphs)
        for key, x in pairs(object) do
          assert(torch.equal(x, compiled[key]), case.name .. ' object jitted')
          if name ~= 'nag' then
            assert(torch.equal(x, eager[key]), case.name .. ' object')
          end
        end
      end
    end)
  end
end)

describe('all cases of optimizers', function ()
  it('are run', function ()
    local known = {['optim.schedule'] = true, ['optim.clip_norm'] = true,
                   ['optim.clip_value'] = true, ['optim.ema'] = true}
    for _, name in ipairs(names) do known['optim.' .. name] = true end
    known['optim.lbfgs'] = true -- lbfgs_spec.lua
    for _, file in ipairs {'optimizers_torch', 'optimizers_optax'} do
      for _, case in ipairs(golden.cases(file)) do
        assert.is_true(known[case.op], case.op)
      end
    end
  end)
end)

describe('optim.clip_grad_value', function ()
  it('has the reference values', function ()
    local case = golden.case('optimizers_optax', 'clip_value')
    local g = {a = golden.tensor(case.inp.a), b = golden.tensor(case.inp.b)}
    optim.clip_grad_value(g, case.args.limit)
    for _, key in ipairs {'a', 'b'} do
      golden.near(golden.tensor(case.out[key]), g[key], case.name)
    end
  end)
end)

describe('optim.clip_grad_norm', function ()
  it("has optax's values", function ()
    for _, case in ipairs(golden.cases('optimizers_optax', 'op',
                                       '^optim%.clip_norm$')) do
      local g = {a = golden.tensor(case.inp.a), b = golden.tensor(case.inp.b)}
      local _, norm = optim.clip_grad_norm(g, case.args.limit, 2, 0)
      golden.near(case.out.norm, norm, case.name)
      for _, key in ipairs {'a', 'b'} do
        golden.near(golden.tensor(case.out[key]), g[key], case.name)
      end
    end
  end)

  it('has the reference values', function ()
    for _, case in ipairs(golden.cases('optimizers_torch', 'op',
                                       '^optim%.clip_norm$')) do
      local g = {a = golden.tensor(case.inp.a), b = golden.tensor(case.inp.b)}
      local p = case.args.p
      local _, norm = optim.clip_grad_norm(g, case.args.limit, p)
      golden.near(case.out.norm, norm, case.name)
      for _, key in ipairs {'a', 'b'} do
        golden.near(golden.tensor(case.out[key]), g[key], case.name)
      end
    end
  end)
end)

describe('clipping', function ()
  it('is inside jit what it is outside, and leaves small gradients', function ()
    local function norm (g)
      return optim.clip_grad_norm({torch.mul(g, 1)}, 2, 2, 0)[1]
    end
    local function value (g)
      return optim.clip_grad_value(torch.mul(g, 1), 2)
    end
    local a, b = autograd.jit(norm), autograd.jit(value)
    for _, size in ipairs {0, 0.1, 1, 10} do
      local g = torch.DoubleTensor {3, -4} * size
      local n = 5 * size
      golden.near(n > 2 and g * (2 / n) or g, norm(g), 'norm')
      golden.near(torch.clamp(g, -2, 2), value(g), 'value')
      assert.is_true(torch.equal(norm(g), a(g)))
      assert.is_true(torch.equal(value(g), b(g)))
    end
    assert.equal(1, #autograd.jit_info(a).graphs)
    for p, want in pairs {[1] = 7, [2] = 5, [math.huge] = 4} do
      local _, n = optim.clip_grad_norm(torch.DoubleTensor {3, -4}, 1, p)
      golden.near(want, n, 'norm')
    end
  end)

  it('refuses limits that are none', function ()
    for _, f in ipairs {'clip_grad_norm', 'clip_grad_value'} do
      for _, limit in ipairs {-1, 0 / 0} do
        local ok, text = pcall(optim[f], torch.ones(2), limit)
        assert.is_false(ok)
        assert.truthy(text:find('optim.' .. f .. ': argument #2 (limit): a '
                                .. 'number of at least 0 expected', 1, true))
      end
    end
    local ok, text = pcall(optim.clip_grad_norm, torch.ones(2), 1, -1)
    assert.is_false(ok)
    assert.truthy(text:find('argument #3 (p)', 1, true))
  end)
end)

describe('optimizers', function ()
  local function message (...)
    local ok, text = pcall(...)
    assert.is_false(ok)
    return (text:gsub('^[^:]*:%d+: ', ''))
  end

  it('take one flat tensor, and keep their state in config', function ()
    local x, config = torch.tensor {1, 2}, {learningRate = 0.1, momentum = 0.5}
    local function feval (v) return torch.dot(v, v), v * 2 end
    local same, fx = optim.sgd(feval, x, config)
    assert.equal(x, same)
    assert.equal(5, fx[1])
    optim.sgd(feval, x, config)
    assert.equal(2, config.evalCounter)
    assert.near(0.8 - 0.1 * (1.6 + 0.5 * 2), x[1], 1e-6)
  end)

  it('have rates and decays of each element', function ()
    local x = torch.tensor {1, 2}
    local function feval (v) return 0, v * 0 + 1 end
    optim.sgd(feval, x, {learningRate = 1,
                         learningRates = torch.tensor {0.5, 0.25},
                         weightDecays = torch.tensor {1, 0}})
    assert.near(1 - 0.5 * 2, x[1], 1e-6)
    assert.near(2 - 0.25, x[2], 1e-6)
  end)

  it('explain mistakes', function ()
    local function feval () return 1, torch.ones(2) end
    local x = torch.zeros(2)
    assert.equal('optim.sgd: no option learningrate; did you mean '
                 .. 'learningRate',
                 message(optim.sgd, feval, x, {learningrate = 1}))
    assert.equal('optim.adam: no option lr; did you mean learningRate',
                 message(optim.adam, feval, x, {lr = 1}))
    assert.equal('optim.sgd: argument #1 (opfunc): a function that returns '
                 .. 'the loss and its gradient expected, got [2]',
                 message(optim.sgd, x, x))
    assert.equal('optim.sgd: opfunc must return the loss and the gradient, '
                 .. 'a tensor like x [3]; got [2]',
                 message(optim.sgd, feval, torch.zeros(3)))
    assert.equal('optim.sgd: momentum: a number expected, got the string x',
                 message(optim.sgd, feval, x, {momentum = 'x'}))
    assert.equal('optim.sgd: nesterov needs a momentum above 0 and no '
                 .. 'dampening, got momentum 0 and dampening 0',
                 message(optim.sgd, feval, x, {nesterov = true}))
    assert.equal("optim has no 'Adam'; did you mean optim.adam",
                 message(function () return optim.Adam end))
  end)
end)
