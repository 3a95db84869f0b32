-- optim.lbfgs, lswolfe, cg against PyTorch's path and on problems whose
-- minimum is known; checkgrad.

local torch = require 'torch'
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
