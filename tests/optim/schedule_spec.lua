-- Schedules and averages against PyTorch's and optax's values.

local torch = require 'torch'
local optim = require 'optim'
local autograd = require 'autograd'
local golden = dofile 'tests/nn/golden.lua'

local S = optim.schedule
local make = {}

function make.step (a)
  return S.step {learningRate = a.learningRate, every = a.step_size,
                 gamma = a.gamma}
end
function make.multi_step (a)
  return S.steps {learningRate = a.learningRate, at = a.milestones,
                  gamma = a.gamma}
end
function make.exponential (a)
  return S.exponential {learningRate = a.learningRate, gamma = a.gamma}
end
function make.cosine (a)
  return S.cosine {learningRate = a.learningRate, steps = a.T_max,
                   last = a.eta_min}
end
function make.cosine_restarts (a)
  return S.cosine_restarts {learningRate = a.learningRate, period = a.T_0,
                            growth = a.T_mult, last = a.eta_min}
end
function make.linear_warm_up (a)
  return S.linear {learningRate = a.learningRate * a.start_factor,
                   last = a.learningRate * a.end_factor,
                   steps = a.total_iters}
end
function make.warm_up_cosine (a)
  return S.cosine {learningRate = a.learningRate, warmup = a.warm,
                   first = a.learningRate * a.start_factor, steps = a.total,
                   last = a.eta_min}
end
function make.polynomial (a)
  return S.polynomial {learningRate = a.learningRate, steps = a.total_iters,
                       power = a.power}
end
function make.inverse (a)
  return S.inverse {learningRate = a.learningRate, decay = a.decay}
end
for _, name in ipairs {'one_cycle', 'one_cycle_linear',
                       'one_cycle_three_phase'} do
  make[name] = function (a)
    return S.one_cycle {learningRate = a.max_lr, steps = a.total_steps,
      start = a.pct_start, div = a.div_factor, final_div = a.final_div_factor,
      anneal = a.anneal_strategy, three_phase = a.three_phase}
  end
end
function make.plateau (a, c)
  local f = S.plateau {learningRate = a.learningRate, factor = a.factor,
    patience = a.patience, threshold = a.threshold, mode = a.mode,
    relative = a.threshold_mode == 'rel', cooldown = a.cooldown,
    last = a.min_lr, epsilon = a.eps}
  return function (i) return f(c.inp.losses.data[i]) end
end
-- optax
function make.cosine_decay_schedule (a)
  return S.cosine {learningRate = a.init_value, steps = a.decay_steps,
                   last = a.init_value * a.alpha}
end
function make.warmup_cosine_decay_schedule (a)
  return S.cosine {learningRate = a.peak_value, warmup = a.warmup_steps,
                   first = a.init_value, steps = a.decay_steps,
                   last = a.end_value}
end
function make.exponential_decay (a)
  return S.exponential {learningRate = a.init_value, gamma = a.decay_rate,
    every = a.transition_steps, staircase = a.staircase,
    begin = a.transition_begin, last = a.end_value}
end
function make.polynomial_schedule (a)
  return S.polynomial {learningRate = a.init_value, power = a.power,
    steps = a.transition_steps, begin = a.transition_begin,
    last = a.end_value}
end
function make.linear_schedule (a)
  return S.linear {learningRate = a.init_value, last = a.end_value,
                   steps = a.transition_steps}
end

