-- The exercise "Lagrangians": functions whose gradients are the activations of
-- neurons, and modules of them that learn how steep they are.
--
--   nnlua scripts/lagrangians.lua --help
--
-- Required as a module, it returns the exercise's functions and runs nothing.

local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local plot = require 'plot'
local exercise = require 'nnlua.exercise'

local cmul = torch.cmul

local M = {}

-- ---- functions: tensors of any shape -> a number ----

function M.lagr_identity (x) return torch.pow(x, 2):sum() / 2 end

-- The rectified power unit of degree n.
function M.lagr_repu (x, n) return torch.pow(torch.relu(x), n):sum() / n end

-- The rectified linear unit: a power unit of degree 2.
function M.lagr_relu (x) return M.lagr_repu(x, 2) end

-- The log-sum-exp over dimension `axis` (the last one), whose gradient is the
-- softmax.  beta: the inverse temperature.
function M.lagr_softmax (x, beta, axis)
  beta = beta or 1
  return (torch.logsumexp(cmul(x, beta), axis or x:dim()) / beta):sum()
end

-- The exponential (Demircigil et al., arXiv 1702.01929).
function M.lagr_exp (x, beta)
  beta = beta or 1
  return (torch.exp(cmul(x, beta)) / beta):sum()
end

-- Those of the sigmoid and the tanh need care.  As they stand in books they
-- overflow, and so do their derivatives:
function M.naive_sigmoid (x, beta)
  return (torch.log(torch.exp(x * beta) + 1) / beta):sum()
end

-- So the value is computed in another form, and the derivatives are told:
-- custom_jvp takes a rule of values p and tangents t.  It has a term for beta
-- and one for scale, otherwise nothing could learn them.
local sigmoid_terms = autograd.custom_jvp(function (x, beta, scale)
  return cmul(torch.softplus(cmul(x, beta)) / beta, scale)
end, function (p, t)
  local x, beta, scale = table.unpack(p)
  local y = torch.softplus(cmul(x, beta)) / beta -- per unit of scale
  local s = torch.sigmoid(cmul(x, beta))
  local by_beta = (cmul(x, s) - y) / beta
  return cmul(y, scale), cmul(cmul(s, t[1]) + cmul(by_beta, t[2]), scale)
                         + cmul(y, t[3])
end)

-- log cosh z without overflow
local function log_cosh (z)
  local a = torch.abs(z)
  return a + torch.softplus(a * -2) - math.log(2)
end

local tanh_terms = autograd.custom_jvp(function (x, beta)
  return log_cosh(cmul(x, beta)) / beta
end, function (p, t)
  local x, beta = table.unpack(p)
  local y, s = log_cosh(cmul(x, beta)) / beta, torch.tanh(cmul(x, beta))
  return y, cmul(s, t[1]) + cmul((cmul(x, s) - y) / beta, t[2])
end)

-- scale / beta log(1 + e^(beta x)): the sigmoid stretched to 0..scale.
function M.lagr_sigmoid (x, beta, scale)
  return sigmoid_terms(x, beta or 1.0, scale or 1.0):sum()
end

-- 1 / beta log cosh(beta x)
function M.lagr_tanh (x, beta) return tanh_terms(x, beta or 1.0):sum() end

function M.tempered_sigmoid (x, beta, scale)
  return (scale or 1) / (1 + torch.exp(cmul(x, -(beta or 1))))
end

-- The activation of a Lagrangian: its gradient with respect to x.  Further
-- arguments are passed on.
function M.activation (lagrangian, ...)
  local more = table.pack(...)
  local gradient = autograd.grad(function (x)
    return lagrangian(x, table.unpack(more, 1, more.n))
  end)
  return function (x) return (gradient(x)) end
end

-- ---- modules: Lagrangians with parameters ----

local classes = {}
local Tempered, parent = torch.class('lagrangians.Tempered', 'nn.Module',
                                     classes)

Tempered.parameterNames = {'beta'}

-- The module of a Lagrangian f(x, beta) that learns its beta; what counts is
-- at least min_beta (1e-6), for energies need a positive one.
--   M.Tempered(M.lagr_tanh, {beta = 2}):forward(torch.ones(3))
function Tempered:__init (f, options)
  parent.__init(self)
  self.f = f
  self.beta = torch.Tensor {options and options.beta or 1}
  self.min_beta = options and options.min_beta or 1e-6
