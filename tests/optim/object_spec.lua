-- Optimizers as objects: the same steps as Torch7's form, also jitted.

require 'nnlua.busted'
local torch = require 'torch'
local optim = require 'optim'
local autograd = require 'autograd'

local names = {'sgd', 'asgd', 'adam', 'adamw', 'adamax', 'nadam',
               'radam', 'adagrad', 'adadelta', 'rmsprop', 'rprop', 'lion'}

local function start ()
  return {w = torch.tensor({{1, -2}, {3, 0.5}}, 'float64'),
          b = torch.tensor({0.3, -0.4}, 'float64')}
end

local gradient = autograd.grad(function (p)
  return torch.square(p.w):sum() + torch.cmul(torch.cos(p.b), p.b):sum()
end)

describe('optimizers as objects', function ()
  for _, name in ipairs(names) do
    it('optim.' .. name, function ()
      local a, b, c, state = start(), start(), start(), {}
      local opt = optim[name] {learningRate = 0.05}
      local jitted = optim[name] {learningRate = 0.05}
      assert.equal(opt, opt:init(a))
      jitted:init(c)
      local step = autograd.jit(function (p)
        jitted:update(p, (gradient(p)))
        return p.b:sum()
      end)
      for _ = 1, 5 do
        assert.equal(a, opt:update(a, (gradient(a))))
        optim[name](function (p) return 0, (gradient(p)) end, b,
                    {learningRate = 0.05}, state)
        step(c)
      end
      for _, key in ipairs {'w', 'b'} do
        assert.tensor_equal(b[key], a[key])
        assert.tensor_equal(b[key], c[key])
        assert.is_true(torch.ne(a[key], start()[key]):any())
      end
    end)
  end

  it('refuse other parameters', function ()
    local function message (...)
      local ok, text = pcall(...)
      assert.is_false(ok)
      return (text:gsub('^[^:]*:%d+: ', ''))
    end
    local opt = optim.adam {learningRate = 0.1}
    local x = torch.zeros(3)
    assert.equal('optim.adam: update: call opt:init(params) first',
                 message(opt.update, opt, {x}, {x}))
    opt:init {x}
    assert.equal('optim.adam: update: parameter 1 is [4], opt:init was called '
                 .. 'for [3]', message(opt.update, opt, {torch.zeros(4)}, {x}))
    assert.equal('optim.adam: update: parameter 2 is [3], opt:init was called '
                 .. 'for none', message(opt.update, opt, {x, x}, {x, x}))
    assert.equal('optim.adam: no option lr; did you mean learningRate',
                 message(optim.adam, {lr = 1}))
    assert.truthy(message(optim.nag, {learningRate = 1}):find(
      'optim.nag: as an object it has no opfunc', 1, true))
    local state = {}
    local function feval (n)
      return function () return 0, torch.ones(n) end
    end
    optim.adam(feval(3), torch.zeros(3), {}, state)
    assert.equal('optim: argument #4 (state): it is of parameters [3], these '
                 .. 'are [4]; begin with a new state {}',
                 message(optim.adam, feval(4), torch.zeros(4), {}, state))
  end)
end)
