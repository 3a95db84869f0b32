-- Bad input of the research modules: each a text that names the argument, what
-- it may be, and what came.  A row: the whole text after the position, the
-- function, its arguments.

local torch = require 'torch'
local nn = require 'nn'
local F = nn.functional

local x = torch.zeros(3, 4)
local nan, inf = 0 / 0, math.huge

local function check (rows)
  for _, row in ipairs(rows) do
    local want = row[1]
    it(want, function ()
      local ok, text = pcall(row[2], table.unpack(row, 3, #row))
      assert.is_false(ok)
      assert.equal(want, (text:gsub('^.-:%d+: ', '')))
      assert.is_nil(text:find('?', 1, true))
    end)
  end
end

-- the module that make(...) makes, of input (default x)
local function forward (make, ...)
  local arguments = table.pack(...)
  return function (input)
    return make(table.unpack(arguments, 1, arguments.n)):forward(input or x)
  end
end

describe('bad input of Ternary and Binary', function ()
  local two = {torch.zeros(3), torch.ones(3)}
  local wide = 'a number or a tensor that broadcasts with [3 x 4] expected, '
  check {
    {'nn.Ternary: noise_sd: a finite number above 0 expected, got 0',
     nn.Ternary, {noise_sd = 0}},
    {'nn.Ternary: noise_sd: a finite number above 0 expected, got -0.5',
     nn.Ternary, {noise_sd = -0.5}},
    {'nn.Ternary: noise_sd: a finite number above 0 expected, got NaN',
     nn.Ternary, {noise_sd = nan}},
    {'nn.Ternary: noise_sd: a finite number above 0 expected, got inf',
     nn.Ternary, {noise_sd = inf}},
    {'nn.Ternary: noise_sd: a finite number above 0 expected, got -1',
     nn.Ternary, {noise_sd = torch.Tensor {0.1, -1}}},
    {'nn.Ternary: noise_sd: a number or a tensor expected, got the string a',
     nn.Ternary, {noise_sd = 'a'}},
    {'nn.Ternary: thresholds: the lower one first expected, got one that is 2 '
     .. 'above the other', nn.Ternary, {thresholds = {1, -1}}},
    {'nn.Ternary: thresholds: numbers expected, got NaN', nn.Ternary,
     {thresholds = {nan, 1}}},
    {'nn.Ternary: thresholds: numbers expected, got NaN', nn.Ternary,
     {thresholds = {torch.Tensor {-1, nan}, 1}}},
    {'nn.Ternary: thresholds: a table {lower, upper} expected, got a table of '
     .. '1', nn.Ternary, {thresholds = {1}}},
    {'nn.Ternary: thresholds: a table {lower, upper} expected, got the number '
     .. '3', nn.Ternary, {thresholds = 3}},
    {'nn.Ternary: thresholds[1]: a number or a tensor expected, got the string '
     .. 'a', nn.Ternary, {thresholds = {'a', 1}}},
    {"nn.Ternary: learn: true, false, 'thresholds' or 'noise_sd' expected, got "
     .. 'the string all', nn.Ternary, {learn = 'all'}},
    {"nn.Ternary: noise: 'training', 'always' or 'never' expected, got the "
     .. 'string off', nn.Ternary, {noise = 'off'}},
    {'nn.Ternary: expected: true or false expected, got the number 1',
     nn.Ternary, {expected = 1}},
    {'nn.Ternary: it has no option noise_sc; did you mean noise_sd',
     nn.Ternary, {noise_sc = 1}},
    {'nn.Ternary: a table of options expected, got the number 0.3',
     nn.Ternary, 0.3},
    {'nn.Ternary: thresholds[1]: ' .. wide .. 'got [3]',
     forward(nn.Ternary, {thresholds = two})},
    {'nn.Ternary: noise_sd: ' .. wide .. 'got [2 x 4]',
     forward(nn.Ternary, {noise_sd = torch.ones(2, 4)})},
    {'nn.Ternary: expected a tensor, got the string x', forward(nn.Ternary),
     'x'},
    {'nn.Binary: threshold: a number expected, got NaN', nn.Binary,
     {threshold = nan}},
    {'nn.Binary: threshold: a number or a tensor expected, got a table of 1',
     nn.Binary, {threshold = {1}}},
    {'nn.Binary: low: -1 or 0 expected, got the number 2', nn.Binary,
     {low = 2}},
    {"nn.Binary: learn: true, false, 'threshold' or 'noise_sd' expected, got "
     .. 'the string thresholds', nn.Binary, {learn = 'thresholds'}},
    {'nn.Binary: threshold: ' .. wide .. 'got [3]',
     forward(nn.Binary, {threshold = torch.ones(3)})},
    {'ternary: x: a tensor expected, got the number 3', F.ternary, 3, {-1, 1},
     0.3},
    {'ternary: noise_sd: a finite number above 0 expected, got 0', F.ternary,
     x, {-1, 1}, 0},
    {'ternary: noise_sd: a number or a tensor expected, got nil', F.ternary, x,
     {-1, 1}},
    {'ternary: key: a key (random.key(seed)), true or false expected, got the '
     .. 'number 3', F.ternary, x, {-1, 1}, 0.3, 3},
    {'ternary: key: ' .. wide .. 'got [3]', F.ternary, x, {-1, 1}, 0.3,
     torch.zeros(3)},
    {'ternary: a key is 2 int64 (random.key(seed)), got 3 x 2 int64',
     F.ternary, x, {-1, 1}, 0.3, torch.zeros(3, 2):long()},
    {'binary: low: -1 or 0 expected, got the number 5', F.binary, x, 0, 0.3,
     false, 5},
    {'expected_state: x: a number or a tensor expected, got the string x',
     F.expected_state, 'x', {-1, 1}, 0.3},
    {'expected_state: thresholds[2]: ' .. wide .. 'got [3]', F.expected_state,
     x, {-1, torch.ones(3)}, 0.3},
    {'expected_binary_state: low: -1 or 0 expected, got the number 0.5',
     F.expected_binary_state, x, 0, 0.3, 0.5},
    {'gaussian_cdf: sd: a finite number above 0 expected, got 0',
     F.gaussian_cdf, x, 0, 0},
    {'gaussian_cdf: x: a number or a tensor expected, got nil',
     F.gaussian_cdf},
    {'gaussian_pdf: mean: ' .. wide .. 'got [5]', F.gaussian_pdf, x,
     torch.zeros(5)},
    {'nn.Activation: a function of a tensor expected, got nil', nn.Activation},
    {'nn.Activation: its function returned nothing; a tensor expected',
     forward(nn.Activation, function () end)},
  }
end)

describe('bad input of KAF', function ()
  local alpha = torch.ones(4, 5)
  local ridge = {init = 'tanh', kernel = 'relu'}
  check {
    {'nn.KAF: number of units: an integer of at least 1 expected, got the '
     .. 'number 0', nn.KAF, 0},
    {'nn.KAF: number of units: an integer of at least 1 expected, got nil',
     nn.KAF},
    {'nn.KAF: D: an integer of at least 2 expected, got the number 1', nn.KAF,
     4, {D = 1}},
    {'nn.KAF: D: an integer of at least 2 expected, got the number 2.5',
     nn.KAF, 4, {D = 2.5}},
    {'nn.KAF: D: 2..256 centres of the gaussian kernel expected, got 300',
     nn.KAF, 4, {D = 300}},
    {'nn.KAF: boundary: a finite number above 0 expected, got 0', nn.KAF, 4,
     {boundary = 0}},
    {'nn.KAF: boundary: a finite number above 0 expected, got NaN', nn.KAF, 4,
     {boundary = nan}},
    {'nn.KAF: sigma: a finite number above 0 expected, got -1', nn.KAF, 4,
     {sigma = -1}},
    {'nn.KAF: sigma: a number, or a tensor [1] or [4] expected, got [2]',
     nn.KAF, 4, {sigma = torch.ones(2)}},
    {'nn.KAF: sigma: a number or a tensor of one entry expected, got [4]',
     nn.KAF, {shared = true, sigma = torch.ones(4)}},
    {"nn.KAF: kernel: 'gaussian', 'relu', 'softplus' or a function (x, c) "
     .. 'expected, got the string cubic', nn.KAF, 4, {kernel = 'cubic'}},
    {'nn.KAF: learn_sigma: only the gaussian kernel has a sigma', nn.KAF, 4,
     {learn_sigma = true, kernel = 'softplus'}},
    {'nn.KAF: learn_sigma: true or false expected, got the string each',
     nn.KAF, 4, {learn_sigma = 'each'}},
    {"nn.KAF: learn_sigma: true or false expected, got 'unit': one function is "
     .. 'shared by all units', nn.KAF, {shared = true, learn_sigma = 'unit'}},
    {'nn.KAF: shared: true or false expected, got the number 1', nn.KAF, 4,
     {shared = 1}},
    {'nn.KAF: it has no option bundary; did you mean boundary', nn.KAF, 4,
     {bundary = 1}},
    {'nn.KAF: expected [*, 5], got [3 x 4]', forward(nn.KAF, 5)},
    {'nn.KAF: expected [batch x 3 x height x width], got [2 x 4 x 5 x 5]',
     forward(nn.KAF, 3, {channels = true}), torch.zeros(2, 4, 5, 5)},
    {'nn.KAF: kernel: the relu kernel has no ridge regression (its matrix '
     .. "is singular); use 'gaussian' or 'softplus', or init = 'random'",
     nn.KAF, 4, ridge},
    {'nn.KAF: the system is singular; a larger eps (got 0), or a sigma (got '
     .. "1e+06) nearer to the centres' distance 0.315789, makes it regular",
     nn.KAF, 4, {init = 'tanh', eps = 0, sigma = 1e6}},
    {"nn.KAF: init: 'random', 'relu', 'tanh', 'elu' or a function of a number "
     .. 'expected, got the string cos', nn.KAF, 4, {init = 'cos'}},
    {'nn.KAF: init: a function that gives a finite number at -3 expected, '
     .. 'got nil', nn.KAF, 4, {init = function () end}},
    {'nn.KAF: init: a function that gives a finite number at -3 expected, '
     .. 'got the number NaN', nn.KAF, 4, {init = function () return nan end}},
    {'nn.KAF: eps: a finite number of at least 0 expected, got the number '
     .. '-1', nn.KAF, 4, {init = 'tanh', eps = -1}},
    {'kaf: x: a tensor expected, got the number 1', F.kaf, 1, alpha},
    {'kaf: x is [3 x 4], alpha is for 2 units (the last dimension)', F.kaf, x,
     torch.ones(2, 5)},
    {'kaf: alpha: a tensor [units x D] or [D] with D of at least 2 expected, '
     .. 'got [4 x 1]', F.kaf, x, torch.ones(4, 1)},
    {'kaf: sigma: a number, or a tensor [1] or [4] expected, got [3]', F.kaf,
     x, alpha, {sigma = torch.ones(3)}},
    {'kaf: sigma: a finite number above 0 expected, got 0', F.kaf, x, alpha,
     {sigma = 0}},
    {'kaf: D: 2..256 centres of the relu kernel expected, got 257', F.kaf, x,
     torch.ones(4, 257), {kernel = 'relu'}},
    {'kaf: kernel: a function (x, c) that gives [3 x 4] for such an x '
     .. 'expected, got the number 1', F.kaf, x, alpha,
     {kernel = function () return 1 end}},
    {'nn.KAF2D: number of inputs: an even number expected, got 3', nn.KAF2D, 3},
    {'nn.KAF2D: D: an integer of at least 2 expected, got the number 1',
     nn.KAF2D, 4, {D = 1}},
    {'nn.KAF2D: sigma: a number, or a tensor [1] or [2] expected, got [3]',
     nn.KAF2D, 4, {sigma = torch.ones(3)}},
    {'nn.KAF2D: expected [*, 6], got [3 x 4]', forward(nn.KAF2D, 6)},
    {'nn.KAF2D: expected [*, 4], got [3]', forward(nn.KAF2D, 4),
     torch.zeros(3)},
    {'kaf2d: x is [3 x 4], alpha is for 3 pairs: [N x 6] expected', F.kaf2d, x,
     torch.ones(3, 9)},
    {'kaf2d: alpha: a tensor [pairs x D * D] with D of at least 2 expected, '
     .. 'got [2 x 8]', F.kaf2d, x, torch.ones(2, 8)},
  }
end)

describe('bad input of Lagrangians', function ()
  local L = F.lagrangian
  local one = 'a number or a tensor of one entry expected, got '
  local axis = "a dimension (1 the first, -1 the last) or 'all' expected, got "
  check {
    {'nn.LTanh: beta: a number of at least min_beta = 0.5 expected, got 0.25',
     nn.LTanh, {beta = 0.25, min_beta = 0.5}},
    {'nn.LTanh: beta: a number of at least min_beta = 1e-06 expected, got -1',
     nn.LTanh, {beta = torch.Tensor {1, -1}}},
    {'nn.LExp: beta: a number of at least min_beta = 1e-06 expected, got NaN',
     nn.LExp, nan},
    {'nn.LTanh: beta: a number or a tensor expected, got the string a',
     nn.LTanh, {beta = 'a'}},
    {'nn.LTanh: min_beta: a finite number above 0 expected, got 0', nn.LTanh,
     {min_beta = 0}},
    {'nn.LTanh: it has no option bata; did you mean beta', nn.LTanh,
     {bata = 1}},
    {'nn.LSigmoid: scale: a number of at least 0 expected, got -2',
     nn.LSigmoid, {scale = -2}},
    {'nn.LSigmoid: scale: a number of at least 0 expected, got NaN',
     nn.LSigmoid, {scale = torch.Tensor {1, nan}}},
    {'nn.LLayerNorm: gamma: a number of at least 0 expected, got -1',
     nn.LLayerNorm, {gamma = -1}},
    {'nn.LSphericalNorm: eps: a number of at least 0 expected, got -1',
     nn.LSphericalNorm, {eps = -1}},
    {'nn.LRepu: n: a number of at least 1 expected, got 0.5', nn.LRepu, 0.5},
    {'nn.LSoftmax: axis: ' .. axis .. 'the number 0', nn.LSoftmax, {axis = 0}},
    {'nn.LSoftmax: axis: ' .. axis .. 'the number 1.5', nn.LSoftmax,
     {axis = 1.5}},
    {'nn.LLayerNorm: axis: ' .. axis .. 'the string rows', nn.LLayerNorm,
     {axis = 'rows'}},
    {"nn.LSoftmax: axis: 1..2, -2..-1 or 'all' expected, got the number "
     .. '3', forward(nn.LSoftmax, {axis = 3})},
    {"nn.LLayerNorm: axis: 1..2, -2..-1 or 'all' expected, got the "
     .. 'number -3', forward(nn.LLayerNorm, {axis = -3})},
    {'nn.LTanh: beta: a number or a tensor that broadcasts with [3 x 4] '
     .. 'expected, got [3]', forward(nn.LTanh, {beta = torch.ones(3)})},
    {'nn.LSigmoid: scale: a number or a tensor that broadcasts with '
     .. '[3 x 4] expected, got [2 x 3 x 4]',
     forward(nn.LSigmoid, {scale = torch.ones(2, 3, 4)})},
    {'nn.LSoftmax: beta: ' .. one .. '[4]',
     forward(nn.LSoftmax, {beta = torch.ones(4)})},
    {'nn.LLayerNorm: gamma: ' .. one .. '[4]',
     forward(nn.LLayerNorm, {gamma = torch.ones(4)})},
    {'nn.LLayerNorm: delta: a number or a tensor that broadcasts with '
     .. '[3 x 4] expected, got [3]',
     forward(nn.LLayerNorm, {delta = torch.ones(3)})},
    {'nn.LTanh: expected a tensor with at least 1 dimension, got a number',
     forward(nn.LTanh), 3},
    {'lagrangian.tanh: beta: a finite number above 0 expected, got -1', L.tanh,
     x, {beta = torch.Tensor {-1}}},
    {'lagrangian.sigmoid: scale: a number of at least 0 expected, got -1',
     L.sigmoid, x, {scale = -1}},
    {'lagrangian.tanh: it has no option axis', L.tanh, x, {axis = 1}},
    {'lagrangian.tanh: a table of options expected, got the number 3', L.tanh,
     x, 3},
    {'lagrangian.exp: x: a tensor expected, got the number 3', L.exp, 3},
    {'tempered_sigmoid: x: a tensor expected, got nil', F.tempered_sigmoid},
    {'tempered_sigmoid: beta: a finite number above 0 expected, got 0',
     F.tempered_sigmoid, x, 0},
    {'tempered_sigmoid: scale: a number of at least 0 expected, got -1',
     F.tempered_sigmoid, x, 1, -1},
    {'nn.Lagrangian: a Lagrangian (nn.LTanh{...}, or a function from a tensor '
     .. 'to a number) expected, got the number 3', nn.Lagrangian, 3},
    {'nn.Lagrangian: a number expected of the Lagrangian, got [3 x 4]',
     forward(nn.Lagrangian, torch.tanh)},
  }
end)

describe('bad input of associative memories', function ()
  local identity = nn.LIdentity
  local function ham (...)
    return nn.HAM {neurons = {v = {identity(), 2}, h = {identity(), 3}},
                   connections = {...}}
  end
  local function descend (options)
    return function ()
      options.states = options.states
                       or {v = torch.zeros(2), h = torch.zeros(3)}
      return ham {'v', 'h', nn.HAMLinear(2, 3)}:descend(options)
    end
  end
  local function one (options)
    return function ()
      options.neurons = options.neurons or {x = {identity(), 2}}
      options.connections = options.connections or {}
      return nn.HAM(options)
    end
  end
  local function energy (synapse, ...)
    local list = {...}
    return function () return synapse:forward(list) end
  end
  local D = 'nn.HAM: descend: '
  check {
    {'nn.HAM: tables neurons and connections expected, got nil and nil',
     nn.HAM, {}},
    {'nn.HAM: neurons: at least one layer expected, got none',
     one {neurons = {}}},
    {'nn.HAM: neurons: name = {Lagrangian, sizes...} expected, got x = the '
     .. 'number 3', one {neurons = {x = 3}}},
    {'nn.HAM: neurons: x = {Lagrangian, sizes...} expected, got no size',
     one {neurons = {x = {identity()}}}},
    {'nn.HAM: size of layer x: an integer of at least 1 expected, got the '
     .. 'number 0', one {neurons = {x = {identity(), 0}}}},
    {'nn.HAM: connection #1: a synapse expected at its end, got the number 3',
     one {connections = {3}}},
    {'nn.HAM: connection #1: a synapse expected at its end, got the string x',
     one {connections = {{'x'}}}},
    {'nn.HAM: connection #1: names of layers before its synapse expected, got '
     .. 'none', one {connections = {{nn.HAMBias(2)}}}},
    {'nn.HAM: connection #1: there is no layer y; the layers are x',
     one {connections = {{'x', 'y', nn.HAMLinear(2, 3)}}}},
    {'nn.HAM: connection #1: nn.HAMLinear connects layers of sizes [3], [2], '
     .. 'got v [2], h [3]', ham, {'v', 'h', nn.HAMLinear(3, 2)}},
    {'nn.HAM: connection #2: nn.HAMBias connects layers of sizes [2 x 2], got '
     .. 'v [2]', ham, {'v', nn.HAMBias(2)}, {'v', nn.HAMBias(2, 2)}},
    {'nn.HAM: connection #1: nn.HAMMemory connects layers of sizes [3], got v '
     .. '[2]', ham, {'v', nn.HAMMemory(3, 2)}},
    {'nn.HAM: connection #1: nn.HAMEdge connects layers of sizes [2], [3], '
     .. '[4], got v [2], h [3]', ham, {'v', 'h', nn.HAMEdge(2, 3, 4)}},
    {'nn.HAM: step: a finite number above 0 expected, got -1',
     one {step = -1}},
    {'nn.HAM: steps: an integer of at least 0 expected, got the number 0.5',
     one {steps = 0.5}},
    {'nn.HAM: tau: a finite number above 0 expected, got 0', one {tau = 0}},
    {'nn.HAM: tau: there is no layer y; the layers are x',
     one {tau = {y = 1}}},
    {D .. 'states: a table of tensors expected, got the number 3',
     descend {states = 3}},
    {D .. 'states: layer v: expected [2], got nil',
     descend {states = {h = torch.zeros(3)}}},
    {D .. 'states: layer v: expected [4 x 2], got [5 x 2]',
     descend {states = {h = torch.zeros(4, 3), v = torch.zeros(5, 2)}}},
    {D .. 'states: there is no layer z; the layers are h, v',
     descend {states = {z = torch.zeros(4, 3)}}},
    {D .. 'step: a finite number above 0 expected, got 0', descend {step = 0}},
    {D .. 'steps: an integer of at least 0 expected, got the number -1',
     descend {steps = -1}},
    {D .. 'tau: a finite number above 0 expected, got -1', descend {tau = -1}},
    {D .. 'tau: there is no layer z; the layers are h, v',
     descend {tau = {z = 1}}},
    {D .. 'keep: a table name -> number or tensor expected, got the number 3',
     descend {keep = 3}},
    {D .. 'keep of layer v: a number or a tensor that broadcasts with [2] '
     .. 'expected, got [3]', descend {keep = {v = torch.ones(3)}}},
    {D .. 'tolerance: a number of at least 0 expected, got the number -1',
     descend {tolerance = -1}},
    {D .. 'monotone: true or false expected, got the number 1',
     descend {monotone = 1}},
    {D .. 'it has no option stepz; did you mean step', descend {stepz = 1}},
    {'nn.HAM: connection #1: an energy, a number, of nn.Identity expected, got '
     .. 'a table of 1', function ()
      local m = ham {'v', nn.Identity()}
      return m:energy(m:zeros())
    end},
    {'nn.HAMLinear: m: an integer of at least 1 expected, got nil',
     nn.HAMLinear, 2},
    {'nn.HAMLinear: expected a list of 2 activations, got a table of 1',
     energy(nn.HAMLinear(2, 3), torch.zeros(2))},
    {'nn.HAMLinear: expected activations [3], got [2]',
     energy(nn.HAMLinear(2, 3), torch.zeros(2), torch.zeros(2))},
    {'nn.HAMBias: size: an integer of at least 1 expected, got nil',
     nn.HAMBias},
    {'nn.HAMBias: expected activations [2], got [3]',
     energy(nn.HAMBias(2), torch.zeros(3))},
    {'nn.HAMEdge: k: an integer of at least 1 expected, got nil', nn.HAMEdge,
     2, 3},
    {'nn.HAMEdge: expected activations [4], got [3]',
     energy(nn.HAMEdge(2, 3, 4), torch.zeros(2), torch.zeros(3),
            torch.zeros(3))},
    {'nn.HAMConvolution: inputs: an integer of at least 1 expected, got nil',
     nn.HAMConvolution},
    {'nn.HAMConvolution: stride: an integer of at least 1 expected, got the '
     .. 'number 0', nn.HAMConvolution, {inputs = 1, outputs = 1, stride = 0}},
    {"nn.HAMConvolution: padding: 'same' or 'valid' expected, got the string "
     .. 'no', nn.HAMConvolution, {inputs = 1, outputs = 1, padding = 'no'}},
    {'nn.HAMConvolution: expected activations [height x width x 1], got '
     .. '[5 x 5 x 2]', energy(nn.HAMConvolution {inputs = 1, outputs = 2},
                              torch.zeros(5, 5, 2), torch.zeros(5, 5, 2))},
    {'nn.HAMConvolution: expected second activations [5 x 5 x 2], got '
     .. '[5 x 5 x 1]', energy(nn.HAMConvolution {inputs = 1, outputs = 2},
                              torch.zeros(5, 5, 1), torch.zeros(5, 5, 1))},
    {'nn.HAMMemory: beta: a finite number above 0 expected, got 0',
     nn.HAMMemory, 3, 2, {beta = 0}},
    {"nn.HAMMemory: kind: 'lse' or 'power' expected, got the string x",
     nn.HAMMemory, 3, 2, {kind = 'x'}},
    {'nn.HAMMemory: power: a number of at least 1 expected, got the number 0',
     nn.HAMMemory, 3, 2, {kind = 'power', power = 0}},
    {'nn.HAMMemory: expected activations [3], got [2]',
     energy(nn.HAMMemory(3, 2), torch.zeros(2))},
  }
end)