end

function Tempered:compute (x)
  return self.f(x, torch.clamp(self.beta, self.min_beta, math.huge))
end

M.Tempered = classes.Tempered

-- How far the activation of a module is from y at x: the mean squared error.
-- f(params, x) is the module; see autograd.functionalize.
function M.fit_loss (params, f, x, y)
  local act = autograd.grad(function (v) return f(params, v) end)(x)
  return torch.pow(act - y, 2):mean()
end

-- Gradient descent on a module's parameters until its activation is y at x.
-- Returns the parameters, and beta before each step and after the last.
function M.fit (module, x, y, rate, steps)
  local f, params = autograd.functionalize(module)
  local step = autograd.jit(function (p, r)
    local grads = autograd.grad(M.fit_loss)(p, f, x, y)
    return autograd.tree.map(function (v, g) return v - r * g end, p, grads)
  end)
  local betas = {torch.item(autograd.tree.leaves(params)[1])}
  for k = 1, steps do
    params = step(params, rate)
    betas[k + 1] = torch.item(autograd.tree.leaves(params)[1])
  end
  return params, betas
end

-- ---- the script ----

-- name, Lagrangian of x, its gradient in closed form
local function table_of (beta)
  return {
    {'identity', M.lagr_identity, function (x) return x end},
    {'relu', M.lagr_relu, torch.relu},
    {'repu', function (x) return M.lagr_repu(x, 3) end,
     function (x) return torch.pow(torch.relu(x), 2) end},
    {'exp', function (x) return M.lagr_exp(x, 0.5) end,
     function (x) return torch.exp(x / 2) end},
    {'sigmoid', function (x) return M.lagr_sigmoid(x, beta, 1.3) end,
     function (x) return M.tempered_sigmoid(x, beta, 1.3) end},
    {'tanh', function (x) return M.lagr_tanh(x, beta) end,
     function (x) return torch.tanh(x * beta) end},
    {'softmax', function (x) return M.lagr_softmax(x, beta) end,
     function (x) return torch.softmax(x * beta, x:dim()) end},
  }
end

-- Curves of the elementwise ones: the Lagrangians, and their activations.
local function curves (list, x)
  local lagrangians, activations = {}, {}
  for i = 1, #list - 1 do -- the last one, softmax, is of vectors
    local name, f = list[i][1], list[i][2]
    local each = autograd.vmap(f)
    local style = name == 'identity' and 'dashed' or nil -- relu lies on it
    lagrangians[i] = {x = x, y = each(x), label = name, style = style}
    activations[i] = {x = x, y = autograd.vmap(M.activation(f))(x),
                      label = name, style = style}
  end
  return lagrangians, activations
end

-- What softmax makes of the vector (x, 1, 0): its first entry.
local function softmax_curves (x)
  local list = {}
  for i, beta in ipairs {0.5, 1, 2, 8} do
    local first = autograd.vmap(function (v)
      local vector = torch.cat({v:view(1), torch.Tensor {1, 0}}, 1)
      return M.activation(M.lagr_softmax, beta)(vector)[1]
    end)
    list[i] = {x = x, y = first(x), label = ('beta %g'):format(beta)}
  end
  return list
end

local function picture (run, fits)
  local x = torch.linspace(-3, 3, 241)
  local lagrangians, activations = curves(table_of(2), x)
  run:plot {
    plot.line {title = 'Lagrangians of one neuron', xlabel = 'state x',
               yrange = {-0.5, 5}, key = 'outside',
               table.unpack(lagrangians)},
    plot.line {title = 'Their gradients: activations', xlabel = 'state x',
               yrange = {-1.5, 3}, key = 'outside',
               table.unpack(activations)},
    plot.line {title = 'Softmax of (x, 1, 0): first entry', xlabel = 'x',
               key = 'top left', table.unpack(softmax_curves(x))},
    plot.line {title = 'Beta learned from activations', xlabel = 'step',
               ylabel = 'beta', key = 'bottom right',
               yrange = {0, 1.1 * math.max(1, fits[3].y[1])},
               table.unpack(fits)},
    columns = 2, size = {1200, 900}}
