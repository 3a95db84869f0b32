-- The course's "a few reminders": gradients, functions of one example applied
-- to many, compilation.
--
--   nnlua scripts/transforms.lua --help
--
-- Required as a module, it returns the exercise's functions and runs nothing.

local torch = require 'torch'
local autograd = require 'autograd'
local random = require 'random'
local plot = require 'plot'
local exercise = require 'nnlua.exercise'

local M = {}

-- sum x^2.  Its gradient at {x1, ..., xn} is {2 x1, ..., 2 xn}.
function M.square_sum (x) return torch.pow(x, 2):sum() end

-- sum x y^2 over a dictionary {x =, y =}.
function M.mul_sum (params)
  return torch.cmul(params.x, torch.pow(params.y, 2)):sum()
end

-- The sum of an element and its right neighbour; index counts from 1.
function M.mini_conv (x, index) return x[index] + x[index + 1] end

-- Of two matrices of one shape: x^2 + c a + y + x + y^3 + a b with a = x + 1,
-- b the squares of y's second column (one for each row), c x's first row.
function M.polynom (x, y)
  local a = x + 1
  local b = torch.pow(y:select(2, 2), 2):view(-1, 1)
  local c = x[1]:view(1, -1)
  return torch.pow(x, 2) + torch.cmul(c, a) + y + x + torch.pow(y, 3)
         + torch.cmul(a, b)
end

-- Calls f on so many pairs of fresh random matrices.  The notebook draws x and
-- y from one key, so that they are equal; here each has its own.
function M.repeated (f, key, iterations)
  for _ = 1, iterations do
    local x_key, y_key
    key, x_key, y_key = random.split(key, 3)
    f(random.normal(x_key, {128, 12}), random.normal(y_key, {128, 12}))
  end
end

-- ---- the script ----

local function gradients (run)
  run:part 'grad: the gradient of a function'
  local x = torch.Tensor {1, 2, 3, 4}
  local grad = autograd.grad(M.square_sum)(x)
  run:say('gradient of sum x^2 at 1, 2, 3, 4:', grad)
  run:near('it is 2 x', grad, 2 * x)

  run:part 'grad through a dictionary'
  local params = {x = x, y = x}
  grad = autograd.grad(M.mul_sum)(params)
  run:say('gradient of sum x y^2, for x:', grad.x, 'for y:', grad.y)
  run:near('it is y^2 for x, 2 x y for y', grad,
           {x = torch.pow(x, 2), y = 2 * torch.pow(x, 2)})
end

local function mapped (run)
  run:part 'vmap: a function of one example, applied to many'
  local x = torch.Tensor {{1, 2, 3, 4}, {5, 6, 7, 8}}
  local index = torch.LongTensor {1, 2}
  local sums = autograd.vmap(M.mini_conv)(x, index)
  run:say('x[index] + x[index + 1] of each row:', sums)
  run:near('it is {1 + 2, 6 + 7}', sums, torch.Tensor {3, 13})
end

local function compiled (run)
  run:part 'jit: a function compiled'
  local jitted = autograd.jit(M.polynom)
  local x, y, same = torch.randn(128, 12), torch.randn(128, 12), true
  for _ = 1, 3 do -- captured, captured again and compared, replayed
    same = same and torch.equal(M.polynom(x, y), jitted(x, y))
  end
  run:check('polynom has the same bits with jit and without', same)
  local n = run.opt.iterations
  local draws = run:time('of the random numbers alone', M.repeated,
                         function () end, run.key, n)
  local eager = run:time('without jit', M.repeated, M.polynom, run.key, n)
  local fast = run:time('with jit, compilation included', M.repeated,
                        autograd.jit(M.polynom), run.key, n)
  local function each (seconds) return seconds / n * 1e6 end
  run:plot {plot.bar {
    {y = {each(draws), each(eager), each(fast)}},
    labels = {'random numbers alone', 'without jit', 'with jit'},
    title = 'polynom of two random 128 x 12 matrices',
    ylabel = 'microseconds a call'}}
end

local function main (run)
  gradients(run)
  mapped(run)
  compiled(run)
  -- transforms nest: the gradient for each row of a matrix, compiled
  run:part 'all of them together'
  local x = torch.randn(128, 12)
  local all = autograd.jit(autograd.vmap(autograd.grad(M.square_sum)))(x)
  run:near('jit(vmap(grad(square_sum))) is 2 x', all, 2 * x)
  return run:finish('sum of the gradients %.4f', all:sum())
end

return exercise.script(M, main, {
  name = 'transforms',
  about = 'Gradients, vmap and jit of small functions.',
  options = {
    {'--iterations', 1000, 'calls of polynom that are timed', least = 1},
  }})
