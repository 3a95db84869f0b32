-- States of optimizers belong to their parameters: every algorithm, in both
-- forms, refuses one of parameters of other sizes, dtype, count or paths,
-- before it changes anything.

require 'nnlua.busted'
local torch = require 'torch'
local optim = require 'optim'
local autograd = require 'autograd'

-- name -> configs; a config may have the algorithm keep nothing but a count
local algorithms = {
  {'sgd', {}}, {'sgd', {momentum = 0.9}}, {'sgd', {learningRateDecay = 0.1}},
  {'nag', {}}, {'nag', {momentum = 0.5}}, {'asgd', {}}, {'adam', {}},
  {'adamw', {}}, {'adamax', {}}, {'nadam', {}}, {'radam', {}},
  {'adagrad', {}}, {'adadelta', {}}, {'rmsprop', {}},
  {'rmsprop', {centered = true}}, {'rprop', {}}, {'lion', {}},
  {'adabelief', {}}, {'lamb', {}}, {'lbfgs', {}},
  {'lbfgs', {lineSearch = optim.lswolfe}}, {'cg', {}},
}

local function T (...) return torch.tensor({...}, 'float64') end

-- case -> the first parameters, the second, what the refusal says
local cases = {
  {'sizes', T(1, 2, 3), T(1, 2, 3, 4),
   'parameters [3], these are [4]'},
  {'shapes of equal size', T(1, 2, 3, 4), T(1, 2, 3, 4):view(2, 2),
   'parameters [4], these are [2 x 2]'},
  {'dtypes', T(1, 2, 3), T(1, 2, 3):float(),
   'parameters [3] float64, these are [3] float32'},
  {'sizes in a tree', {w = T(1, 2), b = T(1)}, {w = T(1, 2, 3), b = T(1)},
   'parameters [2], w is [3]'},
  {'dtypes in a tree', {w = T(1, 2), b = T(1)},
   {w = T(1, 2), b = T(1):float()},
   'parameters [1] float64, b is [1] float32'},
  {'counts', {w = T(1, 2)}, {w = T(1, 2), c = T(1)},
   '1 tensors, these are 2; c is new'},
  {'paths', {w = T(1, 2)}, {v = T(1, 2)}, '1 tensors, these are 1; v is new'},
  {'a tree for a tensor', T(1, 2), {w = T(1, 2)},
   'one tensor [2], x is a tree of 1'},
  {'a tensor for a tree', {w = T(1, 2)}, T(1, 2),
   'a tree of 1 tensors, x is one, [2]'},
}

local tree = autograd.tree
local function copy (t) return tree.map(torch.clone, t) end
local function opfunc (t)
  local loss = 0
  for _, p in ipairs(tree.leaves(t)) do
    loss = loss + torch.square(p):sum()
  end
  return loss, tree.map(function (p) return p * 2 end, t)
end

local function message (...)
  local ok, text = pcall(...)
  assert.is_false(ok)
  return (text:gsub('^[^:]*:%d+: ', ''))
end

local function options (config)
  local out = {}
  for key, value in pairs(config) do out[key] = value end
  return out
end

-- What refusing leaves as it was: parameters, and the state as bytes.
local function unchanged (x, state, f)
  local before, bytes = copy(x), torch.serialize(state)
  f()
  tree.map(function (p, q) assert.tensor_equal(p, q) end, before, x)
  assert.equal(bytes, torch.serialize(state))
end