end

local function main (run)
  local opt = run.opt
  local x = torch.randn(4, 20)

  run:part 'Lagrangians, and their activations by autodiff'
  local list = table_of(0.2)
  for _, entry in ipairs(list) do
    local name, f, closed = table.unpack(entry)
    run:say(('L_%s(x) = %.4f'):format(name, f(x)))
    run:near(name .. ' is the gradient of its Lagrangian',
             M.activation(f)(x), closed(x), 1e-6)
  end

  run:part 'Large states'
  local large = torch.Tensor {-1000, -50, 0, 50, 1000}
  -- In float32 e^1000 is infinite; what autodiff makes of it is inf / inf.
  local function row (t)
    local words = t:totable()
    for i, v in ipairs(words) do
      words[i] = v == v and ('%10.3g'):format(v) or '       nan'
    end
    return table.concat(words)
  end
  run:say('states:                 ' .. row(large))
  run:say('naive sigmoid, gradient:'
          .. row(M.activation(M.naive_sigmoid, 1)(large)))
  run:say('with its rule, gradient:'
          .. row(M.activation(M.lagr_sigmoid)(large)))
  run:near('sigmoid at large states', M.activation(M.lagr_sigmoid)(large),
           torch.sigmoid(large), 1e-7)
  run:near('tanh at large states', M.activation(M.lagr_tanh)(large),
           torch.tanh(large), 1e-7)
  run:near('log cosh at large states', M.lagr_tanh(large),
           2 * (1050 - 2 * math.log(2)), 1e-6)

  run:part 'Lagrangians as modules with parameters'
  for _, name in ipairs {'exp', 'sigmoid', 'tanh', 'softmax'} do
    local ours = M.Tempered(M['lagr_' .. name], {beta = 2})
    local class = 'L' .. name:sub(1, 1):upper() .. name:sub(2)
    local theirs = nn[class] {beta = 2}
    run:near(('%s is nn.%s'):format(name, class), ours:forward(x),
             theirs:forward(x))
    local function of_beta (m)
      local f, params = autograd.functionalize(m)
      return autograd.grad(f)(params, x)[1].beta
    end
    run:near('and has its derivative for beta', of_beta(ours),
             of_beta(theirs))
  end
  local clipped = M.Tempered(M.lagr_exp, {beta = -1, min_beta = 0.5})
  local f, params = autograd.functionalize(clipped)
  run:near('a beta below min_beta counts as that', f(params, x),
           M.lagr_exp(x, 0.5))
  run:near('and has no derivative', autograd.grad(f)(params, x)[1].beta,
           torch.zeros(1))

  run:part(('Learning beta in %d steps of rate %g'):format(opt.steps, opt.rate))
  local fits, last = {}, nil
  local u = torch.linspace(-2, 2, 101)
  for i, kind in ipairs {'sigmoid', 'tanh'} do
    local lagrangian = M['lagr_' .. kind]
    local target = M.activation(lagrangian, opt.beta)(u)
    local module = M.Tempered(lagrangian, {beta = 1})
    local learned, betas = M.fit(module, u, target, opt.rate, opt.steps)
    last = betas[#betas]
    run:say(('%s: beta %.4f after the last step, loss %.1e'):format(kind,
      last, M.fit_loss(learned, (autograd.functionalize(module)), u, target)))
    fits[i] = {x = torch.range(0, opt.steps), y = betas, label = kind}
  end
  local steps = torch.range(0, opt.steps)
  fits[3] = {x = steps, y = steps * 0 + opt.beta, label = 'wanted',
             style = 'dashed', color = '#333333'}
  picture(run, fits)
  return run:finish('learned beta %.4f of %g', last, opt.beta)
end

return exercise.script(M, main, {
  name = 'lagrangians',
  about = 'Activations as gradients of Lagrangians.',
  options = {
    {'--beta', 4, 'inverse temperature to be learned', above = 0},
    {'--rate', 5, 'size of a step', above = 0},
    {'--steps', 500, 'steps of gradient descent', least = 1},
  }})
