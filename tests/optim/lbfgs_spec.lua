-- optim.lbfgs, lswolfe, cg against PyTorch's path and on problems whose
-- minimum is known; checkgrad.

local torch = require 'torch'
local nn = require 'nn'
local optim = require 'optim'
local autograd = require 'autograd'
local golden = dofile 'tests/nn/golden.lua'

local function rosenbrock (v)
  return (1 - v[1])^2 + 100 * (v[2] - v[1] * v[1])^2
end

-- The regression of the reference over one flat vector.
local names = {'W1', 'b1', 'W2', 'b2'}

local function regression (inp)
  local X, T = golden.tensor(inp.X), golden.tensor(inp.T)
  local parts, at = {}, 1
  for i, name in ipairs(names) do
    local p = golden.tensor(inp[name])
    parts[i] = {first = at, count = p:nElement(), like = p}
    at = at + p:nElement()
  end
  local function unflatten (v)
    local out = {}
    for i, part in ipairs(parts) do
      out[i] = v:narrow(1, part.first, part.count):viewAs(part.like)
    end
    return out
  end
  local start = torch.zeros(at - 1):double()
  for i, p in ipairs(unflatten(start)) do p:copy(parts[i].like) end
  return start, function (v)
    local p = unflatten(v)
    local h = torch.tanh(X * p[1]:t() + p[2])
    return torch.square(h * p[3]:t() + p[4] - T):mean()
  end, unflatten
end

local function setup (case)
  if case.args.problem == 'rosenbrock' then
    return golden.tensor(case.inp.x), rosenbrock, function (v) return {v} end,
           {'x'}
  end
  local start, f, unflatten = regression(case.inp)
  return start, f, unflatten, names
end

