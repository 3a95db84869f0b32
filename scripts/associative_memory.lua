-- What Lagrangians are for: an associative memory.  Two layers of neurons store
-- digits; started from half a digit, their states descend an energy, and what
-- they come to rest at is the whole one.
--
--   nnlua scripts/associative_memory.lua --help
--
-- Required as a module, it returns the exercise's functions and runs nothing.

local torch = require 'torch'
local nn = require 'nn'
local data = require 'data'
local plot = require 'plot'
local exercise = require 'nnlua.exercise'

local M = {}

-- ---- the exercise ----

-- uint8 images to float64 rows from -1 (black) to 1 (white).
function M.pixels (images)
  return images:double():view(images:size(1), -1) / 127.5 - 1
end

-- A memory of patterns (K x N): N visible neurons hold a picture, K hidden ones
-- say how much it resembles each pattern; the weights between them are the
-- patterns themselves times `scale`.  What a layer does is its Lagrangian, by
-- default the identity's for the visible and softmax's for the hidden neurons:
-- then the hidden ones compete, and one wins.
function M.memory (patterns, options)
  local o = options or {}
  local K, N = patterns:size(1), patterns:size(2)
  local beta = torch.DoubleTensor {o.beta or 0.3}
  local synapse = nn.HAMLinear(N, K):type(patterns:type())
  synapse.weight:copy(patterns:t()):mul(o.scale or 1)
  return nn.HAM {
    neurons = {
      v = {o.visible or nn.LIdentity(), N},
      h = {o.hidden or nn.LSoftmax {beta = beta}, K}},
    connections = {{'v', 'h', synapse}}}:type(patterns:type())
end

