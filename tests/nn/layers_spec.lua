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

local elementwise = [[Sigmoid Tanh LogSigmoid SoftPlus GELU SiLU Mish TanhShrink
  SoftSign ELU SELU CELU HardSwish ReLU ReLU6 LeakyReLU Threshold HardTanh
  HardSigmoid HardShrink SoftShrink Abs Exp Log Sqrt Square Power Linear SoftMax
  SoftMin LogSoftMax]]

local parameters = {'weight', 'bias'}

local function tolerances (name)
  if name:find '_extremes' then return 1e-10, 1e-12 end
  return 1e-10, nil
end

local function build (case)
  local class = nn[case.op:match '^nn%.(.*)$']
  local f = make[case.op]
  local module = (f and f(class, case.args) or class()):double()
  for _, name in ipairs(parameters) do
    if case.inp[name] then
      module[name]:copy(golden.tensor(case.inp[name]))
    end
  end
  if case.args.train == false then module:evaluate() end
  return module
end

local function check (case)
  local module = build(case)
  local rtol, atol = tolerances(case.name)
  local function near (want, got, what)
    golden.near(golden.tensor(want), got, case.name .. ' ' .. what, rtol, atol)
  end
  local x, gy = golden.tensor(case.inp.x), golden.tensor(case.inp.gy)
  near(case.out.y, module:forward(x), 'output')
  near(case.out.gx, module:backward(x, gy), 'gradient of the input')
  for _, name in ipairs(parameters) do
    if case.inp[name] then
      local key = 'grad' .. name:sub(1, 1):upper() .. name:sub(2)
      near(case.out['g' .. name], module[key], 'gradient of ' .. name)
    end
  end
  local function f (v) return module:forward(v) end
  local y, pull = autograd.vjp(f, x)
  near(case.out.y, y, 'output under vjp')
  near(case.out.gx, pull(gy), 'gradient by vjp')
  if case.out.d2 then
    local d2 = autograd.grad(function (v)
      return autograd.grad(function (u) return f(u):sum() end)(v):sum()
    end)(x)
    near(case.out.d2, d2, 'second derivative')
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
