-- Optimizers as objects: the same steps as Torch7's form, also jitted.

require 'nnlua.busted'
local torch = require 'torch'
local optim = require 'optim'
local autograd = require 'autograd'

local names = {'sgd', 'asgd', 'adam', 'adamw', 'adamax', 'nadam',
               'radam', 'adagrad', 'adadelta', 'rmsprop', 'rprop', 'lion',
               'adabelief', 'lamb'}

local function message (...)
  local ok, text = pcall(...)
  assert.is_false(ok)
  return (text:gsub('^[^:]*:%d+: ', ''))
end

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

  for _, name in ipairs {'sgd', 'nag', 'adam', 'nadam', 'asgd', 'radam'} do
    it('compile once for 1000 steps of a schedule: ' .. name, function ()
      local rate = optim.schedule.cosine {learningRate = 0.01, steps = 1000,
                                          warmup = 10}
      local key = name == 'asgd' and 'eta0' or 'learningRate'
      local a, b, c = start(), start(), start()
      local inside = key == 'learningRate'
                     and optim[name] {learningRate = rate}:init(a)
      local given = optim[name] {[key] = 0}:init(b)
      local eager = optim[name] {[key] = 0}:init(c)
      local function step (opt)
        return autograd.jit(function (p)
          opt:update(p, (gradient(p)))
          return p.b:sum()
        end)
      end
      local one, two = inside and step(inside), step(given)
      for i = 1, 1000 do
        given.config[key] = rate(i)
        two(b)
        if one then one(a) end
        if i <= 50 then
          eager.config[key] = rate(i)
          eager:update(c, (gradient(c)))
        end
        if i == 50 then
          assert.tensor_equal(c.w, b.w)
          if one then assert.tensor_equal(c.w, a.w) end
        end
      end
      assert.equal(1, #autograd.jit_info(two).graphs)
      if one then
        assert.equal(1, #autograd.jit_info(one).graphs)
        assert.tensor_equal(b.w, a.w)
      end
      assert.is_true(torch.ne(b.w, c.w):all())
    end)
  end

  it('begin anew, and go on from a saved state, jitted too', function ()
    local opt = optim.adam {learningRate = 0.1}
    local step = autograd.jit(function (p)
      opt:update(p, (gradient(p)))
      return p.b:sum()
    end)
    local function steps (p, n)
      for _ = 1, n do step(p) end
      return p.w
    end
    local first = start()
    opt:init(first)
    steps(first, 4)
    local second = start()
    opt:init(second) -- the same as the first
    assert.tensor_equal(first.w, steps(second, 4))
    local saved = torch.deserialize(torch.serialize {second, opt.state})
    steps(second, 3)
    local third = saved[1]
    opt:init(third)
    opt.state = saved[2]
    assert.tensor_equal(second.w, steps(third, 3))
  end)

  it('take a function in the place of gradients', function ()
    local value_and_grad = autograd.value_and_grad(function (p)
      return torch.square(p.w):sum() + torch.square(p.b):sum()
    end)
    for _, name in ipairs {'adam', 'nag', 'lbfgs', 'cg'} do
      local p = start()
      local opt = optim[name] {}:init(p)
      local same, loss = opt:update(p, value_and_grad)
      assert.equal(p, same)
      assert.near(14.25 + 0.25, loss, 1e-12)
      assert.is_true(value_and_grad(p) < loss)
    end
  end)

  it('nag: has parameters where the next gradient is taken', function ()
    local p, q, state = start(), start(), {}
    local config = {learningRate = 0.05, momentum = 0.8}
    local opt = optim.nag(config):init(p)
    for _ = 1, 4 do
      opt:update(p, (gradient(p)))
      optim.nag(function (x) return 0, (gradient(x)) end, q, config, state)
    end
    assert.tensor_near(q.w, opt:result(p).w, 1e-14, 1e-14)
    assert.is_true(torch.ne(p.w, q.w):all())
  end)

  it('refuse other parameters', function ()
    local opt = optim.adam {learningRate = 0.1}
    local x = torch.zeros(3)
    assert.equal('optim.adam: update: call opt:init(params) first',
                 message(opt.update, opt, {x}, {x}))
    opt:init {x}
    assert.equal('optim.adam: update: params have 1: [4] float32, opt:init '
                 .. 'was called for 1: [3] float32',
                 message(opt.update, opt, {torch.zeros(4)}, {x}))
    assert.equal('optim.adam: update: params have 2: [3] float32, opt:init '
                 .. 'was called for no 2',
                 message(opt.update, opt, {x, x}, {x, x}))
    opt:init {a = {w = x}, b = x}
    assert.equal('optim.adam: update: params have a.v: [3] float32, opt:init '
                 .. 'was called for a.w: [3] float32',
                 message(opt.update, opt, {a = {v = x}, b = x},
                         {a = {v = x}, b = x}))
    assert.equal('optim.adam: update: params have a.w: [3] float64, opt:init '
                 .. 'was called for a.w: [3] float32',
                 message(opt.update, opt, {a = {w = x:double()}, b = x}, {}))
    assert.equal('optim.adam: update: params have no b, opt:init was called '
                 .. 'for b: [3] float32',
                 message(opt.update, opt, {a = {w = x}}, {}))
    assert.equal('optim.adam: x has 2 tensors, its gradient 1: b is missing',
                 message(opt.update, opt, {a = {w = x}, b = x},
                         {a = {w = x}}))
    assert.equal('optim.adam: a.w is [3], its gradient [4]',
                 message(opt.update, opt, {a = {w = x}, b = x},
                         {a = {w = torch.zeros(4)}, b = x}))
    assert.equal('optim.adam: a.w is [3], its gradient the number 0',
                 message(opt.update, opt, {a = {w = x}, b = x},
                         {a = {w = 0}, b = x}))
    assert.equal('optim.adam: params: b: a tensor expected, got the number 3',
                 message(opt.init, opt, {b = 3}))
    -- a state that was saved for others
    opt:init {a = x}
    opt:update({a = x}, {a = x})
    local other = optim.adam {}:init {a = torch.zeros(4)}
    other.state = opt.state
    assert.equal('optim.adam: opt.state: it is of parameters [3], a is [4]; '
                 .. 'begin with opt:init(params)',
                 message(other.update, other, {a = torch.zeros(4)},
                         {a = torch.zeros(4)}))
  end)

  it('refuse bad options when they are made', function ()
    assert.equal('optim.adam: no option lr; did you mean learningRate',
                 message(optim.adam, {lr = 1}))
    assert.equal('optim.adam: no option momentum', message(optim.adam,
                                                           {momentum = 1}))
    assert.equal('optim.adam: no option weightDecya; did you mean weightDecay',
                 message(optim.adam, {weightDecya = 1}))
    assert.equal('optim.adam: beta2: a number of at least 0 and below 1 '
                 .. 'expected, got 1', message(optim.adam, {beta2 = 1}))
    assert.equal('optim.lbfgs: no option momentum',
                 message(optim.lbfgs, {momentum = 1}))
  end)
end)

describe('states of Torch7\'s form', function ()
  local function feval (n)
    return function () return 0, torch.ones(n) end
  end

  it('for other parameters are refused', function ()
    local state = {}
    optim.adam(feval(3), torch.zeros(3), {}, state)
    assert.equal('optim.adam: argument #4 (state): it is of parameters [3], '
                 .. 'these are [4]; begin with a new state {}',
                 message(optim.adam, feval(4), torch.zeros(4), {}, state))
    assert.equal('optim.adam: argument #4 (state): it is of parameters [3] '
                 .. 'float32, these are [3] float64; begin with a new state {}',
                 message(optim.adam, feval(3), torch.zeros(3):double(), {},
                         state))
    local function same (x) return 0, x end
    local x = torch.ones(2)
    state = {}
    optim.adam(same, {w = x, b = x:clone()}, {}, state)
    assert.equal('optim.adam: argument #4 (state): it is of 2 tensors, these '
                 .. 'are 3; c is new; begin with a new state {}',
                 message(optim.adam, same, {w = x, b = x, c = x}, {}, state))
    assert.equal('optim.adam: argument #4 (state): it is of parameters [2], '
                 .. 'w is [5]; begin with a new state {}',
                 message(optim.adam, same, {w = torch.ones(5), b = x}, {},
                         state))
    state = {}
    optim.lbfgs(function (v) return v:norm()^2, v * 2 end, x, {}, state)
    assert.equal('optim.lbfgs: argument #4 (state): it is of parameters [2], '
                 .. 'these are [5]; begin with a new state {}',
                 message(optim.lbfgs, function (v)
                   return v:norm()^2, v * 2
                 end, torch.ones(5), {}, state))
  end)

  it('may be emptied between jitted steps', function ()
    local x, state, config = start(), {}, {learningRate = 0.1}
    local step = autograd.jit(function (p)
      optim.adam(function (q) return 0, (gradient(q)) end, p, config, state)
      return p.b:sum()
    end)
    for _ = 1, 4 do step(x) end
    local y = start()
    for key in pairs(state) do state[key] = nil end
    for _ = 1, 4 do step(y) end
    assert.tensor_equal(x.w, y.w)
    assert.equal(4, state.t[1])
  end)

  it('may be config, and saved', function ()
    for _, name in ipairs(names) do
      local x, y = torch.ones(3), torch.ones(3)
      local function f (v) return 0, v * 1 end
      local a, b = {}, {}
      optim[name](f, x, a)
      optim[name](f, y, b)
      b = torch.deserialize(torch.serialize(b))
      optim[name](f, x, a)
      optim[name](f, y, b)
      assert.tensor_equal(x, y)
    end
  end)
end)
