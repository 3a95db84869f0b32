-- Schedules and averages against PyTorch's and optax's values.

local optim = require 'optim'
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

-- optax's one-cycle schedules have other ends of their phases than PyTorch's,
-- which are ours
local elsewhere = {cosine_onecycle_schedule = true,
                   linear_onecycle_schedule = true}

describe('optim.schedule has the reference values:', function ()
  for _, file in ipairs {'optimizers_torch', 'optimizers_optax'} do
    for _, c in ipairs(golden.cases(file, 'op', '^optim%.schedule$')) do
      local f = make[c.args.kind]
      if not elsewhere[c.args.kind] then
        it(file:match '_(.*)' .. ' ' .. c.name, function ()
          assert(f, 'no schedule is made for ' .. c.args.kind)
          local rate, values = f(c.args, c), {}
          for i = 1, 30 do values[i] = rate(i) end
          local want = golden.tensor(c.out.values)
          for i = 1, 30 do
            golden.near(want[i], values[i], c.name .. ' ' .. i, 1e-10, 1e-15)
          end
        end)
      end
    end
  end

  it('and tells of options that it has not', function ()
    local ok, text = pcall(S.cosine, {learningRate = 1, step = 3})
    assert.is_false(ok)
    assert.equal('optim.schedule.cosine: no option step; did you mean steps',
                 (text:gsub('^[^:]*:%d+: ', '')))
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
end)
