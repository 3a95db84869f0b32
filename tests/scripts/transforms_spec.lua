-- scripts/transforms.lua: its functions against the reference values.

local torch = require 'torch'
local autograd = require 'autograd'
local random = require 'random'
require 'nnlua.busted'
local golden = dofile 'tests/nn/golden.lua'

local transforms = dofile 'scripts/transforms.lua'

local function case (name)
  local c = golden.case('notebooks', 'reminders/' .. name)
  return golden.tensor(c.inp), golden.tensor(c.out)
end

describe('the reminders have the reference values:', function ()
  it('square_sum', function ()
    local inp, out = case 'square_sum'
    local value, grad = autograd.value_and_grad(transforms.square_sum)(inp.x)
    golden.near(out.value, value, 'value')
    golden.near(out.grad, grad, 'gradient')
  end)

  it('mul_sum', function ()
    local inp, out = case 'mul_sum'
    local value, grad = autograd.value_and_grad(transforms.mul_sum)(inp.params)
    golden.near(out.value, value, 'value')
    golden.near(out.grad.x, grad.x, 'gradient of x')
    golden.near(out.grad.y, grad.y, 'gradient of y')
  end)

  it('mini_conv', function ()
    local inp, out = case 'mini_conv'
    golden.near(out.y, autograd.vmap(transforms.mini_conv)(inp.x, inp.index),
                'vmap')
    for i = 1, inp.x:size(1) do
      golden.near(out.y[i], transforms.mini_conv(inp.x[i], inp.index[i]),
                  'row ' .. i)
    end
  end)

  it('polynom, eager and jitted', function ()
    local inp, out = case 'polynom'
    local jitted = autograd.jit(transforms.polynom)
    for _ = 1, 3 do
      golden.near(out.z, jitted(inp.x, inp.y), 'jitted')
      assert.tensor_equal(transforms.polynom(inp.x, inp.y),
                          jitted(inp.x, inp.y))
    end
    golden.near(out.same, transforms.polynom(inp.x, inp.x), 'of equal inputs')
  end)
end)

describe('the timed loop', function ()
  it('calls the function with fresh matrices', function ()
    local seen = {}
    transforms.repeated(function (x, y)
      assert.same({128, 12}, x:size():totable())
      seen[#seen + 1] = x
      seen[#seen + 1] = y
    end, random.key(1), 3)
    assert.equal(6, #seen)
    for i = 1, 6 do
      for j = 1, i - 1 do assert.is_false(torch.equal(seen[i], seen[j])) end
    end
  end)
end)
