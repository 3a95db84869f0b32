-- What is measured.  A work has lines for contestants, each { who, idiom,
-- line for the process }, and what the ratio must be at least: the fastest
-- peer's time over ours.  Rows of the table are pairs of a peer and ours.

local M = {}

-- Fields of a work: title, unit (of the figures), scale (from seconds), ours
-- and peers (lists of {who, idiom, line}), wanted (the least ratio to the
-- fastest of the peers named in `against`, all by default), threads (all by
-- default), rounds.
local works = {}
local function work (w) works[#works + 1] = w end

-- ---- epochs ----

local function epoch (net, rule, rounds)
  local name = net == '512' and '784-512-512-10' or '784-128-10'
  local line = ('epoch %s %s '):format(net, rule)
  local peers = {
    {'torch', 'eager, bytes normalised by batch', line .. 'bytes'},
    {'torch', 'eager, floats normalised before', line .. 'floats'},
  }
  local title = ('epoch %s %s'):format(name, rule:upper())
  local eager = {'ours', 'eager', line .. 'eager'}
  local jit = {'ours', 'jit, step by step', line .. 'jit'}
  work {title = title .. ', eager', unit = 's', scale = 1, ours = {eager},
        peers = peers, rounds = rounds,
        wanted = net == '512' and rule == 'sgd' and 1.0 or nil,
        note = 'issue'}
  if rule == 'sgd' then
    work {title = title .. ', eager, against bare sgemm', unit = 's',
          scale = 1, ours = {eager}, rounds = rounds,
          wanted = net == '512' and 1 / 1.2 or nil,
          peers = {{'sgemm', 'weights [out, in]', 'epoch ' .. net .. ' rows'},
                   {'sgemm', 'weights [in, out]',
                    'epoch ' .. net .. ' columns'}}}
  end
  work {title = title .. ', jit', unit = 's', scale = 1, ours = {jit},
        rounds = rounds, wanted = 1.0,
        peers = {{'jax', 'jit, step by step', line .. 'step'}}}
  work {title = title .. ', jit against the whole loop', unit = 's',
        scale = 1, ours = {jit}, rounds = rounds,
        peers = {{'jax', 'scan of the epoch', line .. 'scan'}}}
  work {title = title .. ', jit against our eager', unit = 's', scale = 1,
        ours = {jit}, peers = {eager}, rounds = rounds, wanted = 1.0}
end
epoch('512', 'sgd', 3)
epoch('512', 'adam', 3)
epoch('128', 'sgd', 3)
epoch('128', 'adam', 3)

-- ---- inference ----

for _, net in ipairs {'512', '128'} do
  for _, batch in ipairs {1, 200, 10000} do
    local line = ('infer %s %d'):format(net, batch)
    work {title = ('inference %s, batch %d'):format(
            net == '512' and '784-512-512-10' or '784-128-10', batch),
          unit = batch == 10000 and 'ms' or 'us',
          scale = batch == 10000 and 1e3 or 1e6,
          ours = {{'ours', 'eager', line .. ' eager'},
                  {'ours', 'jit', line .. ' jit'}},
          peers = {{'torch', 'inference mode', line .. ' eager'},
                   {'torch', 'frozen', line .. ' frozen'},
                   {'jax', 'jit', line}}}
  end
end

-- ---- small steps, on one thread ----

local function small (name, title, torch_idioms, wanted)
  local torch = {}
  for _, idiom in ipairs(torch_idioms) do
    torch[#torch + 1] = {'torch', idiom == 'hand' and 'gradient by hand'
                         or 'eager, autograd', name .. ' ' .. idiom}
  end
  work {title = title .. ', eager', unit = 'us', scale = 1e6, threads = 1,
        ours = {{'ours', 'eager', name .. ' eager'}}, peers = {torch[1]},
        wanted = wanted.eager}
  work {title = title .. ', eager', unit = 'us', scale = 1e6, threads = 1,
        ours = {{'ours', 'eager', name .. ' eager'}}, rounds = 3,
        peers = {{'jax', 'eager', name .. ' eager'}},
        wanted = wanted.eager_jax}
  local best = table.move(torch, 1, #torch, 2,
                          {{'jax', 'jit, step by step', name .. ' step'}})
  work {title = title .. ', jit', unit = 'us', scale = 1e6, threads = 1,
        ours = {{'ours', 'jit, step by step', name .. ' jit'}}, peers = best,
        wanted = wanted.jit}
  work {title = title .. ', whole loop', unit = 'us', scale = 1e6,
        threads = 1, ours = {{'ours', 'fori in jit', name .. ' loop'}},
        peers = {{'jax', 'scan', name .. ' scan'}}, wanted = wanted.loop}
end
small('denoise', 'cosine denoiser step 200-10-200', {'eager', 'hand'},
      {eager = 5, eager_jax = 100, jit = 4, loop = 2})
small('regression', 'regression step 128 x 3-5-6', {'eager'},
      {eager = 5, eager_jax = 100, jit = 8, loop = 5})
small('classifier', 'classifier step 8 x 36-12-12-1', {'eager'},
      {eager = 5, eager_jax = 100, jit = 6, loop = 3})

for _, size in ipairs {{128, 12, 'us', 1e6}, {4096, 1024, 'ms', 1e3}} do
  local line = ('polynom %d %d '):format(size[1], size[2])
  local title = ('polynom %d x %d'):format(size[1], size[2])
  local is_small = size[1] == 128
  for _, idiom in ipairs {'eager', 'inplace'} do -- like with like
    local name = idiom == 'eager' and 'eager' or 'eager, in place'
    work {title = title .. ', ' .. name, unit = size[3], scale = size[4],
          threads = is_small and 1 or nil, wanted = is_small and 5 or nil,
          ours = {{'ours', name, line .. idiom}},
          peers = {{'torch', name, line .. idiom}}}
  end
  work {title = title .. ', jit', unit = size[3], scale = size[4],
        threads = is_small and 1 or nil, wanted = is_small and 3 or nil,
        ours = {{'ours', 'jit', line .. 'jit'}},
        peers = {{'jax', 'jit', line .. 'jit'},
                 {'torch', 'eager, in place', line .. 'inplace'}}}
end

-- ---- kernel activation functions, 20 gaussians ----

local kaf = {layer = {'ms', 1e3, 'layer 200 x 512, value and gradients', 12, 3},
             step = {'ms', 1e3, 'step 784-512-512-10', 5, 1.4}}
for _, what in ipairs {'layer', 'step'} do
  local unit, scale, text, published, hand = table.unpack(kaf[what])
  local function peer (who, idiom, form)
    return {who, idiom, ('kaf %s %s'):format(form, what)}
  end
  local ours = {{'ours', 'jit', ('kaf %s jit'):format(what)}}
  local title = 'KAF ' .. text
  work {title = title .. ', as published', unit = unit, scale = scale,
        ours = ours, wanted = published,
        peers = {peer('jax', 'jit, as published', 'published'),
                 peer('torch', 'eager, as published', 'published')}}
  work {title = title .. ', by hand', unit = unit, scale = scale, ours = ours,
        wanted = hand,
        peers = {peer('jax', 'jit, unrolled', 'unrolled'),
                 peer('jax', 'jit, recurrence by hand', 'hand'),
                 peer('torch', 'recurrence by hand', 'hand')}}
end
work {title = 'KAF step 784-512-512-10, memory against ReLU', unit = 'MiB',
      scale = 1 / 1048576, threads = 1, rounds = 1, wanted = 1 / 1.3,
      ours = {{'ours', 'KAF', 'memory kaf'}},
      peers = {{'ours', 'ReLU', 'memory relu'}}}

-- ---- ternary states, noise 0.5 ----

local ternary_jax = {{'jax', 'jit, threefry', 'threefry2x32'},
                     {'jax', 'jit, rbg', 'rbg'},
                     {'jax', 'jit, unsafe rbg', 'unsafe_rbg'}}
for _, what in ipairs {'layer', 'epoch'} do
  local peers = {{'torch', 'eager, in place', 'ternary_' .. what}}
  for _, p in ipairs(ternary_jax) do
    peers[#peers + 1] = {p[1], p[2], ('ternary_%s %s'):format(what, p[3])}
  end
  local layer = what == 'layer'
  work {title = layer and 'ternary layer 200 x 512, value and gradient'
                or 'ternary epoch 784-512-512-10 SGD',
        unit = layer and 'ms' or 's', scale = layer and 1e3 or 1,
        rounds = not layer and 3 or nil, wanted = layer and 2 or 1.15,
        ours = {{'ours', 'jit', ('ternary_%s jit'):format(what)}},
        peers = peers}
end

-- ---- Lagrangians, value and gradient on 1024 x 1024; Hopfield ----

local function lagrangian (name, stable, wanted)
  local form = stable and name .. '-stable' or name
  local peers = {{'jax', stable and 'jit, stable' or 'jit',
                  'lagrangian ' .. form}}
  if wanted == 1.5 then
    peers[2] = {'torch', 'eager', 'lagrangian ' .. name}
  end
  work {title = ('Lagrangian %s, value and gradient%s'):format(name,
          stable and ', stable' or ''), unit = 'ms', scale = 1e3,
        wanted = wanted, peers = peers,
        ours = {{'ours', 'jit', ('lagrangian %s jit'):format(name)}}}
end
lagrangian('sigmoid', false, 1)
lagrangian('sigmoid', true, 1.5)
lagrangian('tanh', false, 1)
lagrangian('tanh', true, 1.5)
for _, name in ipairs {'softmax', 'exp', 'repu'} do
  lagrangian(name, false, 1)
end
for _, form in ipairs {{'jit', 'step'}, {'loop', 'scan'}, {'hand', 'hand'}} do
  work {title = ('Hopfield 100 steps of 64 states, %s'):format(form[1]),
        unit = 'ms', scale = 1e3, rounds = 3,
        ours = {{'ours', form[1], 'hopfield ' .. form[1]}},
        peers = {{'jax', form[2], 'hopfield ' .. form[2]},
                 {'torch', form[1] == 'hand' and 'by hand' or 'autograd',
                  'hopfield ' .. (form[1] == 'hand' and 'hand' or 'grad')}}}
end

-- ---- single operations, on one thread; the start of a process ----

-- `least` is a limit in the unit, not a ratio.
work {title = 'x + y on 8 floats', unit = 'us', scale = 1e6, threads = 1,
      most = 0.3, ours = {{'ours', 'eager', 'add eager'}},
      peers = {{'torch', 'inference mode', 'add inference'},
               {'torch', 'eager', 'add eager'}, {'jax', 'eager', 'add'}}}
work {title = 'x + y on 8 floats, gradient recorded', unit = 'us',
      scale = 1e6, threads = 1, most = 0.6,
      ours = {{'ours', 'eager', 'recorded'}},
      peers = {{'torch', 'eager', 'recorded'}}}
work {title = 'gradient of sum x^2, 3 floats', unit = 'us', scale = 1e6,
      threads = 1, ours = {{'ours', 'eager', 'gradient eager'},
                           {'ours', 'jit', 'gradient jit'}},
      peers = {{'torch', 'autograd.grad', 'gradient eager'},
               {'jax', 'jit', 'gradient jit'}}}
work {title = 'capture and compile of the Adam step 784-512-512-10',
      unit = 'ms', scale = 1e3, threads = 1, wanted = 200, rounds = 3,
      ours = {{'ours', 'first call of jit less a later one', 'compile'}},
      peers = {{'jax', 'first call of jit less a later one', 'compile'}}}
work {title = 'process start to a first gradient', unit = 'ms', scale = 1e3,
      threads = 1, most = 20, ours = {{'start', 'nnlua -e', 'ours time'}},
      peers = {{'start', 'PyTorch', 'torch time'},
               {'start', 'JAX', 'jax time'}}, rounds = 5}
work {title = 'the same, peak memory', unit = 'MiB', scale = 1 / 1048576,
      threads = 1, most = 30, ours = {{'start', 'nnlua -e', 'ours memory'}},
      peers = {{'start', 'PyTorch', 'torch memory'},
               {'start', 'JAX', 'jax memory'}}, rounds = 1}

M.works = works
return M
