-- scripts/associative_memory.lua: its memories against the reference energies
-- and descents in float64, and what it completes.

local torch = require 'torch'
local nn = require 'nn'
local data = require 'data'
require 'nnlua.busted'
local research = dofile 'tests/nn/research.lua'
local outside = dofile 'tests/scripts/outside.lua'
local golden = research.golden

local memory = dofile 'scripts/associative_memory.lua'

local function vector (beta) return torch.DoubleTensor {beta} end

-- The reference's model "two": a tanh and a softmax layer.
local function two (p)
  return memory.memory(p.W:t():contiguous(), {
    visible = nn.LTanh {beta = vector(p.beta_v)},
    hidden = nn.LSoftmax {beta = vector(p.beta_h)}})
end

local function stacked (states, name)
  local list = {}
  for i, s in ipairs(states) do list[i] = s[name]:view(1, -1) end
  return torch.cat(list, 1)
end

describe('a memory of two layers has the reference', function ()
  for _, case in ipairs(research.cases 'ham_energy') do
    if case.args.model == 'two' then
      it('energy: ' .. case.name, function ()
        local p, out = research.load(case)
        local m, xs = two(p), {v = p.x_v, h = p.x_h}
        golden.near(out.value, m:energy(xs), 'energy', nil, 1e-13)
        local g = m:gradient(xs)
        golden.near(out.d_act_v, g.v, 'gradient of v')
        golden.near(out.d_act_h, g.h, 'gradient of h')
      end)
    end
  end
  for _, case in ipairs(research.cases 'ham_descent') do
    if case.args.model == 'two' then
      it('descent: ' .. case.name, function ()
        local p, out = research.load(case)
        local _, report = two(p):descend {
          states = {v = p.x_v, h = p.x_h}, step = p.step, steps = p.steps,
          tau = {v = p.tau_v, h = p.tau_h}, record = true, tolerance = 0,
          keep = {v = p.keep_v, h = p.keep_h}}
        golden.near(out.states_v, stacked(report.states, 'v'), 'v', 1e-9)
        golden.near(out.states_h, stacked(report.states, 'h'), 'h', 1e-9)
        golden.near(out.energies, torch.tensor(report.energies, 'float64'),
                    'energies', nil, 1e-12)
      end)
    end
  end
end)

describe('a modern Hopfield network', function ()
  local function case_of (name)
    return research.load(golden.case('research_modules', 'dam_descent_' .. name))
  end
  local function check (name)
    it('has the reference states and energies: ' .. name, function ()
      local p, out = case_of(name)
      local synapse = nn.HAMMemory(p.W:size(1), p.W:size(2),
                                   {beta = vector(p.beta)}):double()
      synapse.weight:copy(p.W)
      local m = nn.HAM {neurons = {v = {nn.LIdentity(), p.W:size(1)}},
                        connections = {{'v', synapse}}}
      local done, report = memory.complete(m, p.x_x:view(1, -1), nil,
        {step = p.step, steps = p.steps, tolerance = 0})
      golden.near(out.states_x, stacked(report.states, 'v'), 'states', 1e-9)
      golden.near(out.act_x, done:view(-1), 'activations', 1e-9)
      for i, e in ipairs(report.energies) do
        golden.near(out.energies[i], e[1], 'energy', nil, 1e-12)
      end
    end)
  end
  check 'hopfield'
  check 'hopfield_full_step'
  check 'retrieval'

  it('steps as in closed form', function ()
    for _, name in ipairs {'hopfield_full_step', 'retrieval'} do
      local p, out = case_of(name)
      local x = p.x_x:view(1, -1)
      for i = 1, p.steps do
        x = memory.hopfield_step(p.W:t(), x, p.beta)
        golden.near(out.states_x[i + 1], x:view(-1), 'step ' .. i, 1e-9)
      end
    end
  end)
end)

describe('digits', function ()
  local set = data.mnist {dir = 'tests/data/mnist'}
  local patterns = memory.pixels(set.images:narrow(1, 1, 40))

  it('are numbers from -1 to 1', function ()
    assert.equal('float64', patterns:dtype())
    assert.same({40, 784}, patterns:size():totable())
    assert.equal(-1, patterns:min())
    assert.equal(1, patterns:max())
    assert.near(set.images[3][10][12] / 127.5 - 1, patterns[3][9 * 28 + 12],
                1e-15)
  end)

  it('lose their second half', function ()
    local cues, mask = memory.erase(torch.ones(2, 5))
    assert.tensor_equal(torch.Tensor {{1, 1, 0, 0, 0}, {1, 1, 0, 0, 0}}, cues)
    assert.tensor_equal(1 - cues, mask)
  end)

  it('are completed, and no energy rises', function ()
    local wanted = patterns:narrow(1, 1, 10)
    local cues, mask = memory.erase(wanted)
    local done, report = memory.complete(memory.memory(patterns), cues, mask,
                                         {steps = 200})
    assert.equal(0, report.rises)
    assert.is_true(memory.largest_rise(report.energies) < 1e-9)
    assert.is_true(report.converged)
    assert.equal(report.steps + 1, #report.energies)
    assert.tensor_equal(torch.range(1, 10):long(),
                        memory.nearest(done, patterns))
    assert.is_true(torch.abs(done - wanted):mean() < 0.01)
    -- at rest the erased half is what a full step makes of it
    local again = memory.hopfield_step(patterns, done, 0.3)
    assert.tensor_near(done:narrow(2, 393, 392), again:narrow(2, 393, 392),
                       1e-4)
    -- the known half is left alone
    assert.tensor_equal(wanted:narrow(2, 1, 392), done:narrow(2, 1, 392))
  end)

  it('are not held by linear neurons', function ()
    local classical = memory.memory(patterns, {visible = nn.LTanh {beta = 2},
      hidden = nn.LIdentity(), scale = 1 / 28})
    local wanted = patterns:narrow(1, 1, 10)
    local done, report = memory.complete(classical, memory.erase(wanted))
    assert.equal(0, report.rises)
    assert.is_true(torch.abs(done - wanted):mean() > 0.1)
  end)

  it('are told apart by distance', function ()
    local x = torch.Tensor {{1, 0}, {3, 0}, {0, 9}}
    assert.tensor_equal(torch.LongTensor {2, 1}, memory.nearest(
      torch.Tensor {{2.2, 0}, {-5, 1}}, x))
    assert.equal(2, memory.largest_rise {torch.Tensor {5, 1},
      torch.Tensor {4, 3}, torch.Tensor {3, 0}})
  end)
end)

outside.script('associative_memory',
  {'--data', 'tests/data/mnist', '--memories', '100'}, {
  data = true,
  last = '^associative_memory: (%d+) of 10 digits completed, energy rises 0$',
  value = function (n) assert.equal('10', n) end,
  lines = {'checked: no energy rises', 'checked: dE/dg_v is v %- W g_h',
           '100 digits stored: +%d+ %%'}})
