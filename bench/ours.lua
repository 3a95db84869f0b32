-- Our contestant: reads names of works, a line each, runs one round of each,
-- and answers with the seconds of one unit of it, or `error TEXT`.
--   nnlua --threads 1 bench/ours.lua DATA [STEPS]

local folder = arg[0]:match '^(.*)/[^/]*$' or '.'
package.path = folder .. '/?.lua;' .. package.path

local torch = require 'torch'
local clock = require 'nnlua.core'.clock
local epoch = require 'ours.epoch'
local small = require 'ours.small'
local research = require 'ours.research'

local options = {data = arg[1], steps = math.tointeger(tonumber(arg[2])),
                 threads = torch.getnumthreads(), clock = clock}
local ROUND = 0.05 -- seconds at least that a round of small steps takes

-- f(n) takes n steps; returns a function that measures one round.
local function repeated (f, quantum)
  local n = quantum or 1
  local function time ()
    local start = clock()
    f(n)
    return clock() - start
  end
  time()
  while time() < ROUND and n < 1e7 do n = n * 2 end
  return function () return time() / n end
end

local function single (f)
  return repeated(function (n) for _ = 1, n do f() end end)
end

-- The work of a line, ready to be measured: "epoch 512 sgd jit".
local makers = {
  epoch = function (net, rule, idiom)
    return epoch.epoch(net, rule, idiom, options)
  end,
  compile = function () return epoch.compile(options) end,
  infer = function (net, batch, idiom)
    return single(epoch.infer(net, math.tointeger(batch), idiom))
  end,
  polynom = function (rows, columns, idiom)
    return repeated(small.polynom(math.tointeger(rows),
                                  math.tointeger(columns), idiom))
  end,
  kaf = function (what, idiom) return single(research.kaf(what, idiom)) end,
  ternary_layer = function (idiom)
    return single(research.ternary_layer(idiom))
  end,
  ternary_epoch = function (idiom)
    return research.ternary_epoch(idiom, options)
  end,
  lagrangian = function (name, idiom)
    return single(research.lagrangian(name, idiom))
  end,
  hopfield = function (idiom) return single(research.hopfield(idiom)) end,
  memory = research.memory,
  recorded = function () return repeated(small.recorded(), 100) end,
}
for _, name in ipairs {'denoise', 'regression', 'classifier', 'add',
                       'gradient'} do
  makers[name] = function (idiom)
    -- a loop inside jit is compiled for its length: one length for all
    if idiom == 'loop' then
      local f = small[name](idiom)
      return repeated(function (n) for _ = 1, n, 1000 do f(1000) end end, 1000)
    end
    return repeated(small[name](idiom))
  end
end

local ready = {}
local function measure (line)
  if not ready[line] then
    local words = {}
    for word in line:gmatch '%S+' do words[#words + 1] = word end
    ready[line] = makers[words[1]](table.unpack(words, 2))
    collectgarbage()
  end
  return ready[line]()
end

io.stdout:setvbuf 'line'
for line in io.lines() do
  if line == 'quit' then break end
  local ok, result = pcall(measure, line)
  print(ok and ('%.9g'):format(result)
        or 'error ' .. tostring(result):gsub('\n.*', ''))
end
