-- nn.RNN, nn.LSTM, nn.GRU (inputSize, hiddenSize[, layers = 1]) for sequences
-- [time x batch x size], and their cells for one step.  nn.RNN takes 'relu' in
-- place of 'tanh' as its last argument.
--
-- forward(x) starts from zeros and gives y [time x batch x hidden];
-- forward{x, h0} (for LSTM {x, h0, c0}) gives {y, h} ({y, h, c}), the states
-- [layers x batch x hidden].  A cell takes {x, h} and gives h; LSTMCell takes
-- {x, h, c} and gives {h, c}.
--
-- Rows of the weights: LSTM i f g o, GRU r z n.
--   RNN   h = tanh(W x + b + U h + c)
--   LSTM  c = f c + i g, h = o tanh(c)
--   GRU   n = tanh(W_n x + b_n + r (U_n h + c_n)), h = (1 - z) n + z h

local torch = require 'torch'
local errors = require 'nn.errors'
local maker = require 'nn.maker'

local nn = require 'nn'

local tanh, sigmoid, cmul = torch.tanh, torch.sigmoid, torch.cmul

-- One step from the products a = W x + b and u = U h + c, [batch x gates].
local steps = {}

function steps.RNN (self, a, u)
  local z = a + u
  return self.nonlinearity == 'relu' and torch.relu(z) or tanh(z)
end

local function part (z, i, n) return z:narrow(2, (i - 1) * n + 1, n) end

function steps.LSTM (self, a, u, _, c)
  local z, n = a + u, self.hiddenSize
  c = cmul(sigmoid(part(z, 2, n)), c)
      + cmul(sigmoid(part(z, 1, n)), tanh(part(z, 3, n)))
  return cmul(sigmoid(part(z, 4, n)), tanh(c)), c
end

function steps.GRU (self, a, u, h)
  local n = self.hiddenSize
  local r = sigmoid(part(a, 1, n) + part(u, 1, n))
  local z = sigmoid(part(a, 2, n) + part(u, 2, n))
  local new = tanh(part(a, 3, n) + cmul(r, part(u, 3, n)))
  return cmul(1 - z, new) + cmul(z, h)
end

local gates = {RNN = 1, LSTM = 4, GRU = 3}

-- The parameters of a layer, their names ending in `ending`.
local function build (self, kind, ending, inputs)
  local rows, n = gates[kind] * self.hiddenSize, self.hiddenSize
  for _, spec in ipairs {{'weight_ih', {rows, inputs}},
                         {'weight_hh', {rows, n}}, {'bias_ih', {rows}},
                         {'bias_hh', {rows}}} do
    local name = spec[1] .. ending
    maker.parameter(self, name, spec[2])
    table.insert(self.parameterNames, name)
  end
end

local function start (self, kind, inputSize, hiddenSize, nonlinearity)
  local name = torch.typename(self)
  self.inputSize = errors.integer(name, 'input size', inputSize)
  self.hiddenSize = errors.integer(name, 'hidden size', hiddenSize)
  self.parameterNames = {}
  if kind == 'RNN' then
    self.nonlinearity = nonlinearity or 'tanh'
    if self.nonlinearity ~= 'tanh' and self.nonlinearity ~= 'relu' then
      errors.raise("%s: nonlinearity: 'tanh' or 'relu' expected, got %s", name,
                   errors.shape(nonlinearity))
    end
  end
end

-- All parameters from U(-r, r), r = 1 / sqrt(hidden size).
local function reset (self, stdv)
  return maker.uniform(self, self.parameterNames, self.hiddenSize, stdv)
end

local function check (self, x, dims, wanted)
  errors.check(self, x, dims, dims, wanted:format(self.inputSize))
  if x:size(dims) ~= self.inputSize then
    errors.fail(self, 'expected %s, got %s', wanted:format(self.inputSize),
                errors.shape(x))
  end
end

local function describe (self)
  return ('%s(%d -> %d%s)'):format(torch.typename(self), self.inputSize,
    self.hiddenSize, (self.layers or 1) > 1
    and (', %d layers'):format(self.layers) or '')
end

