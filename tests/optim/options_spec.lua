-- Options of optimizers: bounds, names, groups of parameters.

require 'nnlua.busted'
local torch = require 'torch'
local optim = require 'optim'
local autograd = require 'autograd'

local function message (...)
  local ok, text = pcall(...)
  assert.is_false(ok)
  return (text:gsub('^[^:]*:%d+: ', ''))
end

local function feval (x) return 0, autograd.tree.map(torch.clone, x) end

describe('options of optimizers', function ()
  it('vectors of another size than x are refused', function ()
    for _, key in ipairs {'learningRates', 'weightDecays'} do
      assert.equal(('optim.sgd: %s: a tensor like the parameters [3] expected, '
                    .. 'got [2]'):format(key),
                   message(optim.sgd, feval, torch.ones(3),
                           {[key] = torch.ones(2)}))
      assert.equal(('optim.sgd: %s: a tensor like the parameters [3] expected, '
                    .. 'got [1]'):format(key),
                   message(optim.sgd, feval, torch.ones(3),
                           {[key] = torch.ones(1)}))
    end
  end)

  local nan, inf = 0 / 0, math.huge

  for _, case in ipairs {
    {'sgd', 'learningRate', -1, 'a finite number of at least 0'},
    {'adam', 'learningRate', nan, 'a finite number of at least 0'},
    {'adam', 'learningRate', inf, 'a finite number of at least 0'},
    {'adam', 'beta1', 1, 'a number of at least 0 and below 1'},
    {'lion', 'beta2', -0.1, 'a number of at least 0 and below 1'},
    {'adam', 'epsilon', -1e-8, 'a finite number of at least 0'},
    {'sgd', 'weightDecay', -1, 'a finite number of at least 0'},
    {'sgd', 'momentum', nan, 'a finite number of at least 0'},
    {'sgd', 'dampening', nan, 'a finite number'},
    {'nag', 'momentum', 0, 'a finite number above 0'},
    {'rmsprop', 'alpha', 1.5, 'a number of at least 0 and at most 1'},
    {'adadelta', 'rho', 2, 'a number of at least 0 and at most 1'},
    {'asgd', 'eta0', -1, 'a finite number of at least 0'},
    {'rprop', 'etaminus', 1, 'a number above 0 and below 1'},
    {'rprop', 'etaplus', 0.5, 'a number of at least 1'},
    {'lbfgs', 'maxIter', 0, 'a number of at least 1'},
    {'lbfgs', 'learningRate', -1, 'a finite number of at least 0'},
    {'cg', 'sig', 2, 'a number above 0 and below 1'},
    {'cg', 'ext', 1, 'a finite number above 1'},
  } do
    local name, key, value, wanted = table.unpack(case)
    it(('are bounded: %s %s %s'):format(name, key, value), function ()
      local text = ('optim.%s: %s: %s expected, got %s'):format(name, key,
        wanted, tostring(value))
      local x = torch.ones(2)
      assert.equal(text, message(optim[name], feval, x, {[key] = value}, {}))
      assert.tensor_equal(torch.ones(2), x)
      local opt = optim[name]
      local p = {w = torch.ones(2)}
      assert.equal(text, message(function ()
        opt {[key] = value}:init(p):update(p, feval)
      end))
    end)
  end

  it('are known by name', function ()
    local x = torch.ones(2)
    -- config that is the state too, with fields of the script's own
    optim.sgd(feval, x, {learningRate = 0.1, epoch = 3, momentum = 0})
    -- one table for any optimizer, as Torch7's scripts have it
    optim.adam(feval, x, {learningRate = 0.1, momentum = 0.9}, {})
    assert.equal('optim.sgd: no option epoch',
                 message(optim.sgd, feval, x, {epoch = 3}, {}))
    assert.equal('optim.sgd: no option momentun; did you mean momentum',
                 message(optim.sgd, feval, x, {momentun = 0.9}))
    assert.equal('optim.cg: no option maxiter; did you mean maxIter',
                 message(optim.cg, feval, x, {maxiter = 3}))
  end)

  it('follow a schedule of the number of the update', function ()
    local rate = optim.schedule.step {learningRate = 1, every = 2, gamma = 0.5}
    local x, state = torch.zeros(1):double(), {}
    local function ones () return 0, torch.ones(1):double() end
    for _ = 1, 4 do optim.sgd(ones, x, {learningRate = rate}, state) end
    assert.equal(-(1 + 1 + 0.5 + 0.5), x[1])
    assert.equal('optim.sgd: learningRate: a finite number of at least 0 '
                 .. 'expected, got -1',
                 message(optim.sgd, ones, x,
                         {learningRate = function () return -1 end}, state))
    local plateau = optim.schedule.plateau {learningRate = 1}
    assert.truthy(message(optim.sgd, ones, x, {learningRate = plateau}, state)
                  :find('x is one tensor', 1, true))
  end)
end)

describe('steps of optimizers', function ()
  -- rprop's first step sizes are made outside of transforms
  for name in ([[sgd nag asgd adam adamw adamax nadam radam adagrad adadelta
    rmsprop lion adabelief lamb]]):gmatch '%S+' do
    it('are differentiated by the learning rate: ' .. name, function ()
      local key = name == 'asgd' and 'eta0' or 'learningRate'
      local function after (rate)
        local p, state = {w = torch.DoubleTensor {1, -2}}, {}
        for _ = 1, 3 do
          optim[name](function (q) return 0, {w = torch.mul(q.w, 2)} end, p,
                      {[key] = rate}, state)
        end
        return torch.square(p.w):sum()
      end
      local step = 1e-6
      local want = (after(0.1 + step) - after(0.1 - step)) / (2 * step)
      assert.near(want, autograd.grad(after)(0.1), 1e-6 * math.abs(want))
    end)
  end
end)

