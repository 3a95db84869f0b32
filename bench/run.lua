-- Runs the works of bench/works.lua: all contestants of a thread count are
-- started, then each work is measured in rounds, every contestant in turn, so
-- that a change of clock or a neighbour on the machine meets them all.
--   nnlua bench/run.lua --data DIR [options]    see usage below

local folder = arg[0]:match '^(.*)/[^/]*$' or '.'
package.path = folder .. '/?.lua;' .. package.path

local clock = require 'nnlua.core'.clock
local calm = require 'calm'
local worker = require 'worker'
local works = require 'works'.works
local report = require 'report'

local opt = {build = 'build', data = '', rounds = '5', only = '',
             threads = '1,2', steps = '', out = ''}
for i = 1, #arg, 2 do
  local name = arg[i]:match '^%-%-(%l+)$'
  if not opt[name or ''] or not arg[i + 1] then
    io.stderr:write 'usage: nnlua bench/run.lua --data DIR [--build DIR]\n'
    io.stderr:write '  [--rounds 5] [--threads 1,2] [--only TEXT of a title]\n'
    io.stderr:write '  [--steps N of an epoch, scaled] [--out FILE]\n'
    os.exit(2)
  end
  opt[name] = arg[i + 1]
end
local steps = opt.steps
local PATIENCE, BUDGET = 1.5, 600 -- seconds that a measurement waits for
                                  -- calm, and all of a thread count

local quoted, output_of = worker.quoted, worker.output_of

-- ---- contestants ----

local function python () return opt.build .. '/bench-venv/bin/python' end

local gradients = {
  ours = "autograd.grad(function (x) return torch.cmul(x, x):sum() end)"
         .. "(torch.ones(3))",
  torch = 'import torch; x = torch.ones(3, requires_grad=True); '
          .. '(x * x).sum().backward()',
  jax = 'import jax, jax.numpy as np; '
        .. 'jax.grad(lambda x: (x * x).sum())(np.ones(3))',
}

local function commands (threads)
  local nnlua = quoted(opt.build .. '/nnlua')
  local data, py = quoted(opt.data), quoted(python())
  local cores = threads == 1 and '1' or '0-' .. threads - 1
  local pin = output_of 'command -v taskset' and output_of 'nproc' ~= '1'
              and 'taskset -c ' .. cores .. ' ' or ''
  local function with (program, ...)
    return pin .. table.concat({program, ...}, ' ')
  end
  return {
    ours = with(nnlua, '--threads', threads, quoted(folder .. '/ours.lua'),
                data, steps),
    pace = with(quoted(opt.build .. '/bench/core_bench'), threads),
    sgemm = with(quoted(opt.build .. '/bench/epoch_bench'), threads, steps),
    torch = with(('env OMP_NUM_THREADS=%d MKL_NUM_THREADS=%d'):format(
                   threads, threads), py,
                 quoted(folder .. '/peers/pytorch.py'), data, threads, steps),
    jax = with(py, quoted(folder .. '/peers/with_jax.py'), data, threads,
               steps),
    start = with(quoted(opt.build .. '/bench/start_bench'),
                 '-- ours', nnlua, '-e', quoted(gradients.ours),
                 '-- torch', py, '-c', quoted(gradients.torch),
                 '-- jax', py, '-c', quoted(gradients.jax)),
  }
end

-- Workers are started when a work first needs them, and only once.
local function contestants (threads)
  local log = opt.build .. '/bench/peers.log'
  local all = {}
  local list = commands(threads)
  return setmetatable(all, {__index = function (_, who)
    local w = worker.start(list[who], log)
    all[who] = w
    return w
  end})
end

-- ---- measuring ----

local function chosen (work, threads)
  return (work.threads or threads) == threads
         and work.title:lower():find(opt.only:lower(), 1, true)
end

-- Each distinct line of the works, with the rounds it wants; works that share
-- lines (an epoch against several peers) are measured together.
local function group_of (list, first)
  local key = list[first].title:match '^[^,]*'
  local last = first
  while list[last + 1] and list[last + 1].title:match '^[^,]*' == key do
    last = last + 1
  end
  return key, last
end

local function lines_of (list, first, last)
  local lines, seen = {}, {}
  for i = first, last do
    for _, kind in ipairs {'ours', 'peers'} do
      for _, entry in ipairs(list[i][kind]) do
        local key = entry[1] .. ' ' .. entry[3]
        if not seen[key] then
          seen[key] = true
          lines[#lines + 1] = {who = entry[1], line = entry[3], key = key,
                               values = {}}
        end
      end
    end
  end
  return lines
end

local function median (values)
  table.sort(values)
  local n = #values
  return (values[(n + 1) // 2] + values[n // 2 + 1]) / 2
end

local function measure (lines, all, rounds, pace)
  for round = 1, rounds do
    for i = 1, #lines do
      local l = lines[(i + round - 2) % #lines + 1]
      if not l.failed then
        local value, why = pace:measure(function ()
          return all[l.who]:ask(l.line)
        end)
        if value then l.values[#l.values + 1] = tonumber(value)
        else l.failed = why end
      end
    end
  end
end

local function run (threads)
  local all = contestants(threads)
  local pace = calm.new(all.pace, clock, PATIENCE, BUDGET)
  local list = {}
  for _, w in ipairs(works) do
    if chosen(w, threads) then list[#list + 1] = w end
  end
  local results, i = {}, 1
  while i <= #list do
    local title, last = group_of(list, i)
    local lines, start = lines_of(list, i, last), clock()
    measure(lines, all, math.min(math.tointeger(tonumber(opt.rounds)),
                                 list[i].rounds or math.huge), pace)
    local by_key = {}
    for _, l in ipairs(lines) do
      by_key[l.key] = l.failed and {failed = l.failed}
                      or {value = median(l.values)}
    end
    for k = i, last do
      report.add(results, list[k], threads, by_key)
    end
    print(('%d threads: %-50s %5.1f s'):format(threads, title,
                                               clock() - start))
    i = last + 1
  end
  local versions = {}
  for _, who in ipairs {'torch', 'jax', 'sgemm'} do
    versions[who] = rawget(all, who) and (all[who]:ask 'version')
  end
  for _, w in pairs(all) do w:stop() end
  return results, versions, pace:text(threads)
end

local results, versions, paces = {}, {}, {}
for threads in opt.threads:gmatch '%d+' do
  local more, found, pace = run(math.tointeger(tonumber(threads)))
  paces[#paces + 1] = pace
  table.move(more, 1, #more, #results + 1, results)
  for who, text in pairs(found) do versions[who] = text end
end
report.write(results, versions, {out = opt.out, steps = steps, paces = paces,
                                 rounds = opt.rounds})
