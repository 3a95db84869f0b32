-- Arguments of constructors that can not be: what each says.

require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'

local function message (...)
  local ok, text = pcall(...)
  assert.is_false(ok)
  return (text:gsub('^[^:]*:%d+: ', ''))
end

local function integer (field, least, got)
  return ('%s: an integer of at least %d expected, got %s'):format(field, least,
                                                                   got)
end

local function place (field, got)
  return ('%s: an integer other than 0 expected, got %s'):format(field, got)
end

-- {class, arguments, the message after the class's name}
local cases = {
  {'SpatialMaxPooling', {2, 2, 0}, integer('dW', 1, 'the number 0')},
  {'SpatialMaxPooling', {2, 2, 1, 1, -1}, integer('padW', 0, 'the number -1')},
  {'SpatialAveragePooling', {2, 2.5}, integer('kH', 1, 'the number 2.5')},
  {'SpatialAdaptiveMaxPooling', {0, 2}, integer('oW', 1, 'the number 0')},
  {'SpatialUpSamplingNearest', {0}, integer('scale_factor', 1,
                                            'the number 0')},
  {'SpatialZeroPadding', {1.5}, 'pad_l: an integer expected, got the number '
   .. '1.5'},
  {'TemporalMaxPooling', {2, 0}, integer('dW', 1, 'the number 0')},
  {'Replicate', {0}, integer('nfeatures', 1, 'the number 0')},
  {'Narrow', {'1', 1}, place('dimension', 'the string 1')},
  {'Narrow', {1, 1, 0.5}, 'length: an integer expected, got the number 0.5'},
  {'Select', {}, place('dimension', 'nil')},
  {'JoinTable', {}, place('dimension', 'nil')},
  {'SplitTable', {0}, place('dimension', 'the number 0')},
  {'Index', {}, place('dimension', 'nil')},
  {'Unsqueeze', {}, place('pos', 'nil')},
  {'Max', {'1'}, place('dimension', 'the string 1')},
  {'Padding', {1}, 'pad: an integer expected, got nil'},
  {'Transpose', {1, 2}, 'argument #1: a pair of dimensions expected, {1, 2}, '
   .. 'got the number 1'},
  {'Transpose', {{1, 2}, {1}}, 'argument #2: a pair of dimensions expected, '
   .. '{1, 2}, got a table of 1'},
  {'MulConstant', {}, 'constant_scalar: a number or a tensor expected, got '
   .. 'nil'},
  {'AddConstant', {'x'}, 'constant_scalar: a number or a tensor expected, got '
   .. 'the string x'},
  {'HardTanh', {1, -1}, 'min_val: at most max_val (-1) expected, got 1'},
  {'Clamp', {2, 1}, 'min_val: at most max_val (1) expected, got 2'},
  {'SoftPlus', {0}, 'beta: a number other than 0 expected, got 0'},
  {'CELU', {0}, 'alpha: a number other than 0 expected, got 0'},
  {'RReLU', {2, 1}, 'lower: at most upper (1) expected, got 2'},
  {'Normalize', {0}, 'p: a number above 0 expected, got the number 0'},
  {'Normalize', {2, -1}, 'eps: a number of at least 0 expected, got the number '
   .. '-1'},
  {'BatchNormalization', {3, 'x'}, 'eps: a number of at least 0 expected, got '
   .. 'the string x'},
  {'BatchNormalization', {3, 1e-5, 2}, 'momentum: a number of at least 0 and '
   .. 'at most 1 expected, got the number 2'},
  {'BatchNormalization', {3, 1e-5, 0 / 0}, 'momentum: a number of at least 0 '
   .. 'and at most 1 expected, got the number NaN'},
  {'LayerNormalization', {0}, integer('size #1', 1, 'the number 0')},
  {'GroupNormalization', {0, 4}, integer('groups', 1, 'the number 0')},
  {'GroupNormalization', {3, 4}, '3 groups do not divide 4 channels'},
  {'InstanceNormalization', {0}, integer('nChannels', 1, 'the number 0')},
  {'LookupTable', {5, 3, 0, -1}, 'maxNorm: a number above 0 expected, got the '
   .. 'number -1'},
  {'LookupTable', {5, 3, 0, 1, 0}, 'normType: a number above 0 expected, got '
   .. 'the number 0'},
  {'WhiteNoise', {0, -1}, 'std: a number of at least 0 expected, got the '
   .. 'number -1'},
  {'Bilinear', {3, 0, 2}, integer('nin2', 1, 'the number 0')},
  {'Bilinear', {3, 2}, integer('nout', 1, 'nil')},
  {'Euclidean', {3}, integer('nout', 1, 'nil')},
  {'Cosine', {2.5, 3}, integer('nin', 1, 'the number 2.5')},
}

describe('arguments of', function ()
  for i, case in ipairs(cases) do
    local name, args, text = table.unpack(case)
    it(('nn.%s are checked (%d)'):format(name, i), function ()
      assert.equal(('nn.%s: %s'):format(name, text),
                   message(nn[name], table.unpack(args, 1, 5)))
    end)
  end

  it('that count what is built have bounds', function ()
    for _, kind in ipairs {'RNN', 'LSTM', 'GRU'} do
      assert.equal(('nn.%s: number of layers: 1..1024 expected, got '
                    .. '1099511627776'):format(kind),
                   message(nn[kind], 2, 3, 2^40))
    end
    assert.equal('nn.KAF2D: D: 2..256 centres of the gaussian kernel expected, '
                 .. 'got 1099511627776', message(nn.KAF2D, 2, {D = 2^40}))
    assert.equal('kaf_centres: D: 2..65536 centres expected, got 1099511627776',
                 message(nn.functional.kaf_centres, 2^40, 3))
    local image = torch.ones(1, 4, 4)
    for _, kind in ipairs {'Max', 'Average'} do
      local name = ('SpatialAdaptive%sPooling'):format(kind)
      local m = nn[name](2^40, 2^40)
      assert.equal(('nn.%s: oW and oH: at most 1048576 cells expected, got '
                    .. '1099511627776 x 1099511627776'):format(name),
                   message(m.forward, m, image))
    end
    local m = nn.SplitTable(1)
    assert.equal('nn.SplitTable: expected at most 10000000 slices, got '
                 .. '[1099511627776]',
                 message(m.forward, m, torch.ones(1):expand(2^40)))
  end)

  it('integral floats are integers', function ()
    assert.tensor_equal(torch.ones(2, 3):narrow(2, 2, 1),
                        nn.Narrow(2.0, 2.0, 1.0):forward(torch.ones(2, 3)))
    assert.equal('integer', math.type(nn.SpatialMaxPooling(2.0, 2.0).kW))
  end)

  it('criterions that are made of others', function ()
    for _, name in ipairs {'MultiCriterion', 'ParallelCriterion'} do
      local c = nn[name]()
      assert.equal(('nn.%s: add: a criterion expected, got nn.Linear')
                   :format(name), message(c.add, c, nn.Linear(2, 2)))
      assert.equal(('nn.%s: add: argument #2 (weight): a number expected, got '
                    .. 'the string x'):format(name),
                   message(c.add, c, nn.MSECriterion(), 'x'))
    end
    local x, y = torch.ones(2, 3), torch.LongTensor {1, 2}
    assert.equal('nn.MultiMarginCriterion: p: 1 or 2 expected, got the number '
                 .. '3', message(function ()
                   nn.MultiMarginCriterion(3):forward(x, y)
                 end))
    assert.equal('nn.MultiMarginCriterion: 3 classes in [2 x 3], but 2 weights',
                 message(function ()
                   nn.MultiMarginCriterion(1, torch.ones(2)):forward(x, y)
                 end))
  end)
end)

describe('nn.Bilinear', function ()
  it('takes one sample as well as a batch', function ()
    local m = nn.Bilinear(3, 4, 2):double()
    local a, b = torch.randn(5, 3):double(), torch.randn(5, 4):double()
    local all = m:forward({a, b}):clone()
    local y = m:forward {a[2], b[2]}
    assert.same({2}, y:size():totable())
    assert.tensor_near(all[2], y, 1e-14, 1e-14)
    local g = m:backward({a[2], b[2]}, torch.ones(2):double())
    assert.same({3}, g[1]:size():totable())
    assert.same({4}, g[2]:size():totable())
  end)

  it('wants as many rows in both', function ()
    local m = nn.Bilinear(3, 4, 2)
    assert.equal('nn.Bilinear: expected as many rows in both, got [5 x 3] and '
                 .. '[1 x 4]',
                 message(m.forward, m, {torch.ones(5, 3), torch.ones(1, 4)}))
  end)
end)
