-- Recurrent layers and attention against PyTorch's values: outputs, and the
-- gradients of all inputs and parameters, by backward and by autograd.

local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local golden = dofile 'tests/nn/golden.lua'

-- The module, the names of its inputs and outputs in the case, and its
-- parameters' names there.
local function setup (case)
  local a, kind = case.args, case.op:match '^nn%.(.*)$'
  local inputs, outputs, names = {}, {}, nil
  local function take (list, out, where)
    for name in list:gmatch '%S+' do
      if where[name] ~= nil then out[#out + 1] = name end
    end
  end
  local m
  if kind:find 'Cell$' then
    m = nn[kind](a.inputSize, a.hiddenSize, a.nonlinearity)
    take('x h c', inputs, case.inp)
    take('hn cn', outputs, case.out)
  elseif kind == 'ScaledDotProductAttention' then
    m = nn.Attention(a.causal, a.scale)
    take('q k v mask', inputs, case.inp)
    take('y', outputs, case.out)
  elseif kind == 'MultiHeadAttention' then
    m = nn.MultiHeadAttention(a.embed, a.heads, {kdim = a.kdim, vdim = a.vdim,
      causal = a.causal, attention = true})
    take('q k v ignored', inputs, case.inp)
    take('y attention', outputs, case.out)
  else
    m = nn[kind](a.inputSize, a.hiddenSize, a.layers, a.nonlinearity)
    take('x h0 c0', inputs, case.inp)
    take('y hn cn', outputs, case.out)
    names = function (name) -- weight_ih_1 is weight_ih_l0 there
      local stem, k = name:match '^(.*)_(%d+)$'
      return ('%s_l%d'):format(stem, k - 1)
    end
  end
  return m:double(), inputs, outputs, names or function (name) return name end
end

local function check (case)
  local m, inputs, outputs, there = setup(case)
  if not case.op:find 'ScaledDot' then
    for _, name in ipairs(m.parameterNames) do
      m[name]:copy(golden.tensor(case.inp[there(name)]))
    end
  end
  local function near (want, got, what)
    golden.near(golden.tensor(want), got, case.name .. ' ' .. what)
  end
  local x, gy = {}, {}
  for i, name in ipairs(inputs) do x[i] = golden.tensor(case.inp[name]) end
  for i, name in ipairs(outputs) do
    gy[i] = golden.tensor(case.inp['g' .. name])
  end
  local single = #inputs == 1
  local arg = single and x[1] or x
  local table_out = #outputs > 1
  local function compare (y, gx, grad_of, how)
    for i, name in ipairs(outputs) do
      near(case.out[name], table_out and y[i] or y, how .. name)
    end
    for i, name in ipairs(inputs) do
      if case.out['g' .. name] then
        near(case.out['g' .. name], single and gx or gx[i],
             how .. 'gradient of ' .. name)
      end
    end
    for _, name in ipairs(grad_of and m.parameterNames or {}) do
      near(case.out['g' .. there(name)], grad_of(name),
           how .. 'gradient of ' .. name)
    end
  end
  local g = table_out and gy or gy[1]
  local plain = case.op:find 'ScaledDot'
  local y = m:forward(arg)
  compare(y, m:backward(arg, g), not plain and function (name)
    return m['grad' .. name:sub(1, 1):upper() .. name:sub(2)]
  end or nil, '')
  local f, params = autograd.functionalize(m)
  local out, pull = autograd.vjp(f, params, arg)
  local gp, gx = pull(g)
  compare(out, gx, not plain and function (name) return gp[1][name] end or nil,
          'by vjp: ')
end

describe('sequences have the reference values:', function ()
  for _, name in ipairs {'RNN', 'LSTM', 'GRU', 'RNNCell', 'LSTMCell',
                         'GRUCell', 'ScaledDotProductAttention',
                         'MultiHeadAttention'} do
    it('nn.' .. name, function ()
      local cases = golden.cases('layers', 'op', '^nn%.' .. name .. '$')
      assert.is_true(#cases > 0)
      for _, case in ipairs(cases) do check(case) end
    end)
  end
end)

describe('nn.LSTM', function ()
  it('starts from zeros', function ()
    local m = nn.LSTM(3, 4, 2)
    local x = torch.randn(5, 2, 3)
    local zeros = torch.zeros(2, 2, 4)
    assert(torch.equal(m:forward(x), m:forward({x, zeros, zeros})[1]))
  end)
end)

describe('nn.MultiHeadAttention', function ()
  it('wants its options in a table', function ()
    assert.error_matches(function () nn.MultiHeadAttention(4, 2, 3) end,
      'nn.MultiHeadAttention: options: a table expected, got the number 3')
  end)
end)