describe('groups of parameters', function ()
  local function tree (f)
    return {conv = {weight = f(1), bias = f(2)}, out = {weight = f(3),
                                                        bias = f(4)}}
  end
  local function start ()
    return tree(function (i) return torch.tensor({i, -i / 2}, 'float64') end)
  end
  local function leaf (p) return p.conv.weight, p.conv.bias, p.out.weight end
  local names = {'sgd', 'nag', 'asgd', 'adam', 'adamw', 'adamax', 'nadam',
                 'radam', 'adagrad', 'adadelta', 'rmsprop', 'lion',
                 'adabelief', 'lamb'}
  local gradient = autograd.grad(function (p)
    local sum = 0
    for _, x in ipairs(autograd.tree.leaves(p)) do
      sum = sum + torch.cmul(torch.cos(x), x):sum()
    end
    return sum
  end)
  local function one (x)
    return 0, torch.cos(x) - torch.cmul(torch.sin(x), x)
  end

  -- each tensor goes as if it were alone, with its own options
  for _, name in ipairs(names) do
    it('have options of their own: ' .. name, function ()
      local rate = name == 'asgd' and 'eta0' or 'learningRate'
      local config = {[rate] = 0.05, weightDecay = 0.1, groups = {
        {match = 'bias$', weightDecay = 0},
        {match = {'^out'}, [rate] = 0.01},
      }}
      local p, q, r, state = start(), start(), start(), {}
      local opt = optim[name](config):init(p)
      local jitted = optim[name](config):init(r)
      local step = autograd.jit(function (t)
        jitted:update(t, (gradient(t)))
        return t.conv.bias:sum()
      end)
      local alone, states = start(), tree(function () return {} end)
      local options = {
        conv = {weight = {0.05, 0.1}, bias = {0.05, 0}},
        out = {weight = {0.01, 0.1}, bias = {0.05, 0}}}
      for _ = 1, 4 do
        opt:update(p, (gradient(p)))
        step(r)
        optim[name](function (t) return 0, (gradient(t)) end, q, config, state)
        for layer, part in pairs(alone) do
          for key, x in pairs(part) do
            local o = options[layer][key]
            optim[name](one, x, {[rate] = o[1], weightDecay = o[2]},
                        states[layer][key])
          end
        end
      end
      for layer, part in pairs(alone) do
        for key, x in pairs(part) do
          assert.tensor_near(x, q[layer][key], 1e-13, 1e-13)
          if name ~= 'nag' then
            assert.tensor_equal(q[layer][key], p[layer][key])
          end
          assert.tensor_equal(p[layer][key], r[layer][key])
        end
      end
    end)
  end

  it('may be named by a function or a list of tensors', function ()
    for _, by in ipairs {'match', 'params'} do
      local p = start()
      local frozen = by == 'match' and function (path, x)
        return path == 'conv.weight' and x:nElement() == 2
      end or {p.conv.weight}
      local opt = optim.sgd {learningRate = 1,
                             groups = {{[by] = frozen, learningRate = 0}}}
      opt:init(p):update(p, feval)
      local a, b = leaf(p)
      assert.tensor_equal((leaf(start())), a)
      assert.tensor_equal(torch.zeros(2):double(), b)
    end
  end)

  it('may be a tree of numbers', function ()
    local p = start()
    optim.sgd(feval, p, {learningRate = {conv = 1, out = {weight = 0.5,
                                                          bias = 0}},
                         weightDecay = tree(function () return 0 end)})
    local a, b, c = leaf(p)
    assert.tensor_equal(torch.zeros(2):double(), a)
    assert.tensor_equal(torch.zeros(2):double(), b)
    assert.tensor_equal(start().out.weight / 2, c)
    assert.equal('optim.sgd: learningRate: it is a tree without a number for '
                 .. 'conv.bias',
                 message(optim.sgd, feval, p,
                         {learningRate = {conv = {weight = 1}, out = 1}}))
    assert.equal('optim.sgd: conv.bias: weightDecay: a finite number of at '
                 .. 'least 0 expected, got -1',
                 message(optim.sgd, feval, p,
                         {weightDecay = {conv = {weight = 1, bias = -1},
                                         out = 1}}))
  end)

  it('explain mistakes', function ()
    local p = start()
    local function try (groups)
      return message(function ()
        optim.adam {groups = groups}:init(p):update(p, feval)
      end)
    end
    assert.equal('optim.adam: groups: a list of tables of options expected, '
                 .. 'got the number 3', try(3))
    assert.equal('optim.adam: groups[1]: a table of options with `match` (a '
                 .. 'pattern of paths, a list of them, or a function) or '
                 .. '`params` (a list of tensors) expected',
                 try {{weightDecay = 0}})
    assert.equal('optim.adam: groups[1]: it has none of the parameters '
                 .. 'conv.bias conv.weight out.bias out.weight',
                 try {{match = 'scale', weightDecay = 0}})
    assert.equal('optim.adam: groups[1]: no option weightdecay; did you mean '
                 .. 'weightDecay', try {{match = 'bias', weightdecay = 0}})
    assert.equal('optim.adam: groups[1]: beta1: a number of at least 0 and '
                 .. 'below 1 expected, got 2', try {{match = 'bias',
                                                     beta1 = 2}})
    assert.equal('optim.adam: groups: x is one tensor; give its parts as a '
                 .. 'tree, {weight = w, bias = b}',
                 message(optim.adam, feval, torch.ones(2),
                         {groups = {{match = 'w'}}}))
  end)
end)