describe('a state of other', function ()
  for _, case in ipairs(cases) do
    local title, first, second, words = table.unpack(case)
    for _, algorithm in ipairs(algorithms) do
      local name, config = algorithm[1], algorithm[2]
      local keys = next(config) and ' with ' .. next(config) or ''
      it(('%s is refused by %s%s'):format(title, name, keys), function ()
        local alg = optim[name]
        -- Torch7's form
        local state, x = {}, copy(second)
        alg(opfunc, copy(first), options(config), state)
        unchanged(x, state, function ()
          local called = false
          assert.equal(('optim.%s: argument #4 (state): it is of %s; begin '
                        .. 'with a new state {}'):format(name, words),
                       message(alg, function (p)
                         called = true
                         return opfunc(p)
                       end, x, options(config), state))
          assert.is_false(called)
        end)
        -- the state goes on with its own, and these with their own
        alg(opfunc, copy(first), options(config), state)
        alg(opfunc, x, options(config), {})
        -- where config keeps the state
        local both = options(config)
        alg(opfunc, copy(first), both)
        assert.equal(('optim.%s: argument #3 (config), which keeps the state: '
                      .. 'it is of %s; give each its own state, a table as '
                      .. 'argument #4'):format(name, words),
                     message(alg, opfunc, copy(second), both))
        -- the object's, with a state that was put back
        local one = alg(options(config)):init(first)
        one:update(copy(first), opfunc)
        local two = alg(options(config)):init(second)
        two.state, x = one.state, copy(second)
        unchanged(x, two.state, function ()
          assert.equal(('optim.%s: opt.state: it is of %s; begin with '
                        .. 'opt:init(params)'):format(name, words),
                       message(two.update, two, x, opfunc))
        end)
        two:init(x):update(x, opfunc)
      end)
    end
  end
end)

describe('states', function ()
  for _, algorithm in ipairs(algorithms) do
    local name, config = algorithm[1], algorithm[2]
    local keys = next(config) and ' with ' .. next(config) or ''

    -- (nag has begun: it moves x before it evaluates)
    if name ~= 'nag' then it('of a call that failed belong to nobody: ' .. name .. keys, function ()
      local state = {}
      assert.equal('no data', message(optim[name], function ()
        error('no data', 0)
      end, T(1, 2, 3), options(config), state))
      local x = T(1, 2)
      optim[name](opfunc, x, options(config), state)
      assert.is_true(torch.ne(x, T(1, 2)):any())
    end) end

    it('are saved with whose they are: ' .. name .. keys, function ()
      for _, x in ipairs {T(1, 2, 3), {w = T(1, 2), b = T(3)}} do
        local state = {}
        local y = copy(x)
        optim[name](opfunc, y, options(config), state)
        state = torch.deserialize(torch.serialize(state))
        optim[name](opfunc, y, options(config), state)
        assert.is_truthy(message(optim[name], opfunc, T(1, 2, 3, 4),
                                 options(config), state):find('it is of', 1,
                                                              true))
      end
    end)
  end

  it('and configs are tables, losses numbers, parameters floats', function ()
    local seen = {}
    for _, algorithm in ipairs(algorithms) do
      local name = algorithm[1]
      local alg, x = optim[name], T(1, 2)
      if not seen[name] then
        seen[name] = true
        assert.equal(('optim.%s: argument #4 (state): a table expected, {} to '
                      .. 'begin with, got the number 3'):format(name),
                     message(alg, opfunc, x, {}, 3))
        assert.equal(('optim.%s: argument #3 (config): a table of options '
                      .. 'expected, got the number 0.1'):format(name),
                     message(alg, opfunc, x, 0.1))
        assert.equal(('optim.%s: x: a tensor of floats expected, got [2] of '
                      .. 'int64; convert it with x:float()'):format(name),
                     message(alg, opfunc, torch.LongTensor {1, 2}, {}, {}))
        assert.tensor_equal(T(1, 2), x)
      end
    end
    for _, name in ipairs {'lbfgs', 'cg'} do
      assert.equal(('optim.%s: opfunc must return the loss, a number, and the '
                    .. 'gradient; got nil'):format(name),
                   message(optim[name], function () end, T(1, 2), {}, {}))
    end
  end)

  it('need tensors as parameters', function ()
    assert.equal('optim.sgd: x: w: a tensor expected, got the number 3',
                 message(optim.sgd, opfunc, {w = 3}, {}, {}))
  end)
end)