local function define_cell (kind)
  local C, parent = torch.class('nn.' .. kind .. 'Cell', 'nn.Module', nn)

  function C:__init (inputSize, hiddenSize, nonlinearity)
    parent.__init(self)
    start(self, kind, inputSize, hiddenSize, nonlinearity)
    build(self, kind, '', self.inputSize)
    self:reset()
  end

  C.reset, C.__tostring__ = reset, describe

  function C:compute (input)
    local x, h, c = errors.tensors(self, input, kind == 'LSTM' and 3 or 2)
    check(self, x, 2, '[batch, %d]')
    for _, state in ipairs {h, c} do
      if state:dim() ~= 2 or state:size(1) ~= x:size(1)
         or state:size(2) ~= self.hiddenSize then
        errors.fail(self, 'expected states [%d x %d], got %s', x:size(1),
                    self.hiddenSize, errors.shape(state))
      end
    end
    local a = x * self.weight_ih:t() + self.bias_ih
    local u = h * self.weight_hh:t() + self.bias_hh
    h, c = steps[kind](self, a, u, h, c)
    return c and {h, c} or h
  end
end

-- One layer over the whole sequence x [time x batch x size].
local function layer (self, kind, ending, x, h, c)
  local time, n = x:size(1), x:size(2)
  local a = x:reshape(time * n, x:size(3)) * self['weight_ih' .. ending]:t()
            + self['bias_ih' .. ending]
  a = a:view(time, n, a:size(2))
  local w, b = self['weight_hh' .. ending]:t(), self['bias_hh' .. ending]
  local outputs = {}
  for t = 1, time do
    h, c = steps[kind](self, a:select(1, t), h * w + b, h, c)
    outputs[t] = h
  end
  return torch.stack(outputs, 1), h, c
end

-- Checks the i-th entry of the input: states of all layers at the start.
local function check_state (self, x, state, i)
  if state == nil then return end
  local n = torch.isTensor(state) and state:dim() == 3 and state:size(1)
  if n ~= self.layers or state:size(2) ~= x:size(2)
     or state:size(3) ~= self.hiddenSize then
    errors.fail(self, 'expected states [%d x %d x %d] as #%d, got %s',
                self.layers, x:size(2), self.hiddenSize, i,
                errors.shape(state))
  end
end

local MOST = 1024 -- layers

local function define (kind)
  local C, parent = torch.class('nn.' .. kind, 'nn.Module', nn)

  function C:__init (inputSize, hiddenSize, layers, nonlinearity)
    parent.__init(self)
    start(self, kind, inputSize, hiddenSize, nonlinearity)
    self.layers = errors.integer('nn.' .. kind, 'number of layers',
                                 layers or 1)
    if self.layers > MOST then
      errors.raise('nn.%s: number of layers: 1..%d expected, got %d', kind,
                   MOST, self.layers)
    end
    for k = 1, self.layers do
      build(self, kind, '_' .. k, k == 1 and self.inputSize
            or self.hiddenSize)
    end
    self:reset()
  end

  C.reset, C.__tostring__ = reset, describe

  function C:compute (input)
    local x, h0, c0 = input, nil, nil
    local with_states = not torch.isTensor(input)
    if with_states then
      if type(input) ~= 'table' then
        check(self, input, 3, '[time, batch, %d]')
      end
      x, h0, c0 = table.unpack(input)
    end
    check(self, x, 3, '[time, batch, %d]')
    if x:size(1) == 0 then
      errors.fail(self, 'expected at least one step of time, got %s',
                  errors.shape(x))
    end
    check_state(self, x, h0, 2)
    check_state(self, x, c0, 3)
    local zeros = torch.zeros(x:size(2), self.hiddenSize,
                              {dtype = x:dtype()})
    local hs, cs = {}, {}
    for k = 1, self.layers do
      local c = kind == 'LSTM' and (c0 and c0[k] or zeros) or nil
      x, hs[k], cs[k] = layer(self, kind, '_' .. k, x, h0 and h0[k] or zeros,
                              c)
    end
    if not with_states then return x end
    return {x, torch.stack(hs, 1), kind == 'LSTM' and torch.stack(cs, 1)
            or nil}
  end
end

for kind in pairs(gates) do
  define_cell(kind)
  define(kind)
end
