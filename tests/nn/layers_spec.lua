-- Layers against PyTorch's values: output, gradients of input and parameters
-- by backward, the same by autograd, second derivatives.

local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local golden = dofile 'tests/nn/golden.lua'

-- op -> arguments of the case -> module; nil: the class takes none
local make = {}

local function positional (...)
  local names = {...}
  return function (class, a)
    local values = {}
    for i, name in ipairs(names) do values[i] = a[name] end
    return class(table.unpack(values, 1, #names))
  end
end

make['nn.Linear'] = positional('inputSize', 'outputSize', 'bias')
make['nn.LeakyReLU'] = positional('negval')
make['nn.ELU'] = positional('alpha')
make['nn.CELU'] = positional('alpha')
make['nn.GELU'] = positional('approximate')
make['nn.SoftPlus'] = positional('beta', 'threshold')
make['nn.HardTanh'] = positional('min_value', 'max_value')
make['nn.HardShrink'] = positional('lambda')
make['nn.SoftShrink'] = positional('lambda')
make['nn.Threshold'] = positional('threshold', 'value')
make['nn.Power'] = positional('p')
make['nn.SoftMax'] = positional('dim')
make['nn.SoftMin'] = positional('dim')
make['nn.LogSoftMax'] = positional('dim')

make['nn.Bilinear'] = positional('inputSize1', 'inputSize2', 'outputSize',
                                 'bias')
make['nn.Maxout'] = positional('inputSize', 'outputSize', 'maxoutNumber')
make['nn.PairwiseDistance'] = positional('p', 'eps')
make['nn.Normalize'] = positional('p', 'eps')
make['nn.PReLU'] = positional('nOutputPlane')
make['nn.RReLU'] = positional('lower', 'upper')
make['nn.GatedLinearUnit'] = positional('dim')
make['nn.CReLU'] = positional('nInputDims')
make['nn.LookupTable'] = function (class, a)
  local m = class(a.nIndex, a.nOutput, a.paddingValue, a.maxNorm, a.normType)
  return a.scaleGradByFreq and m:scaleGradByFreq() or m
end
make['nn.BatchNormalization'] = positional('nOutput', 'eps', 'momentum',
                                           'affine')
make['nn.SpatialBatchNormalization'] = make['nn.BatchNormalization']
make['nn.LayerNorm'] = function (_, a)
  return nn.LayerNorm(a.normalizedShape, a.eps, a.affine)
end
make['nn.GroupNorm'] = positional('groups', 'nChannels', 'eps', 'affine')
make['nn.InstanceNorm'] = positional('nChannels', 'eps', 'affine')

local function convolution (class, a)
  local m
  if a.dilationW ~= 1 or a.dilationH ~= 1 then
    m = nn.SpatialDilatedConvolution(a.nInputPlane, a.nOutputPlane, a.kW, a.kH,
      a.dW, a.dH, a.padW, a.padH, a.dilationW, a.dilationH, a.groups)
  else
    m = class(a.nInputPlane, a.nOutputPlane, a.kW, a.kH, a.dW, a.dH, a.padW,
              a.padH, a.groups)
  end
  return m
end

make['nn.SpatialConvolution'] = convolution
make['nn.SpatialFullConvolution'] = function (class, a)
  local m = class(a.nInputPlane, a.nOutputPlane, a.kW, a.kH, a.dW, a.dH,
                  a.padW, a.padH, a.adjW, a.adjH, a.groups)
  m.dilationW, m.dilationH = a.dilationW, a.dilationH
  return m
end

local function pooling (class, a)
  local m = class(a.kW, a.kH, a.dW, a.dH, a.padW, a.padH, a.dilationW,
                  a.dilationH)
  if a.count_include_pad == false then m:setCountExcludePad() end
  return a.ceil and m:ceil() or m
end

make['nn.SpatialMaxPooling'] = pooling
make['nn.SpatialDilatedMaxPooling'] = pooling
make['nn.SpatialAveragePooling'] = pooling
make['nn.SpatialAdaptiveMaxPooling'] = positional('oW', 'oH')
make['nn.SpatialAdaptiveAveragePooling'] = positional('oW', 'oH')
make['nn.TemporalConvolution'] = positional('inputFrameSize',
                                            'outputFrameSize', 'kW', 'dW')
make['nn.TemporalMaxPooling'] = positional('kW', 'dW')

-- the reference's names for ours
local ours = {LayerNorm = 'LayerNormalization', GroupNorm =
  'GroupNormalization', InstanceNorm = 'InstanceNormalization'}

local elementwise = [[Sigmoid Tanh LogSigmoid SoftPlus GELU SiLU Mish TanhShrink
  SoftSign ELU SELU CELU HardSwish ReLU ReLU6 LeakyReLU Threshold HardTanh
  HardSigmoid HardShrink SoftShrink Abs Exp Log Sqrt Square Power Linear SoftMax
  SoftMin LogSoftMax Bilinear Maxout PairwiseDistance CosineDistance Normalize
  PReLU RReLU GatedLinearUnit CReLU LookupTable BatchNormalization
  SpatialBatchNormalization LayerNorm GroupNorm InstanceNorm SpatialConvolution
  SpatialFullConvolution SpatialMaxPooling SpatialDilatedMaxPooling
  SpatialAveragePooling SpatialAdaptiveMaxPooling SpatialAdaptiveAveragePooling
  TemporalConvolution TemporalMaxPooling]]

local parameters = {'weight', 'bias'}
local buffers = {'running_mean', 'running_var'}

local function tolerances (case)
  if case.name:find '_extremes' then return 1e-10, 1e-12 end
  -- our epsilon is added to the sum of the powers
  if case.args.eps_is and case.args.eps_is:find 'max' then return 1e-9 end
  return 1e-10, nil
end

local function build (case)
  local name = case.op:match '^nn%.(.*)$'
  local class, f = nn[ours[name] or name], make[case.op]
  local module = (f and f(class, case.args) or class()):double()
  for _, list in ipairs {parameters, buffers} do
    for _, key in ipairs(list) do
      if case.inp[key] then module[key]:copy(golden.tensor(case.inp[key])) end
    end
  end
  if case.name:find 'nobias' and module.noBias then module:noBias() end
  if case.args.train == false then module:evaluate() end
  return module
end

local function input_of (case)
  if case.inp.x1 then
    return {golden.tensor(case.inp.x1), golden.tensor(case.inp.x2)}
  end
  return golden.tensor(case.inp.x or case.inp.index)
end

-- Second derivatives, Jacobian-vector products.
local function check_second (case, f, x, gy, near)
  if case.out.d2 then
    near(case.out.d2, autograd.grad(function (v)
      return autograd.grad(function (u) return f(u):sum() end)(v):sum()
    end)(x), 'second derivative')
  end
  if case.inp.u then
    local u = golden.tensor(case.inp.u)
    local _, tangent = autograd.jvp(f, {x}, {u})
    near(case.out.ju, tangent, 'jvp')
    near(case.out.hx, autograd.grad(function (v)
      local _, p = autograd.vjp(f, v)
      return torch.cmul(p(gy), u):sum()
    end)(x), 'second order')
  end
end

local function check (case)
  local module, x = build(case), input_of(case)
  local rtol, atol = tolerances(case)
  local function near (want, got, what)
    golden.near(golden.tensor(want), got, case.name .. ' ' .. what, rtol, atol)
  end
  local function near_inputs (gx, what)
    if case.inp.x1 then
      near(case.out.gx1, gx[1], what)
      near(case.out.gx2, gx[2], what)
    elseif case.inp.x then
      near(case.out.gx, gx, what)
    end
  end
  near(case.out.y, module:forward(x), 'output')
  for _, key in ipairs(buffers) do
    if case.out[key] then near(case.out[key], module[key], key) end
  end
  if not case.inp.gy then -- a renormalised table
    return near(case.out.weight, module.weight, 'weight')
  end
  local gy = golden.tensor(case.inp.gy)
  near_inputs(module:backward(x, gy), 'gradient of the input')
  for _, name in ipairs(parameters) do
    if case.inp[name] then
      local key = 'grad' .. name:sub(1, 1):upper() .. name:sub(2)
      near(case.out['g' .. name], module[key], 'gradient of ' .. name)
    end
  end
  local apply, params = autograd.functionalize(module)
  local y, pull = autograd.vjp(apply, params, x)
  near(case.out.y, y, 'output under vjp')
  local gp, gx = pull(gy)
  near_inputs(gx, 'gradient by vjp')
  for _, name in ipairs(parameters) do
    if case.inp[name] then
      near(case.out['g' .. name], gp[1][name], 'vjp of ' .. name)
    end
  end
  local function f (v) return module:forward(v) end
  check_second(case, f, x, gy, near)
  near(case.out.y, autograd.jit(f)(x), 'output jitted')
end

describe('layers have the reference values:', function ()
  for name in elementwise:gmatch '%S+' do
    it('nn.' .. name, function ()
      local cases = golden.cases('layers', 'op', '^nn%.' .. name .. '$')
      assert.is_true(#cases > 0)
      for _, case in ipairs(cases) do check(case) end
    end)
  end
end)

-- A convolution over sequences [batch x channels x length] is one over images
-- of height 1.
describe('one-dimensional convolution', function ()
  for _, case in ipairs(golden.cases('layers', 'op', '^nn%.Conv1d$')) do
    it(case.name, function ()
      local a, inp, out = case.args, {}, {}
      for key, v in pairs(case.inp) do inp[key] = golden.tensor(v) end
      for key, v in pairs(case.out) do out[key] = golden.tensor(v) end
      local m = nn.SpatialDilatedConvolution(a.nInput, a.nOutput, a.kW, 1,
        a.dW, 1, a.padW, 0, a.dilationW, 1, a.groups):double()
      m.weight:copy(inp.weight:view(m.weight:size()))
      m.bias:copy(inp.bias)
      m:zeroGradParameters()
      local s = inp.x:size()
      local x = inp.x:view(s[1], s[2], 1, s[3])
      local y = m:forward(x)
      golden.near(out.y, y:view(out.y:size()), 'output')
      local gx = m:backward(x, inp.gy:view(y:size()))
      golden.near(out.gx, gx:view(s), 'gradient of the input')
      golden.near(out.gweight, m.gradWeight:view(out.gweight:size()), 'weight')
      golden.near(out.gbias, m.gradBias, 'bias')
    end)
  end
end)

describe('all cases of layers', function ()
  it('are run', function ()
    local other = {Conv1d = true} -- above; sequences_spec.lua has the others
    for name in ([[RNN LSTM GRU RNNCell LSTMCell GRUCell MultiHeadAttention
                   ScaledDotProductAttention]]):gmatch '%S+' do
      other[name] = true
    end
    for name in elementwise:gmatch '%S+' do other[name] = true end
    for _, case in ipairs(golden.cases 'layers') do
      assert.is_true(other[case.op:match '^nn%.(.*)$'], case.op)
    end
  end)
end)