-- Pictures whose second half is erased, and the mask: 1 where it is.
function M.erase (x)
  local N = x:size(2)
  local erased = torch.mul(x, 0)
  erased:narrow(2, N // 2 + 1, N - N // 2):fill(1)
  return torch.cmul(x, 1 - erased), erased
end

-- Lets states begin at the cues (n x N) and descend the energy; only what the
-- mask says may move, and the hidden layer is ten times as quick.  Returns the
-- pictures that the visible layer shows in the end, and the report of the
-- descent, with all its states and energies; options as nn.HAMDescent's.
function M.complete (memory, cues, mask, options)
  local o = {step = 0.1, steps = 60, record = true,
             tau = memory.layers.h and {h = 0.1}}
  for key, v in pairs(options or {}) do o[key] = v end
  o.states = memory:zeros(cues:size(1))
  o.states.v, o.keep = cues, mask and {v = mask}
  local last, report = memory:descend(o)
  return memory:activations(last).v, report
end

-- The same in closed form, when the hidden layer is always at rest and the
-- visible one jumps: x <- softmax(beta x P') P for patterns P (K x N), the
-- update of modern Hopfield networks (arXiv 2008.02217), and attention.
function M.hopfield_step (patterns, x, beta)
  return torch.softmax(x * patterns:t() * beta, 2) * patterns
end

-- Which pattern each picture resembles most.
function M.nearest (pictures, patterns)
  local squares = torch.pow(patterns, 2):sum(2):t()
  return (squares - pictures * patterns:t() * 2):argmin(2):view(-1)
end

-- The largest step up of a list of energies ([n] each); below 0 when they fall.
function M.largest_rise (energies)
  local most = -math.huge
  for i = 2, #energies do
    most = math.max(most, (energies[i] - energies[i - 1]):max())
  end
  return most
end

-- ---- the script ----

local function read_data (run)
  local dir = run.opt.data ~= '' and run.opt.data or nil
  local train = data.mnist {dir = dir}
  return train, data.mnist {dir = dir, train = false}
end

-- The rows of the first image of each class.
local function one_of_each (labels)
  local rows = {}
  for class = 1, 10 do
    for i = 1, labels:size(1) do
      if labels[i] == class then
        rows[#rows + 1] = i
        break
      end
    end
  end
  return torch.LongTensor(rows)
end

local function draw (run, rows, energies)
  local series = {}
  for i = 1, energies[1]:size(1) do
    local y = {}
    for k, e in ipairs(energies) do y[k] = e[i] end
    series[i] = {x = torch.range(0, #y - 1), y = y, label = tostring(i - 1)}
  end
  run:plot {
    plot.line {title = 'Energy of each digit', xlabel = 'step',
               ylabel = 'energy', key = 'top right', points = false,
               table.unpack(series)},
    plot.grid {torch.cat(rows, 1):view(-1, 28, 28), columns = 10,
               range = {-1, 1},
               title = 'Stored, half erased, after 5 and 15 steps, at rest, '
                       .. 'linear neurons'},
    columns = 2, size = {1400, 560}}
end

local function main (run)
  local opt = run.opt
  local train, test = run:try(read_data, run)
  if opt.memories > #train then
    run:fail(('there are %d digits to store, not %d'):format(#train,
                                                             opt.memories))
  end
  local patterns = M.pixels(train.images:narrow(1, 1, opt.memories))
  local labels = train.labels:narrow(1, 1, opt.memories)

  run:part 'Layers, each with a Lagrangian, and what connects them'
  local memory = M.memory(patterns, {beta = opt.beta})
  run:say(memory)

  run:part 'Its energy: v g - L(v) of each layer, minus g_v W g_h'
  local states = {v = torch.randn(784):double() / 4,
                  h = torch.randn(opt.memories):double()}
  local act = memory:activations(states)
  run:near('the visible activations are the states, grad v^2/2', act.v,
           states.v)
  run:near('the hidden ones are softmax(beta h)', act.h,
           torch.softmax(states.h * opt.beta, 1))
  local energy = memory:energy(states)
  run:say(('energy of random states: %.4f'):format(energy))
  run:near('it is that of the formula', energy,
    torch.dot(states.v, states.v) / 2 + torch.dot(states.h, act.h)
    - torch.logsumexp(states.h * opt.beta, 1):sum() / opt.beta
    - torch.dot(states.v, patterns:t() * act.h), 1e-10)
  -- The gradient with respect to the activations is what states descend.
  local gradient = memory:gradient(states)
  run:near('dE/dg_v is v - W g_h', gradient.v,
           states.v - patterns:t() * act.h, 1e-10)
  run:near('dE/dg_h is h - g_v W', gradient.h, states.h - patterns * act.v,
           1e-10)

  run:part 'Half-erased digits are completed'
  local shown = one_of_each(labels)
  local wanted = patterns:index(1, shown)
  local cues, erased = M.erase(wanted)
  local done, report = M.complete(memory, cues, erased)
  for k = 0, report.steps, 10 do
    run:say(('step %3d  mean energy %.4f'):format(k,
            report.energies[k + 1]:mean()))
  end
  run:check(('no energy rises (largest change %.1e)'):format(
    M.largest_rise(report.energies)), report.rises == 0
    and M.largest_rise(report.energies) < 1e-9)
  local right = torch.eq(M.nearest(done, patterns), shown):sum()
  run:say(('%d of %d digits completed; mean error of a pixel %.4f'):format(
    right, shown:size(1), torch.abs(done - wanted):mean() / 2))

  run:part 'The same as a modern Hopfield network'
  local dense = nn.HAM {
    neurons = {v = {nn.LIdentity(), 784}},
    connections = {{'v', nn.HAMMemory(784, opt.memories, {
      beta = torch.DoubleTensor {opt.beta}})}}}:double()
  dense.connections[1].synapse.weight:copy(patterns:t())
  local one, jump = cues, {steps = 1, step = 1, tau = 1, tolerance = 0}
  for _ = 1, 3 do
    run:near('a full step is softmax(beta x P\') P',
             (M.complete(dense, one, nil, jump)),
             M.hopfield_step(patterns, one, opt.beta), 1e-9)
    one = M.hopfield_step(patterns, one, opt.beta)
  end

  run:part 'What the hidden Lagrangian does'
  -- Linear hidden neurons make it the classical Hopfield network: a sum of
  -- digits, not one, is where its energy is low.
  local classical = M.memory(patterns, {visible = nn.LTanh {beta = 2},
    hidden = nn.LIdentity(), scale = 1 / 28})
  local blurred = M.complete(classical, cues, erased)
  run:say('digits completed of ' .. shown:size(1) .. ':')
  for _, entry in ipairs {{'softmax', done}, {'linear', blurred}} do
    run:say(('  %-8s %d'):format(entry[1], torch.eq(
      M.nearest(entry[2], patterns), shown):sum()))
  end

  run:part 'How many digits it can hold'
  for _, K in ipairs {10, 100, opt.memories} do
    local stored = patterns:narrow(1, 1, K)
    local n = math.min(K, 20)
    local some, mask = M.erase(stored:narrow(1, 1, n))
    local found = M.complete(M.memory(stored, {beta = opt.beta}), some, mask)
    run:say(('%4d digits stored: %3.0f %% of %d completed'):format(
      K, 100 * torch.eq(M.nearest(found, stored),
                        torch.range(1, n):long()):mean(), n))
  end

  run:part 'Digits it has never seen'
  -- It answers with a stored digit; often one of the same class.
  local unseen = M.pixels(test.images:narrow(1, 1, 50))
  local guess = M.nearest(M.complete(memory, M.erase(unseen)), patterns)
  run:say(('%.0f %% of 50 halves recall a digit of their class'):format(
    100 * torch.eq(labels:index(1, guess),
                   test.labels:narrow(1, 1, 50)):mean()))

  local function at (k) -- what is shown after k steps
    return report.states[math.min(k, report.steps) + 1].v
  end
  draw(run, {wanted, cues, at(5), at(15), done, blurred}, report.energies)
  return run:finish('%d of %d digits completed, energy rises %d', right,
                    shown:size(1), report.rises)
end

return exercise.script(M, main, {
  name = 'associative_memory',
  about = 'Stores digits and completes half-erased ones.',
  check = function (opt)
    if opt.beta < 1e-3 then
      return ('option --beta: at least 1e-3 expected, got %g'):format(opt.beta)
    end
  end,
  options = {
    {'--memories', 500, 'digits that are stored', least = 100, most = 5000},
    {'--beta', 0.3, 'inverse temperature of the hidden layer', above = 0},
    {'--data', '', 'folder of the IDX files (default: they are fetched)'},
  }})
