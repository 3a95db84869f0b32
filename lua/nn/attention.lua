-- nn.Attention and nn.MultiHeadAttention.

local torch = require 'torch'
local errors = require 'nn.errors'
local maker = require 'nn.maker'

local nn = require 'nn'

-- The mask [length x keys] that lets position i see keys 1..i.
local function causal_mask (length, keys)
  local row = torch.arange(1, keys + 1):view(1, keys)
  local column = torch.arange(1, length + 1):view(length, 1)
  return torch.le(row, column)
end

-- softmax(scale q k') of the allowed keys; mask: bool (true = may attend), or
-- numbers that are added to the scores.  Shapes [... x length x size].
local function weights (q, k, scale, mask, causal)
  local scores = torch.matmul(q, k:transpose(k:dim() - 1, k:dim())) * scale
  if mask and mask:dtype() == 'bool' then
    scores = torch.where(mask, scores, -math.huge)
  elseif mask then
    scores = scores + mask
  end
  if causal then
    local n = scores:dim()
    scores = torch.where(causal_mask(scores:size(n - 1), scores:size(n)),
                         scores, -math.huge)
  end
  return torch.softmax(scores, scores:dim())
end

-- nn.Attention([causal[, scale]]): {q, k, v[, mask]} to
-- softmax(scale q k') v, q [... x length x size], k [... x keys x size],
-- v [... x keys x size of y]; scale is 1 / sqrt(size).  The mask, [length x
-- keys], is bool (true = may attend) or added to the scores.
local Attention, attention_parent = torch.class('nn.Attention', 'nn.Module',
                                                nn)

function Attention:__init (causal, scale)
  attention_parent.__init(self)
  self.causal, self.scale = causal or false, scale
end

function Attention:compute (input)
  if type(input) ~= 'table' or #input < 3 then
    errors.fail(self, 'expected a table of q, k and v, got %s',
                errors.shape(input))
  end
  local q, k, v, mask = errors.tensors(self, input, 3)
  for _, t in ipairs {q, k, v} do
    errors.check(self, t, 2, 8, 'q, k and v of at least 2 dimensions')
  end
  local n = q:dim()
  if k:size(k:dim()) ~= q:size(n) or k:size(k:dim() - 1)
     ~= v:size(v:dim() - 1) then
    errors.fail(self, 'expected q, k and v that fit, got %s, %s and %s',
                errors.shape(q),
                errors.shape(k), errors.shape(v))
  end
  local scale = self.scale or 1 / math.sqrt(q:size(n))
  return torch.matmul(weights(q, k, scale, mask, self.causal), v)
end

-- nn.MultiHeadAttention(embed, heads[, {kdim =, vdim =, causal =,
-- attention =}]): x [batch x length x embed] attends to itself, or for a table
-- {q, k, v[, ignored]} to other sequences; ignored [batch x keys] is true for
-- keys to leave out.  With attention = true the output is a table {y,
-- attention}, the latter averaged over the heads.
local Multi, multi_parent = torch.class('nn.MultiHeadAttention', 'nn.Module',
                                        nn)

function Multi:__init (embed, heads, options)
  multi_parent.__init(self)
  local o = options or {}
  if type(o) ~= 'table' then
    errors.raise('nn.MultiHeadAttention: options: a table expected, got %s',
                 errors.shape(o))
  end
  self.embed = errors.integer('nn.MultiHeadAttention', 'embed', embed)
  self.heads = errors.integer('nn.MultiHeadAttention', 'heads', heads)
  if embed % heads ~= 0 then
    errors.raise('nn.MultiHeadAttention: %d heads do not divide %d', heads,
                 embed)
  end
  self.kdim, self.vdim = o.kdim or embed, o.vdim or embed
  self.causal, self.attention = o.causal or false, o.attention or false
  self.parameterNames = {'in_proj_bias', 'out_proj_weight', 'out_proj_bias'}
  local function add (name, sizes)
    maker.parameter(self, name, sizes)
    table.insert(self.parameterNames, 1, name)
  end
  if self.kdim == embed and self.vdim == embed then
    add('in_proj_weight', {3 * embed, embed})
  else
    add('v_proj_weight', {embed, self.vdim})
    add('k_proj_weight', {embed, self.kdim})
    add('q_proj_weight', {embed, embed})
  end
  maker.parameter(self, 'in_proj_bias', {3 * embed})
  maker.parameter(self, 'out_proj_weight', {embed, embed})
  maker.parameter(self, 'out_proj_bias', {embed})
  self:reset()
end

-- Weights from U(-r, r), r = sqrt(6 / (inputs + outputs)); biases 0.
function Multi:reset ()
  for _, name in ipairs(self.parameterNames) do
    local p = self[name]
    if p:dim() == 2 then
      local r = math.sqrt(6 / (p:size(1) + p:size(2)))
      p:uniform(-r, r)
    else
      p:zero()
    end
  end
  return self
end

-- The i-th projection of x [batch x length x size] as heads
-- [batch x heads x length x size / heads].
local function project (self, x, i, name)
  local e = self.embed
  local w = self.in_proj_weight
            and self.in_proj_weight:narrow(1, (i - 1) * e + 1, e)
            or self[name]
  if x:dim() ~= 3 or x:size(3) ~= w:size(2) then
    errors.fail(self, 'expected [batch, length, %d], got %s', w:size(2),
                errors.shape(x))
  end
  local n, length = x:size(1), x:size(2)
  local y = x:reshape(n * length, x:size(3)) * w:t()
            + self.in_proj_bias:narrow(1, (i - 1) * e + 1, e)
  return y:view(n, length, self.heads, e // self.heads):transpose(2, 3)
end

function Multi:compute (input)
  local q, k, v, ignored = input, input, input, nil
  if not torch.isTensor(input) then
    if type(input) ~= 'table' then
      errors.fail(self, 'expected [batch, length, %d], got %s', self.embed,
                  errors.shape(input))
    end
    q, k, v, ignored = input[1], input[2] or input[1],
                       input[3] or input[2] or input[1], input[4]
  end
  for _, t in ipairs {q, k, v} do
    errors.check(self, t, 3, 3, ('[batch, length, %d]'):format(self.embed))
  end
  if #{q, k, v} < 3 then
    errors.fail(self, 'expected [batch, length, %d], got %s', self.embed,
                errors.shape(input))
  end
  local n, length, keys = q:size(1), q:size(2), k:size(2)
  local hq = project(self, q, 1, 'q_proj_weight')
  local hk = project(self, k, 2, 'k_proj_weight')
  local hv = project(self, v, 3, 'v_proj_weight')
  local mask = ignored and torch.bitnot(ignored):view(n, 1, 1, keys)
  local a = weights(hq, hk, 1 / math.sqrt(self.embed // self.heads), mask,
                    self.causal)
  local y = torch.matmul(a, hv):transpose(2, 3)
            :reshape(n * length, self.embed) * self.out_proj_weight:t()
            + self.out_proj_bias
  y = y:view(n, length, self.embed)
  if not self.attention then return y end
  return {y, a:mean(2):squeeze(2)}
end

function Multi:__tostring__ ()
  return ('nn.MultiHeadAttention(%d, %d heads)'):format(self.embed,
                                                        self.heads)
end