describe('optim.lbfgs', function ()
  for _, case in ipairs(golden.cases('optimizers_torch', 'op',
                                     '^optim%.lbfgs$')) do
    it('follows the reference: ' .. case.name, function ()
      local x, f, unflatten, fields = setup(case)
      local a, state, count = case.args, {}, 0
      local feval = autograd.value_and_grad(f)
      local config = {maxIter = a.maxIter, maxEval = a.maxEval,
        tolFun = a.tolGrad, tolX = a.tolChange, nCorrection = a.nCorrection,
        learningRate = a.learningRate,
        lineSearch = a.lineSearch ~= 'none' and optim.lswolfe or nil}
      for i = 1, 5 do
        local _, losses, n = optim.lbfgs(feval, x, config, state)
        count = count + n
        golden.near(golden.tensor(case.out.loss)[i], losses[1], 'loss', 1e-8,
                    1e-10)
        for k, p in ipairs(unflatten(x)) do
          golden.near(golden.tensor(case.out[fields[k]])[i + 1], p,
                      ('%s after %d'):format(fields[k], i), 1e-8, 1e-10)
        end
      end
      assert.equal(case.out.func_evals, count)
      assert.equal(case.out.n_iter, state.nIter)
    end)
  end

  -- as an object over the tree: the same calls, and where there is no line
  -- search the same path from gradients alone, eager and jitted
  for _, case in ipairs(golden.cases('optimizers_torch', 'op',
                                     '^optim%.lbfgs$')) do
    it('follows the reference as an object: ' .. case.name, function ()
      local x, f, unflatten, fields = setup(case)
      local a = case.args
      local function tree ()
        local p = {}
        for k, t in ipairs(unflatten(x)) do p[fields[k]] = t:clone() end
        return p
      end
      local function join (p)
        local list = {}
        for k, field in ipairs(fields) do
          list[k] = p[field]:reshape(p[field]:nElement())
        end
        return torch.cat(list, 1)
      end
      local value_and_grad = autograd.value_and_grad(function (p)
        return f(join(p))
      end)
      local config = {maxIter = a.maxIter, maxEval = a.maxEval,
        tolFun = a.tolGrad, tolX = a.tolChange, nCorrection = a.nCorrection,
        learningRate = a.learningRate,
        lineSearch = a.lineSearch ~= 'none' and optim.lswolfe or nil}
      local function near (p, i, what)
        for _, key in ipairs(fields) do
          golden.near(golden.tensor(case.out[key])[i + 1], p[key],
                      ('%s %s after %d'):format(what, key, i), 1e-8, 1e-10)
        end
      end
      local p, q, r, again = tree(), tree(), tree(), tree()
      local opt = optim.lbfgs(config):init(p)
      local given = optim.lbfgs(config):init(q)
      for i = 1, 5 do
        local _, loss = opt:update(p, value_and_grad)
        golden.near(golden.tensor(case.out.loss)[i], loss, 'loss', 1e-8, 1e-10)
        near(p, i, 'object')
        local value, grads = value_and_grad(q)
        given:update(q, grads, {value = value, value_and_grad = value_and_grad})
        near(q, i, 'with a value')
      end
      assert.equal(case.out.func_evals, opt.state.funcEval)
      if config.lineSearch then
        local _, grads = value_and_grad(q)
        local ok, text = pcall(given.update, given, q, grads)
        assert.is_false(ok)
        assert.truthy(text:find('optim.lbfgs: update: it searches along lines '
                                .. 'and has to evaluate', 1, true))
        return
      end
      local plain = optim.lbfgs(config):init(r)
      local jitted = optim.lbfgs(config):init(again)
      local step = autograd.jit(function (t)
        local loss, grads = value_and_grad(t)
        jitted:update(t, grads)
        return loss
      end)
      for i = 1, 5 do
        for _ = 1, a.maxIter do
          local _, grads = value_and_grad(r)
          plain:update(r, grads)
          step(again)
        end
        near(r, i, 'gradients alone')
        near(again, i, 'jitted')
        for _, key in ipairs(fields) do
          assert.is_true(torch.equal(r[key], again[key]))
        end
      end
      assert.equal(1, #autograd.jit_info(step).graphs)
    end)
  end

  it('and cg take trees, and refuse to be jitted', function ()
    for _, name in ipairs {'lbfgs', 'cg'} do
      local p = {a = torch.DoubleTensor {3, -1}, b = {torch.FloatTensor {2}}}
      local feval = autograd.value_and_grad(function (t)
        return torch.square(t.a):sum() + (torch.square(t.b[1]) * 3):sum()
      end)
      local _, losses = optim[name](feval, p, {maxIter = 40}, {})
      assert.near(22, losses[1], 1e-5)
      assert.is_true(feval(p) < 1e-8)
      local ok, text = pcall(autograd.jit(function (t)
        optim[name](feval, t, {}, {})
        return t.a:sum()
      end), p)
      assert.is_false(ok)
      assert.truthy(text:find('optim.' .. name .. ': it looks at losses, which '
                              .. 'a transform has not; call it outside, with '
                              .. 'a jitted opfunc', 1, true))
    end
  end)

  it('finds the minimum', function ()
    local x = torch.DoubleTensor {-1.2, 1}
    local _, losses = optim.lbfgs(autograd.value_and_grad(rosenbrock), x,
      {maxIter = 100, lineSearch = optim.lswolfe, tolX = 1e-20,
       tolFun = 1e-9})
    assert.is_true(losses[#losses] < 1e-12)
    assert.near(1, x[1], 1e-6)
  end)
end)

describe('optim.cg', function ()
  it('finds the minimum', function ()
    local x = torch.DoubleTensor {-1.2, 1}
    local _, losses, n = optim.cg(autograd.value_and_grad(rosenbrock), x,
                                  {maxIter = 100})
    assert.is_true(losses[#losses] < 1e-6)
    assert.is_true(n <= 130)
    for i = 2, #losses do assert.is_true(losses[i] <= losses[i - 1]) end
  end)

  it('solves a quadratic problem in as many steps as it has dimensions',
     function ()
    torch.manualSeed(2)
    local a = torch.randn(5, 5):double()
    a = a * a:t() + torch.eye(5, 5):double()
    local b = torch.randn(5):double()
    local x = torch.zeros(5):double()
    optim.cg(autograd.value_and_grad(function (v)
      return torch.dot(v, a * v) / 2 - torch.dot(b, v)
    end), x, {maxIter = 40, sig = 1e-3, rho = 1e-4})
    golden.near(b, a * x, 'residual', 1e-3, 1e-3)
  end)
end)

describe('optim.checkgrad', function ()
  it('steps as far as float32 needs', function ()
    torch.manualSeed(2)
    local net = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
    local w, dw = net:getParameters()
    local x, criterion = torch.randn(6, 4), nn.MSECriterion()
    local y = torch.randn(6, 3)
    local function feval ()
      dw:zero()
      local loss = criterion:forward(net:forward(x), y)
      net:backward(x, criterion:backward(net.output, y))
      return loss, dw
    end
    assert.is_true(optim.checkgrad(feval, w) < 1e-3)
    assert.is_true(optim.checkgrad(function ()
      local loss, g = feval()
      return loss, g:mul(1.05)
    end, w) > 1e-2)
  end)

  it('tells right gradients from wrong ones', function ()
    local x = torch.DoubleTensor {0.3, -0.7}
    local right = autograd.value_and_grad(rosenbrock)
    assert.is_true(optim.checkgrad(right, x, 1e-6) < 1e-7)
    local buffer = torch.zeros(2):double()
    local difference = optim.checkgrad(function (v)
      local f, g = right(v)
      return f, buffer:copy(g * 1.1)
    end, x, 1e-6)
    assert.near(0.1 / 2.1, difference, 1e-6)
    assert.equal(0.3, x[1])
  end)
end)
