-- scripts/classifier.lua: its functions against the reference values, in
-- float64 along the whole run.

local torch = require 'torch'
local autograd = require 'autograd'
local random = require 'random'
require 'nnlua.busted'
local golden = dofile 'tests/nn/golden.lua'

local classifier = dofile 'scripts/classifier.lua'

local function case (name)
  local c = golden.case('notebooks', 'classifier/' .. name)
  return golden.tensor(c.inp), golden.tensor(c.out), c.args
end

describe('the classifier has the reference values', function ()
  it('of the loss and the accuracy', function ()
    local inp, out = case 'loss'
    local net, p, x, y = classifier.my_net, inp.params, inp.x, inp.y
    golden.near(out.output, net.apply(p, x), 'output')
    local loss, grads = autograd.value_and_grad(classifier.my_loss)(p, net, x,
                                                                    y)
    golden.near(out.loss, loss, 'loss')
    golden.near_all(out.grad, grads, 'gradient')
    assert.equal(out.accuracy, classifier.my_accuracy(p, net, x, y))
    -- labels as integers are the same
    golden.near(out.loss, classifier.my_loss(p, net, x, y:long()), 'loss')
  end)

  it('of the whole run', function ()
    local inp, out, args = case 'training'
    local count = inp.x:size(1)
    local params, losses, accuracies = classifier.train(inp.params,
      function (i)
        local k = i % count + 1
        return inp.x[k], inp.y[k]
      end, args.lr, args.iterations)
    assert.equal(args.iterations, #losses)
    assert.is_true(out.iteration:nElement() > 15)
    for i = 1, out.iteration:nElement() do
      local k = torch.item(out.iteration[i])
      golden.near(torch.item(out.loss[i]), losses[k + 1], 'loss ' .. k)
      assert.equal(torch.item(out.accuracy[i]), accuracies[k + 1])
    end
    golden.near_all(out.final_params, params, 'final value')
  end)
end)

describe('build_input_output', function ()
  it('labels 1 what is above 6, up to the noise', function ()
    local x, labels = classifier.build_input_output(random.key(4))
    assert.same({8, 36}, x:size():totable())
    assert.same({8, 1}, labels:size():totable())
    assert.equal('int64', labels:dtype())
    local many
    many, labels = classifier.build_input_output(random.key(5), 5000)
    local sums = 12 * many:sum(2)
    -- the noise of a sum has standard deviation 6
    local sure = torch.gt(torch.abs(sums - 6), 30)
    assert.tensor_equal(torch.gt(sums, 6):long()[sure], labels[sure])
    local differ = torch.ne(torch.gt(sums, 6):long(), labels):sum()
    assert.is_true(differ > 0 and differ < 300)
  end)
end)