function make.piecewise_constant_schedule (a)
  local at, gamma = {}, {}
  for step in pairs(a.boundaries_and_scales) do at[#at + 1] = step end
  table.sort(at)
  for i, step in ipairs(at) do gamma[i] = a.boundaries_and_scales[step] end
  return S.steps {learningRate = a.init_value, at = at, gamma = gamma}
end

-- optax counts one step more
function make.cosine_onecycle_schedule (a)
  local n = a.transition_steps
  return S.one_cycle {learningRate = a.peak_value, steps = n + 1,
    start = (math.floor(a.pct_start * n) + 1) / (n + 1), div = a.div_factor,
    final_div = a.final_div_factor}
end
function make.linear_onecycle_schedule (a)
  local n = a.transition_steps
  return S.one_cycle {learningRate = a.peak_value, steps = n + 1,
    start = (math.floor(a.pct_start * n) + 1) / (n + 1), div = a.div_factor,
    back = (math.floor(a.pct_final * n) + 1) / (n + 1), anneal = 'linear',
    three_phase = true, final_div = a.final_div_factor}
end

describe('optim.schedule has the reference values:', function ()
  for _, file in ipairs {'optimizers_torch', 'optimizers_optax'} do
    for _, c in ipairs(golden.cases(file, 'op', '^optim%.schedule$')) do
      local f = make[c.args.kind]
      it(file:match '_(.*)' .. ' ' .. c.name, function ()
        assert(f, 'no schedule is made for ' .. c.args.kind)
        local rate, values = f(c.args, c), {}
        for i = 1, 30 do values[i] = rate(i) end
        local want = golden.tensor(c.out.values)
        for i = 1, 30 do
          golden.near(want[i], values[i], c.name .. ' ' .. i, 1e-10, 1e-15)
        end
        if c.args.kind == 'plateau' then return end
        if c.out.momentum then -- goes the other way
          local a = c.args
          local momentum = S.one_cycle {learningRate = a.base_momentum,
            div = a.base_momentum / a.max_momentum, final_div = 1,
            steps = a.total_steps, start = a.pct_start,
            anneal = a.anneal_strategy, three_phase = a.three_phase}
          want = golden.tensor(c.out.momentum)
          for i = 1, 30 do
            golden.near(want[i], momentum(i), c.name .. ' ' .. i, 1e-10)
          end
        end
        -- the same bits of a traced number
        local n = torch.zeros(1):double()
        local jitted = autograd.jit(function ()
          n:add(1)
          return torch.zeros(1):double() + rate(n[1])
        end)
        for i = 1, 30 do assert.equal(values[i], jitted()[1]) end
        assert.equal(1, #autograd.jit_info(jitted).graphs)
      end)
    end
  end

  it('and tells of options that it has not', function ()
    local function message (...)
      local ok, text = pcall(...)
      assert.is_false(ok)
      return (text:gsub('^[^:]*:%d+: ', ''))
    end
    assert.equal('optim.schedule.cosine: no option step; did you mean steps',
                 message(S.cosine, {learningRate = 1, step = 3}))
    assert.equal('optim.schedule.cosine: steps: a number of at least 1 '
                 .. 'expected, got 0',
                 message(S.cosine, {learningRate = 1, steps = 0}))
    assert.equal('optim.schedule.step: learningRate: a number of at least 0 '
                 .. 'expected, got -1',
                 message(S.step, {learningRate = -1, every = 2}))
    assert.equal('optim.schedule.step: gamma: a number of at least 0 '
                 .. 'expected, got nan', (message(S.step,
                 {learningRate = 1, every = 2, gamma = 0 / 0})
                 :gsub('%-nan', 'nan')))
    assert.equal('optim.schedule.plateau: factor: a number from 0 to 1 '
                 .. 'expected, got 2',
                 message(S.plateau, {learningRate = 1, factor = 2}))
    assert.equal("optim.schedule.plateau: mode: 'min' or 'max' expected, got "
                 .. 'the string least',
                 message(S.plateau, {learningRate = 1, mode = 'least'}))
    assert.equal('optim.schedule.plateau: the loss of an epoch: a number '
                 .. 'expected, got nil', message(S.plateau {learningRate = 1}))
  end)

  it('plateau: NaN is no best loss', function ()
    local rate = S.plateau {learningRate = 1, patience = 1}
    rate(0 / 0)
    assert.equal(1, rate(2))
    assert.equal(1, rate(3))
    assert.near(0.1, rate(0 / 0), 1e-12)
    assert.equal(2, rate.best)
  end)
end)

describe('optim.schedule.warmup', function ()
  it('goes up, then follows another schedule', function ()
    local after = S.cosine {learningRate = 0.4, steps = 20}
    local rate = S.warmup {learningRate = 0.4, steps = 8, first = 0.1,
                           after = after}
    for i = 1, 40 do
      local want = i <= 8 and 0.1 + 0.3 * (i - 1) / 8 or after(i - 8)
      assert.near(want, rate(i), 1e-12)
    end
    local plain = S.warmup {learningRate = 2, steps = 4}
    assert.same({0, 0.5, 1, 1.5, 2, 2}, {plain(1), plain(2), plain(3),
                                         plain(4), plain(5), plain(6)})
  end)
  it('is data under jit', function ()
    local rate = S.warmup {learningRate = 1, steps = 4, after = S.step {
      learningRate = 1, every = 2}}
    local f = require 'autograd'.jit(function (t) return rate(t) end)
    for i = 1, 12 do assert.near(rate(i), f(i + 0.0), 1e-12) end
  end)
  it('explains mistakes', function ()
    local ok, text = pcall(function ()
      return S.warmup {learningRate = 1, steps = 2, after = 3}(1)
    end)
    assert.is_false(ok)
    assert.truthy(text:find('optim.schedule.warmup: after: a schedule expected',
                            1, true), text)
    assert.has_error(function () S.warmup {learningRate = 1} end)
  end)
end)

describe('optim.ema', function ()
  it('has the reference values', function ()
    local function check (c, options)
      local ema = optim.ema(c.args.decay, options)
      local x, want = golden.tensor(c.inp.x), golden.tensor(c.out.values)
      for i = 1, x:size(1) do
        golden.near(want[i], ema:update(x[i]), c.name)
      end
    end
    check(golden.case('optimizers_torch', 'ema_from_first'))
    check(golden.case('optimizers_optax', 'ema'), {zero = true})
    check(golden.case('optimizers_optax', 'ema_debiased'), {debias = true})
  end)

  it('is what its formula says, jitted too', function ()
    local function xs (i) return {w = torch.DoubleTensor {i, i * i}} end
    for _, o in ipairs {{}, {zero = true}, {debias = true}} do
      local ema, inner = optim.ema(0.9, o), optim.ema(0.9, o)
      local step = autograd.jit(function (x) return inner:update(x).w end)
      local want, weight = torch.zeros(2):double(), 0
      for i = 1, 20 do
        local first = i == 1 and not o.zero and not o.debias
        want = first and xs(i).w or want * 0.9 + xs(i).w * 0.1
        weight = weight * 0.9 + 0.1
        local value = o.debias and want / weight or want
        golden.near(value, ema:update(xs(i)).w, 'average')
        golden.near(value, step(xs(i)), 'jitted')
      end
      assert.equal(1, #autograd.jit_info(step).graphs)
      assert.is_true(torch.equal(ema:average().w, inner:average().w))
    end
  end)

  it('explains mistakes', function ()
    local function message (...)
      local ok, text = pcall(...)
      assert.is_false(ok)
      return (text:gsub('^[^:]*:%d+: ', ''))
    end
    assert.truthy(message(optim.ema, 0 / 0):find(
      'optim.ema: argument #1 (decay): a number from 0 to 1 expected', 1,
      true))
    assert.equal('optim.ema: no option unbias; there are zero and debias',
                 message(optim.ema, 0.9, {unbias = true}))
    local ema = optim.ema(0.9)
    assert.equal('optim.ema: update: a tensor or a tree of tensors expected, '
                 .. 'got the number 3', message(ema.update, ema, 3))
    ema = optim.ema(0.9)
    ema:update {a = torch.ones(2)}
    assert.equal('optim.ema: update: got a: [3], it averages a: [2]',
                 message(ema.update, ema, {a = torch.ones(3)}))
    assert.equal('optim.ema: update: got b: [2], it averages a: [2]',
                 message(ema.update, ema, {b = torch.ones(2)}))
  end)
end)
