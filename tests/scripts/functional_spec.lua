-- scripts/functional.lua: its functions against the reference values.

local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local random = require 'random'
require 'nnlua.busted'
local golden = dofile 'tests/nn/golden.lua'

local functional = dofile 'scripts/functional.lua'

local function case (name)
  local c = golden.case('notebooks', name)
  return golden.tensor(c.inp), golden.tensor(c.out), c.args
end

describe('the functions have the reference values:', function ()
  it('ez_linear, loss_fn, update_fn', function ()
    local inp, out, args = case 'haiku/easy_linear'
    local net, p, x = functional.ez_linear, inp.params, inp.x
    golden.near(out.out, net.apply(p, x), 'output')
    local loss, grads = autograd.value_and_grad(functional.loss_fn)(p, net, x)
    golden.near(out.loss, loss, 'loss')
    golden.near_all(out.grad, grads, 'gradient')
    local before, new = functional.update_fn(p, net, x, args.lr)
    golden.near(out.loss, before, 'loss of the update')
    golden.near_all(out.params, new, 'new value')
  end)

  for _, name in ipairs {'haiku/square_loss', 'haiku/square_loss_random_x'} do
    it('my_haiku_net, square_loss, my_update: ' .. name, function ()
      local inp, out, args = case(name)
      local net, p, x, y = functional.my_haiku_net, inp.params, inp.x, inp.y
      golden.near(out.out, net.apply(p, x), 'output')
      golden.near(out.loss_sum, functional.loss_fn(p, net, x), 'sum')
      golden.near_all(out.grad_sum, autograd.grad(functional.loss_fn)(p, net, x),
           'gradient of the sum')
      for kind, loss_of in pairs {mean = functional.square_loss,
                                  l2 = functional.norm_loss} do
        golden.near(out[kind].loss, loss_of(p, net, x, y), kind)
        golden.near_all(out[kind].grad, autograd.grad(loss_of)(p, net, x, y), kind)
        for _, update in ipairs {functional.my_update,
                                 autograd.jit(functional.my_update)} do
          local loss, new = update(p, net, x, y, args.lr, loss_of)
          golden.near(out[kind].loss, loss, kind)
          golden.near_all(out[kind].params, new, 'new value')
        end
      end
    end)
  end

  it('subtract', function ()
    local inp, out = case 'reminders/tree_map'
    local got = functional.subtract(inp.p, inp.g)
    golden.near(out.a, got.a, 'a')
    golden.near(out.b, got.b, 'b')
  end)
end)

describe('a network as an argument of jit', function ()
  it('may be another one in the next call', function ()
    local twice = nn.without_apply_rng(nn.transform(function (x)
      return functional.easy_linear_net(x) * 2
    end))
    local net, x = functional.ez_linear, torch.ones(1, 6)
    local params = net.init(random.key(0), x)
    local step = autograd.jit(functional.update_fn)
    for _ = 1, 3 do
      for _, n in ipairs {net, twice} do
        local a, p = functional.update_fn(params, n, x, 0.1)
        local b, q = step(params, n, x, 0.1)
        assert.equal(a, b)
        assert.tensor_equal(p.linear.w, q.linear.w)
        assert.tensor_equal(p.linear.b, q.linear.b)
      end
    end
  end)
end)

it('the exercise has two layers of 5 and 6 outputs', function ()
  local p = functional.my_haiku_net.init(random.key(0), torch.ones(3, 12))
  assert.same({12, 5}, p.linear.w:size():totable())
  assert.same({5, 6}, p.linear_1.w:size():totable())
  assert.is_true(torch.equal(p.linear_1.b, torch.zeros(6)))
end)
