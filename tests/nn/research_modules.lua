-- The research modules of the specs about whole modules: {name, make, input}.
local torch = require 'torch'
local nn = require 'nn'

local list = {}

local function add (name, make, input)
  list[#list + 1] = {name = name, make = make, input = input}
end

local function rows (...)
  local n = 1
  for _, size in ipairs {...} do n = n * size end
  return torch.sin(torch.range(1, n) * 1.7):view(...)
end

local x = function () return rows(4, 6) end

add('Ternary', function () return nn.Ternary {} end, x)
add('Ternary, learned', function () return nn.Ternary {learn = true} end, x)
add('Ternary, a threshold a unit', function ()
  return nn.Ternary {thresholds = {torch.full(6, -0.4), torch.full(6, 0.3)},
                     learn = 'thresholds', noise = 'always'}
end, x)
add('Ternary, expected', function ()
  return nn.Ternary {learn = true, expected = true}
end, x)
add('Binary', function () return nn.Binary {low = 0} end, x)
add('Binary, learned', function () return nn.Binary {learn = true} end, x)
for _, kernel in ipairs {'gaussian', 'relu', 'softplus'} do
  add('KAF, ' .. kernel, function ()
    return nn.KAF(6, {D = 5, kernel = kernel})
  end, x)
end
add('KAF, a sigma a unit', function ()
  return nn.KAF(6, {D = 5, learn_sigma = 'unit', init = 'tanh'})
end, x)
add('KAF, shared', function ()
  return nn.KAF {D = 5, shared = true, learn_sigma = true}
end, x)
add('KAF2D', function () return nn.KAF2D(6, {D = 3, learn_sigma = true}) end, x)
for name, class in pairs(nn) do
  if name:find '^L%u' and name ~= 'L1Cost' and name ~= 'LSTM'
     and name ~= 'LSTMCell' and type(class) == 'table'
     and class.activation then
    add(name, function () return class {} end, x)
    add('Lagrangian of ' .. name, function ()
      return nn.Lagrangian(class {})
    end, x)
  end
end
for _, name in ipairs {'LTanh', 'LSigmoid', 'LRexp', 'LExp'} do
  if nn[name] then
    add(name .. ', a beta a unit', function ()
      return nn[name] {beta = torch.range(1, 6) / 4}
    end, x)
  end
end

local function states (...)
  local sizes = {...}
  return function ()
    local out = {}
    for i, name in ipairs {'v', 'h'} do
      local all = {3, table.unpack(sizes[i])}
      out[name] = rows(table.unpack(all)) * 0.5
    end
    return out
  end
end
local function ham (name, v, h, synapse)
  add('HAM, ' .. name, function ()
    return nn.HAM {neurons = {v = {nn.LTanh {beta = 2}, table.unpack(v)},
                              h = {nn.LIdentity(), table.unpack(h)}},
                   connections = {{'v', 'h', synapse()},
                                  {'v', nn.HAMBias(table.unpack(v))}},
                   steps = 3}
  end, states(v, h))
end
ham('linear', {6}, {4}, function () return nn.HAMLinear(6, 4, true) end)
ham('convolution', {4, 4, 1}, {4, 4, 2}, function ()
  return nn.HAMConvolution {inputs = 1, outputs = 2}
end)
add('HAM, memory', function ()
  return nn.HAM {neurons = {v = {nn.LSoftmax {beta = 2}, 6}},
                 connections = {{'v', nn.HAMMemory(6, 4)}}, steps = 3}
end, function () return {v = rows(3, 6) * 0.5} end)
table.sort(list, function (a, b) return a.name < b.name end)

return list
