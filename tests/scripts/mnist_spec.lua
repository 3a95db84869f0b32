-- scripts/mnist.lua: the exercise's functions against the reference values,
-- and the script from outside on 2,000 images.

local torch = require 'torch'
local autograd = require 'autograd'
local data = require 'data'
require 'nnlua.busted'
local golden = dofile 'tests/nn/golden.lua'

local mnist = dofile 'scripts/mnist.lua'
local tree = autograd.tree

local function case (name) return golden.case('notebooks', 'mnist/' .. name) end

describe("the MNIST exercise's functions have the reference values:",
         function ()
  it('normalize', function ()
    local c = case 'normalize'
    local x = golden.tensor(c.inp.train):double()
    local y, mean, std = mnist.normalize(x)
    golden.near(c.out.mean, mean, 'mean')
    golden.near(c.out.std, std, 'std')
    golden.near(golden.tensor(c.out.train), y, 'training images')
    golden.near(golden.tensor(c.out.valid), mnist.normalize(
      golden.tensor(c.inp.valid):double(), mean, std), 'validation images')
    -- images as they come, of uint8
    assert.tensor_near(golden.tensor(c.out.train):float(),
                       (mnist.normalize(golden.tensor(c.inp.train))), 1e-6)
  end)

  it('one_hot', function ()
    local c = case 'one_hot'
    assert.tensor_near(golden.tensor(c.out.y):float(),
                       mnist.one_hot(golden.tensor(c.inp.digits) + 1, 10), 0)
  end)

  it('cross_entropy', function ()
    for _, name in ipairs {'cross_entropy', 'cross_entropy_course1',
                           'cross_entropy_course2'} do
      local c = case(name)
      local label, out = golden.tensor(c.inp.label), golden.tensor(c.inp.out)
      local loss, grad = autograd.value_and_grad(function (o)
        return mnist.cross_entropy(label, o)
      end)(out)
      golden.near(golden.tensor(c.out.batch_mean), loss, name)
      golden.near(golden.tensor(c.out.sum), loss * out:size(1), name)
      if c.out.grad_sum then
        golden.near(golden.tensor(c.out.grad_sum) / out:size(1), grad, name)
      end
    end
  end)

  it('get_acc', function ()
    local c = case 'accuracy'
    local scores = golden.tensor(c.inp.scores)
    local digits = golden.tensor(c.inp.digits)
    assert.equal(c.out.accuracy, mnist.get_acc(function (_, x) return x end,
                                               nil, scores, digits + 1))
    local wrong, texts = mnist.mistakes(function (_, x) return x end, nil,
      scores, digits + 1, 2, {'0', '1', '2', '3', '4', '5', '6', '7', '8',
                              '9'})
    local guesses = golden.tensor(c.out.argmax) - 1
    local k = 0
    for i = 1, 8 do
      if guesses[i] ~= digits[i] and k < 2 then
        k = k + 1
        assert.equal(('%d as %d'):format(digits[i], guesses[i]), texts[k])
        assert.tensor_equal(scores[i], wrong[k])
      end
    end
    assert.equal(2, k)
    assert.equal(2, #wrong)
  end)
end)

-- The network of the reference case with its weights (which are transposed).
local function reference (c)
  local net = mnist.Net(20, {6}, 10):double()
  for i, name in ipairs {'Dense_0', 'Dense_1'} do
    local dense, p = net:findModules('nn.Dense')[i], c.inp.params[name]
    dense.weight:copy(golden.tensor(p.kernel):t())
    dense.bias:copy(golden.tensor(p.bias))
  end
  return net
end

describe('a step of gradient descent has the reference values', function ()
  local c = case 'sgd_step'
  local x = golden.tensor(c.inp.x)
  local labels = golden.tensor(c.inp.digits) + 1

  local function check (params, out, what)
    for i, name in ipairs {'Dense_0', 'Dense_1'} do
      golden.near(golden.tensor(out[name].kernel), params[i].weight:t(),
                  what .. ' of weight')
      golden.near(golden.tensor(out[name].bias), params[i].bias,
                  what .. ' of bias')
    end
  end

  it('by forward_step and sgd_step', function ()
    local apply, params = autograd.functionalize(reference(c))
    local loss, grads, out = autograd.value_and_grad(mnist.forward_step)(
      params, apply, x, labels)
    golden.near(golden.tensor(c.out.loss), loss, 'loss')
    golden.near(golden.tensor(c.out.output), out, 'output')
    check(grads, c.out.grad, 'gradient')
    check(mnist.sgd_step(params, grads, 0.1), c.out.params, 'new value')
  end)

  it('by momentum_step, and jitted', function ()
    local apply, params = autograd.functionalize(reference(c))
    local velocity = tree.map(function (p) return p * 0 end, params)
    local step = autograd.jit(function (images, y)
      local loss, grads = autograd.value_and_grad(mnist.forward_step)(
        params, apply, images, y)
      mnist.momentum_step(params, velocity, grads, 0.1, 0.9)
      return loss
    end)
    golden.near(golden.tensor(c.out.loss), step(x, labels), 'loss')
    check(params, c.out.params, 'new value')
  end)
end)

describe('a training step', function ()
  it('has the same bits eager and jitted', function ()
    local function train (transform)
      torch.manualSeed(5)
      local net = mnist.Net(784, {32, 16}, 10)
      local apply, params = autograd.functionalize(net)
      local velocity = tree.map(function (p) return p * 0 end, params)
      local step = transform(function (x, y, rate)
        local loss, grads = autograd.value_and_grad(mnist.forward_step)(
          params, apply, x, y)
        mnist.momentum_step(params, velocity, grads, rate, 0.9)
        return loss
      end)
      local loader = data.loader(data.mnist {dir = 'tests/data/mnist'},
                                 {batch = 100, shuffle = true, seed = 1})
      local losses = {}
      for x, y in loader:epoch(1) do
        losses[#losses + 1] = step(x, y, 0.1 / (#losses + 1))
      end
      return losses, tree.leaves(params)
    end
    local a, p = train(function (f) return f end)
    local b, q = train(autograd.jit)
    assert.same(a, b)
    assert.equal(20, #a)
    for i = 1, #p do assert.tensor_equal(p[i], q[i]) end
  end)

  it('runs while the loader prepares the next batch', function ()
    local net = mnist.Net(784, {256}, 10)
    local apply, params = autograd.functionalize(net)
    local gradient = autograd.value_and_grad(mnist.forward_step)
    local loader = data.loader(data.mnist {dir = 'tests/data/mnist'},
                               {batch = 50, workers = 1})
    for x, y in loader:epoch(1) do gradient(params, apply, x, y) end
    assert.is_true(loader:stats().overlap_time > 0)
  end)
end)

-- ---- from outside ----

local program = (os.getenv 'NNLUA_BUILD' or './build') .. '/nnlua'

-- Output, error output and exit code of the script with these arguments.
local function run (arguments, environment)
  local err = os.tmpname()
  local pipe = io.popen(("%s '%s' scripts/mnist.lua %s 2>%s"):format(
    environment or '', program, arguments, err))
  local out = pipe:read 'a'
  local _, _, code = pipe:close()
  local file = io.open(err)
  local text = file:read 'a'
  file:close()
  os.remove(err)
  return out, text, code
end

local SMALL = '--data tests/data/mnist --plot none --hidden 64,32 '

-- the numbers of seed 1, to the last digit that is printed
local PINNED = [[
-- 1. The data
1600 images to train with, 400 to validate, 500 to test

-- 2. The cost
checked: cross_entropy of the example is 1.5022
checked: one_hot of 1 and 2
checked: its gradient before the sigmoid is (o - y) / n

-- 3. Training
epoch 1/3  loss 3.5575  training 0.3425  validation 0.6550
epoch 2/3  loss 1.1931  training 0.7987  validation 0.8575
epoch 3/3  loss 0.7016  training 0.8894  validation 0.8875

mnist: test accuracy 0.8320
]]

local contents = dofile 'tests/nnlua/run.lua'.contents

describe('scripts/mnist.lua', function ()
  it('trains along the pinned curve', function ()
    local out, _, code = run(SMALL .. '--epochs 3')
    assert.equal(0, code)
    out = out:gsub('  %d+%.%d s', ''):gsub(' %(largest difference .-%)', '')
    assert.equal(PINNED, out)
  end)

  it('has other optimizers, and a quick run', function ()
    local function last (arguments)
      local out, text, code = run(SMALL .. '--quiet ' .. arguments)
      assert.equal(0, code, text)
      return tonumber(out:match '^mnist: test accuracy (%d%.%d+)\n$')
    end
    local quick = last '--quick'
    assert.equal(last '--epochs 1', quick)
    assert.is_true(quick > 0.4) -- of ten classes
    assert.is_true(last '--epochs 3 --optimizer sgd' > 0.4)
    assert.is_true(last '--epochs 3 --optimizer adam' > 0.4)
  end)

  it('has the same weights for any threads, workers and CPU', function ()
    local first
    local function weights (arguments, environment)
      local file = os.tmpname()
      local out, text, code = run(('%s --epochs 1 --quiet --save %s %s')
                                  :format(SMALL, file, arguments), environment)
      assert.equal(0, code, text)
      local bytes = contents(file)
      os.remove(file)
      first = first or {out, bytes}
      assert.equal(first[1], out)
      assert.is_true(first[2] == bytes, arguments)
    end
    weights '--threads 1 --workers 0'
    weights '--threads 2 --workers 1'
    weights '--threads 2 --workers 3'
    weights('--threads 1', 'NNLUA_CPU=avx2')
  end)

  it('goes on with a saved network', function ()
    local file = os.tmpname()
    local out = run(SMALL .. '--epochs 1 --quiet --save ' .. file)
    assert.equal(out, (run(SMALL .. '--epochs 0 --quiet --load ' .. file)))
    local _, text, code = run('--data tests/data/mnist --plot none '
                              .. '--hidden 9 --load ' .. file)
    assert.equal(1, code)
    assert.is_truthy(text:find('holds a network with hidden layers of 64,32, '
                               .. 'not 9; use --hidden 64,32', 1, true))
    os.remove(file)
  end)

  it('explains mistakes in its options', function ()
    local function check (arguments, wanted, wanted_code)
      -- the picture's default place may not be writable
      if not arguments:find '--plot' then
        arguments = '--plot none ' .. arguments
      end
      local out, text, code = run(arguments)
      assert.equal(wanted_code or 2, code, text)
      assert.equal('', out)
      assert.is_truthy(text:find(wanted, 1, true), text)
    end
    check('--epoch 3', "unknown option '--epoch'; did you mean '--epochs'")
    check('--batch -5',
          'option --batch: an integer of at least 1 expected, got -5')
    check('--batch 2.5',
          'option --batch: an integer of at least 1 expected, got 2.5')
    check('--lr fast', "option --lr: a number expected, got 'fast'")
    check('--lr -1', 'option --lr: a number above 0 expected, got -1')
    check('--hidden 12,x',
          "option --hidden: sizes such as 512,512 expected, got '12,x'")
    check('--optimizer adm',
          "option --optimizer: sgd, momentum or adam expected, "
          .. "got 'adm'")
    check('--dataset cifar', "option --dataset: mnist or fashion-mnist "
          .. "expected, got 'cifar'")
    check('--plot none --save /nowhere/x --data tests/data/mnist',
          '/nowhere', 1)
    check('--plot /nowhere/x.png --data tests/data/mnist', '/nowhere', 1)
    check('--data tests/data', 'tests/data', 1)
  end)
end)
