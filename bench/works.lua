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
  work {title = title .. ', eager', unit = size[3], scale = size[4],
        threads = is_small and 1 or nil, wanted = is_small and 5 or nil,
        ours = {{'ours', 'eager', line .. 'eager'}},
        peers = {{'torch', 'eager', line .. 'eager'},
                 {'torch', 'eager, in place', line .. 'inplace'}}}
  work {title = title .. ', jit', unit = size[3], scale = size[4],
        threads = is_small and 1 or nil, wanted = is_small and 3 or nil,
        ours = {{'ours', 'jit', line .. 'jit'}},
        peers = {{'jax', 'jit', line .. 'jit'},
                 {'torch', 'eager, in place', line .. 'inplace'}}}
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
      ours = {{'ours', 'first call of jit', 'compile'}},
      peers = {{'jax', 'first call of jit', 'compile'}}}
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
