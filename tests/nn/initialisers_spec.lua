-- nn.init and the modules' own initial values: samples against the bounds,
-- means and deviations of the reference.

local torch = require 'torch'
local nn = require 'nn'
local golden = dofile 'tests/nn/golden.lua'

-- Within six standard errors; a uniform's ends are nearly reached.
local function check (name, x, want)
  local n = x:nElement()
  x = x:double()
  local function near (a, b, tolerance, what)
    if math.abs(a - b) > tolerance or a ~= a then
      error(('%s: %s: got %g, expected %g'):format(name, what, a, b), 2)
    end
  end
  near(x:mean(), want.mean, 6 * want.std / math.sqrt(n), 'mean')
  if n > 1 then
    near(x:std(), want.std, 6 * want.std / math.sqrt(2 * n), 'std')
  end
  if want.low then
    local slack = 1e-6 * (want.high - want.low)
    assert.is_true(x:min() >= want.low - slack
                   and x:max() <= want.high + slack, name)
  end
  if want.distribution == 'uniform' and n > 100 then
    assert.is_true(x:max() > want.high - (want.high - want.low) * 20 / n,
                   name)
  end
end

-- JAX's arrays are [kernel ... x inputs x outputs].
local function sizes_of (case)
  local s = case.inp.shape
  if not case.args.layout:find 'out$' then return s end
  local n = #s
  local out = {s[n], s[n - 1]}
  for i = 1, n - 2 do out[i + 2] = s[i] end
  return out
end

local call = {}

function call.xavier_uniform (w) return nn.init.xavier_uniform(w) end
function call.xavier_uniform_gain (w, a)
  return nn.init.xavier_uniform(w, a.gain)
end
call.xavier_normal = function (w) return nn.init.xavier_normal(w) end
call.xavier_normal_tanh = function (w)
  return nn.init.xavier_normal(w, nn.init.calculate_gain 'tanh')
end
for _, kind in ipairs {'uniform', 'normal'} do
  call['kaiming_' .. kind] = function (w, a)
    return nn.init['kaiming_' .. kind](w, a)
  end
  call['kaiming_' .. kind .. '_fan_out'] = call['kaiming_' .. kind]
end
call.trunc_normal = function (w, a)
  return nn.init.trunc_normal(w, a.mean, a.std, a.a, a.b)
end
call.trunc_normal_close = call.trunc_normal
call.variance_scaling_average = function (w, a)
  return nn.init.variance_scaling(w, a.scale, a.mode, a.distribution)
end
call.variance_scaling_fan_out = call.variance_scaling_average
call.truncated_normal = function (w, a)
  return nn.init.truncated_normal(w, a.stddev)
end
call.normal = function (w, a)
  return nn.init.normal(w, a.mean, a.std or a.stddev)
end
call.uniform = function (w, a)
  if a.scale then return nn.init.uniform(w, 0, a.scale) end
  return nn.init.uniform(w, a.a, a.b)
end
call.lecun_normal = function (w, _, case)
  if case.source:find 'PyTorch' then
    return nn.init.kaiming_normal(w, {nonlinearity = 'linear'})
  end
  return nn.init.lecun_normal(w)
end
for _, name in ipairs {'glorot_uniform', 'glorot_normal', 'lecun_uniform',
                       'he_uniform', 'he_normal'} do
  call[name] = function (w) return nn.init[name](w) end
end

describe('nn.init has the distributions of the reference:', function ()
  local seen = {}
  for _, case in ipairs(golden.cases('initialisers', 'op', '^init%.')) do
    local name = case.op:match '^init%.(.*)$'
    if call[name] and not seen[name] then
      seen[name] = true
      it(name, function ()
        torch.manualSeed(1)
        for _, c in ipairs(golden.cases('initialisers', 'op',
                                        '^init%.' .. name .. '$')) do
          local w = torch.zeros(sizes_of(c))
          check(c.name, call[name](w, c.args, c), c.out)
        end
      end)
    end
  end

  it('calculate_gain', function ()
    local c = golden.case('initialisers', 'gains')
    for name, gain in pairs(c.out) do
      local plain = name:gsub('_02$', '')
      golden.near(gain, nn.init.calculate_gain(plain, name ~= plain
                                               and 0.2 or nil), name)
    end
  end)

  it('orthogonal', function ()
    for _, c in ipairs(golden.cases('initialisers', 'name',
                                    '^torch_orthogonal')) do
      local w = nn.init.orthogonal(torch.zeros(c.inp.shape):double(),
                                   c.args.gain)
      local a = w:view(c.out.rows, c.out.columns)
      local g = c.out.orthonormal == 'rows' and a * a:t() or a:t() * a
      golden.near(torch.eye(g:size(1), g:size(1)):double() * c.args.gain^2, g,
                  c.name, 0, 1e-12)
    end
    for _, c in ipairs(golden.cases('initialisers', 'name',
                                    '^jax_orthogonal')) do
      local s = sizes_of {inp = c.inp, args = {layout = 'in out'}}
      local w = nn.init.orthogonal(torch.zeros(s):double(), c.args.gain)
      -- JAX's rows are all dimensions but the outputs, our first one
      local a = w:view(c.out.columns, c.out.rows)
      local g = c.out.orthonormal == 'columns' and a * a:t() or a:t() * a
      golden.near(torch.eye(g:size(1), g:size(1)):double() * c.args.gain^2, g,
                  c.name, 0, 1e-12)
    end
  end)
end)

describe("modules draw their parameters as Torch7's:", function ()
  -- PyTorch's are those of Torch7 for these
  for name, make in pairs {
    torch_layer_linear = function (s) return nn.Linear(s[2], s[1]) end,
    torch_layer_conv2d = function (s)
      return nn.SpatialConvolution(s[2], s[1], s[4], s[3])
    end,
    torch_layer_bilinear = function (s)
      return nn.Bilinear(s[2], s[3], s[1])
    end,
    torch_layer_embedding = function (s)
      return nn.LookupTable(s[1], s[2])
    end,
  } do
    it(name, function ()
      torch.manualSeed(1)
      local case = golden.case('initialisers', name)
      check(name, make(case.inp.shape).weight, case.out)
    end)
  end

  for _, case in ipairs(golden.cases('initialisers', 'name', '^torch7_')) do
    it(case.args.layer, function ()
      torch.manualSeed(1)
      local s = case.inp.shape
      local class = nn[case.args.layer:match '^nn%.(.*)$']
      local m
      if case.args.layer == 'nn.Linear' or case.args.layer == 'nn.Cosine' then
        m = class(s[2], s[1])
      elseif case.args.layer == 'nn.SpatialConvolution' then
        m = class(s[2], s[1], s[4], s[3])
      elseif case.args.layer == 'nn.SpatialFullConvolution' then
        m = class(s[1], s[2], s[4], s[3])
      elseif case.args.layer == 'nn.TemporalConvolution' then
        m = class(s[2] // 7, s[1], 7)
      elseif case.args.layer == 'nn.Bilinear' then
        m = class(s[2], s[3], s[1])
      else
        m = class(table.unpack(s))
      end
      check(case.name, m.weight or m.bias, case.out)
    end)
  end
end)
