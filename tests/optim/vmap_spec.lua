-- Optimizers inside vmap: each example has its own state, as in a loop.

local torch = require 'torch'
local optim = require 'optim'
local autograd = require 'autograd'
require 'nnlua.busted'

local names = {'sgd', 'nag', 'asgd', 'adam', 'adamw', 'adamax', 'nadam',
               'radam', 'adagrad', 'adadelta', 'rmsprop', 'rprop', 'lion',
               'adabelief', 'lamb'}

local function loss (p)
  return torch.pow(p.w - 1, 4):sum() + torch.square(p.b):sum()
end
local gradient = autograd.value_and_grad(loss)

local function begin (scale)
  return {w = torch.DoubleTensor {0.5, -1, 2} * scale,
          b = torch.DoubleTensor {0.3} * scale}
end

local scales = torch.DoubleTensor {1, -0.7}

local function as_loop (train)
  local mapped = autograd.vmap(train)
  for _ = 1, 2 do
    local got = mapped(scales)
    for k = 1, 2 do
      local want = train(scales[k])
      assert.tensor_near(want.w, got.w[k], 1e-12)
      assert.tensor_near(want.b, got.b[k], 1e-12)
    end
  end
end

describe('a training inside vmap:', function ()
  for _, name in ipairs(names) do
    it("optim." .. name .. " in Torch7's form", function ()
      as_loop(function (scale)
        local p, state = begin(scale), {}
        for _ = 1, 4 do optim[name](gradient, p, {}, state) end
        return p
      end)
    end)

    it('optim.' .. name .. ' as an object', function ()
      as_loop(function (scale)
        local p, opt = begin(scale), optim[name] {}
        opt:init(p)
        for _ = 1, 4 do
          local _, g = gradient(p)
          opt:update(p, g)
        end
        return opt:result(p)
      end)
    end)
  end

  for _, name in ipairs(names) do
    it('optim.' .. name .. ' goes on in the next vmap from the state that the '
       .. 'first returned', function ()
      local function object (p, state)
        local opt = optim[name] {}
        opt:init(p)
        opt.state = state
        local _, g = gradient(p)
        opt:update(p, g)
        return p, opt.state
      end
      local function older (p, state)
        optim[name](gradient, p, {}, state)
        return p, state
      end
      for _, step in ipairs {object, older} do
        local mapped = autograd.vmap(step)
        local p, state = autograd.vmap(function (s)
          return step(begin(s), {})
        end)(scales)
        for _ = 1, 2 do p, state = mapped(p, state) end
        for k = 1, 2 do
          local want, kept = step(begin(scales[k]), {})
          for _ = 1, 2 do want, kept = step(want, kept) end
          assert.tensor_near(want.w, p.w[k], 1e-12)
          assert.tensor_near(want.b, p.b[k], 1e-12)
        end
        -- a state of other parameters is refused there too
        local ok, text = pcall(mapped, {w = torch.zeros(2, 4):double(),
                                        b = p.b}, state)
        assert.is_false(ok)
        assert.truthy(text:find('it is of parameters [3], w is [4]', 1, true),
                      text)
      end
    end)
  end

  it('with a rate of its own for each example', function ()
    local function train (rate)
      local p, state = begin(1), {}
      for _ = 1, 4 do
        optim.adam(gradient, p, {learningRate = rate}, state)
      end
      return p
    end
    local rates = torch.DoubleTensor {0.01, 0.2}
    local got = autograd.vmap(train)(rates)
    for k = 1, 2 do
      assert.tensor_near(train(rates[k]).w, got.w[k], 1e-12)
    end
    -- and differentiated by it
    local d = autograd.vmap(autograd.grad(function (rate)
      return loss(train(rate))
    end))(rates)
    for k = 1, 2 do
      local function f (rate) return loss(train(rate)) end
      local h = 1e-6
      assert.near((f(rates[k] + h) - f(rates[k] - h)) / (2 * h), d[k], 1e-6)
    end
  end)

  it('with an average of its own for each example', function ()
    for _, options in ipairs {{}, {zero = true}, {debias = true}} do
      local function average (x)
        local ema = optim.ema(0.75, options)
        for k = 1, 3 do ema:update {w = x * k, b = {x - k}} end
        return ema:average()
      end
      local xs = torch.DoubleTensor {{1, 2}, {-3, 0.5}, {0.25, 4}}
      for _, f in ipairs {autograd.vmap(average),
                          autograd.jit(autograd.vmap(average))} do
        local got = f(xs)
        for k = 1, 3 do
          local want = average(xs[k])
          assert.tensor_near(want.w, got.w[k], 1e-12)
          assert.tensor_near(want.b[1], got.b[1][k], 1e-12)
        end
      end
    end
    -- of one that is made outside, the first update too
    local ema = optim.ema(0.5)
    local got = autograd.vmap(function (x)
      ema:update(x)
      return ema:update(x * 3)
    end)(torch.Tensor {{1, 2}, {3, 4}})
    assert.tensor_equal(torch.Tensor {{2, 4}, {6, 8}}, got)
  end)
end)
