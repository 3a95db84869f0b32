-- nn.functional: arguments that are none are named.
require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'

describe('nn.functional refuses', function ()
  local x = torch.ones(2, 3)
  local function says (text, name, ...)
    local args = table.pack(...)
    assert.error_matches(function ()
      nn.functional[name](table.unpack(args, 1, args.n))
    end, 'nn.functional.' .. name .. ': ' .. text, 1, true)
  end

  it('what is no tensor and no number', function ()
    for name in ([[hard_tanh relu6 leaky_relu threshold elu selu celu gelu silu
        mish hard_sigmoid hard_swish log_sigmoid hard_shrink soft_shrink
        tanh_shrink softplus soft_sign sqrt scale_gradient]]):gmatch '%S+' do
      local wanted = 'argument #1 (x): a tensor or a number expected, got '
      says(wanted .. 'nil', name)
      says(wanted .. 'a table of 1', name, {x})
      says(wanted .. 'the string x', name, 'x', 1, 1)
    end
    for name in ([[softmax log_softmax glu max_pool max_pool_indices avg_pool
        pad]]):gmatch '%S+' do
      says('argument #1 (x): a tensor expected, got the number 3', name, 3)
    end
  end)

  it('wrong numbers beside it', function ()
    says('argument #2 (slope): a number or a tensor expected, got a table of 0',
         'leaky_relu', x, {})
    says('argument #2 (threshold): a number or a tensor expected, got nil',
         'threshold', x)
    says('argument #2 (dim): an integer expected, got the number 1.5',
         'softmax', x, 1.5)
    says('argument #3 (before): an integer expected, got nil', 'pad', x, 1)
    says("argument #2 (approximate): 'none' or 'tanh' expected, got the "
         .. 'string Tanh', 'gelu', x, 'Tanh')
  end)

  it('takes learned numbers', function ()
    local slope = torch.Tensor{0.5}
    assert.tensor_equal(x * -0.5, nn.functional.leaky_relu(-x, slope))
    assert.equal(-0.5, nn.functional.leaky_relu(-1, 0.5))
    for name, few in pairs {elu = 1, celu = 1, softplus = 2, hard_tanh = 2,
                            hard_shrink = 1, soft_shrink = 1} do
      local learned, numbers = {}, {}
      for i = 1, few do learned[i], numbers[i] = torch.Tensor{i}, i end
      local f, y = nn.functional[name], x - 1.5
      assert.tensor_equal(f(y, table.unpack(numbers)),
                          f(y, table.unpack(learned)), nil, name)
    end
  end)
end)
