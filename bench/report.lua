-- The table of results: one row for each pair of a peer's idiom and ours.

local core = require 'nnlua.core'
local worker = require 'worker'
local reasons = require 'reasons'

local M = {}

local names = {ours = 'nnlua', torch = 'PyTorch', jax = 'JAX',
               sgemm = 'OpenBLAS sgemm', start = ''}

local function best_of (list, by_key)
  local best, value
  for _, entry in ipairs(list) do
    local got = by_key[entry[1] .. ' ' .. entry[3]]
    if got.value and (not value or got.value < value) then
      best, value = entry, got.value
    end
  end
  return best, value
end

local function label (entry)
  return ((names[entry[1]] .. ': ' .. entry[2]):gsub('^: ', ''))
end

-- Adds a work's rows: its fastest peer is the one that the figure is about.
function M.add (rows, work, threads, by_key)
  local mine, ours = best_of(work.ours, by_key)
  local rival, theirs = best_of(work.peers, by_key)
  for _, entry in ipairs(work.peers) do
    local got = by_key[entry[1] .. ' ' .. entry[3]]
    local row = {
      work = work.title, threads = threads, peer = label(entry),
      failed = got.failed, unit = work.unit,
      theirs = got.value and got.value * work.scale,
      ours = ours and ours * work.scale, idiom = mine and mine[2],
      ratio = got.value and ours and got.value / ours,
    }
    if entry == rival or not rival and entry == work.peers[1] then
      if work.most then
        row.wanted = ('< %g %s'):format(work.most, work.unit)
        row.met = ours ~= nil and row.ours < work.most
      elseif work.wanted then
        row.wanted = ('%.3g'):format(work.wanted)
        row.met = theirs ~= nil and ours ~= nil and row.ratio >= work.wanted
      end
    end
    rows[#rows + 1] = row
  end
end

local function number (x, unit)
  if not x then return '-' end
  return ('%.3g'):format(x):gsub('e%+?(%-?)0*(%d)', 'e%1%2') .. ' ' .. unit
end

local function verdict (row)
  if row.met == nil then return '' end
  if row.met then return 'yes' end
  return 'no: ' .. (row.failed or reasons(row))
end

local function row_text (row)
  local theirs = row.failed and 'none: ' .. row.failed:gsub('|', '/')
                 or number(row.theirs, row.unit)
  return ('| %s | %d | %s | %s | %s (%s) | %s | %s | %s |'):format(
    row.work, row.threads, row.peer, theirs, number(row.ours, row.unit),
    row.idiom or '-', row.ratio and ('%.2f'):format(row.ratio) or '-',
    row.wanted or '', verdict(row))
end

local function head (versions, o)
  local cpu = worker.output_of "sed -n 's/^model name[^:]*: //p' /proc/cpuinfo"
              or 'unknown'
  local cores = worker.output_of 'nproc' or '1'
  local lines = {
    '# Benchmarks', '',
    'Written by `make bench` on ' .. os.date '!%Y-%m-%d %H:%M' .. ' UTC.', '',
    ('- CPU: %s, %s cores, load when it ended %s'):format(cpu, cores,
      (worker.output_of 'cat /proc/loadavg' or '-'):match '^%S+ %S+ %S+'
      or '-'),
    ('- nnlua %s: kernels %s, products by %s'):format(
      core.version, core.cpu_kernels(), core.gemm()),
    '- OpenBLAS: ' .. (versions.sgemm or 'not measured'),
    '- PyTorch: ' .. (versions.torch or 'not installed'),
    '- JAX: ' .. (versions.jax or 'not installed'),
    table.concat(o.paces, '\n'), '',
    ('Times are medians of up to %s rounds; in a round all contestants of a '
     .. 'work take their turn.'):format(o.rounds),
    'A measurement during which the cores were slower than at their best (see '
    .. 'bench/calm.lua) is taken again, whoever it is of.',
    'Ratio: the peer\'s time (or memory) divided by ours. A figure is '
    .. 'wanted of the fastest peer of a work.',
    'One thread means one core, for every contestant. Our `eager` and `jit` '
    .. 'give the same bits.',
  }
  if o.steps ~= '' then
    lines[#lines + 1] = ('Epochs were %s steps, scaled to 250: a quick look.')
                        :format(o.steps)
  end
  return lines
end

-- Prints the table and writes it to o.out; its last line counts the figures.
function M.write (rows, versions, o)
  local lines = head(versions, o)
  lines[#lines + 1] = ''
  lines[#lines + 1] = '| work | threads | peer and idiom | its time | ours | '
                      .. 'ratio | wanted | met |'
  lines[#lines + 1] = '|---|---|---|---|---|---|---|---|'
  local met, wanted = 0, 0
  for _, row in ipairs(rows) do
    lines[#lines + 1] = row_text(row)
    if row.met ~= nil then
      wanted = wanted + 1
      if row.met then met = met + 1 end
    end
  end
  lines[#lines + 1] = ''
  lines[#lines + 1] = ('%d of %d figures met'):format(met, wanted)
  local text = table.concat(lines, '\n') .. '\n'
  io.write(text)
  if o.out ~= '' then
    local f = assert(io.open(o.out, 'w'))
    f:write(text)
    f:close()
  end
end

return M
