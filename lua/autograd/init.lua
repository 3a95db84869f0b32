-- autograd: JAX's function transforms for Lua functions.
-- The work is done in C (bindings/autograd.c, vmap.c, jit.c); here are the
-- arguments' checks and what is made of the transforms.
local core = require 'nnlua.core'
local tree = require 'autograd.tree'
local flat = require 'autograd.flat'
local nearest = require 'nnlua.nearest'

local autograd = {tree = tree}

local fail, callable = flat.fail, flat.callable

local function options(opts, name, allowed)
  if opts == nil then return {} end
  if type(opts) ~= 'table' then
    fail('%s: argument #2: a table of options expected, got %s', name,
         type(opts))
  end
  for k in pairs(opts) do
    if not allowed[k] then
      local near = type(k) == 'string' and nearest(k, allowed)
      fail('%s: no option %s%s', name, tostring(k),
           near and '; did you mean ' .. near or '')
    end
  end
  return opts
end

local function argnums(opts, name)
  local a = opts.argnums == nil and 1 or opts.argnums
  if math.type(a) ~= 'integer' and type(a) ~= 'table' then
    fail('%s: argnums is an integer or a table of integers, got %s', name,
         type(a))
  end
  return a
end

local grad_options, jit_options = {argnums = true}, {donate = true}

--- autograd.grad(f, opts): a function that returns f's gradient.
-- `f(params, ...)` returns a scalar loss first; `grad(f)(params, ...)` returns
-- the gradient with respect to the first argument (a tensor, a number or any
-- nested tables of them, and the gradient has the same structure, without
-- what is no float), then everything that f returns. `opts.argnums` names
-- other arguments: an integer, or a table of integers for a table of
-- gradients.
-- Errors: f is no function, or its first result is no scalar, or of integers.
-- Example:
--   autograd.grad(function(x) return x^2 end)(3)      --> 6.0  9.0
function autograd.grad(f, opts)
  callable(f, 'grad')
  local nums = argnums(options(opts, 'grad', grad_options), 'grad')
  return function(...)
    return core.grad_call(f, false, nums, ...)
  end
end

--- autograd.value_and_grad(f, opts): as grad, with f's value first.
-- Returns value, gradient, then f's further results.
-- Example:
--   autograd.value_and_grad(function(x) return x^2 end)(3)  --> 9.0  6.0
function autograd.value_and_grad(f, opts)
  callable(f, 'value_and_grad')
  local nums = argnums(options(opts, 'value_and_grad', grad_options),
                       'value_and_grad')
  return function(...)
    return core.grad_call(f, true, nums, ...)
  end
end

--- autograd.vjp(f, ...): f's result and its pullback.
-- Returns `f(...)`, a function from a cotangent (of the result's structure) to
-- one gradient for each argument, then f's further results. The pullback may
-- be called many times.
-- Example:
--   local y, pull = autograd.vjp(torch.exp, torch.zeros(2))
--   pull(torch.ones(2))                               --> 1 1
function autograd.vjp(f, ...)
  callable(f, 'vjp')
  return core.vjp_call(f, core.pullback_call, ...)
end

--- autograd.jvp(f, primals, tangents): f and its directional derivative.
-- Both are tables of one entry for each argument. Returns f's result, its
-- tangent, then f's further results.
-- Example:
--   autograd.jvp(function(x) return x^3 end, {2}, {1})  --> 8.0  12.0
function autograd.jvp(f, primals, tangents)
  callable(f, 'jvp')
  return core.jvp_call(f, primals, tangents)
end

--- autograd.vmap(f, in_dims, out_dims): f over a dimension of its arguments.
-- in_dims: the dimension (1-based, default 1) that is mapped, for all
-- arguments, or a table of one for each (0 or false: not mapped; a table for
-- an argument that is a table). out_dims: where it stands in the results; 0:
-- the result does not depend on the example, and is given once.
-- Random numbers from the global generator are drawn anew for each example.
-- Example:
--   autograd.vmap(function(x) return x:sum() end)(torch.ones(3, 4))  --> 4 4 4
function autograd.vmap(f, in_dims, out_dims)
  callable(f, 'vmap')
  return function(...)
    return core.vmap_call(f, in_dims, out_dims, ...)
  end
end

-- {1, 3} of donate = 3, {1, 3} or nothing
local function donated(opts)
  local list = opts.donate
  if list == nil then return {} end
  if type(list) ~= 'table' then list = {list} end
  for _, v in ipairs(list) do
    if math.type(v) ~= 'integer' then
      fail("jit: donate is an argument's number or a table of such, got %s",
           flat.describe(opts.donate))
    end
  end
  return list
end

--- autograd.jit(f, opts): f compiled for each signature of its arguments.
-- Tensors that f reads or writes through upvalues are inputs and outputs by
-- reference; floats are data; integers, booleans and strings belong to the
-- signature. Has eager's results bit for bit. `opts.donate`, an argument's
-- number or a table of such: their tensors are given up to each call, as old
-- parameters to a step that returns new ones; results may take their memory,
-- unless others hold it, and reading one of them afterwards is an error. In
-- transforms nothing is given up.
-- Errors: what f computes depends on something that the compiled form could
-- not see (a counter, math.random): said at the second call.
-- Example:
--   local f = autograd.jit(function(x) return torch.tanh(x) * 2 end)
--   f(torch.zeros(3))                                  --> 0 0 0
function autograd.jit(f, opts)
  callable(f, 'jit')
  opts = options(opts, 'jit', jit_options)
  return core.jit(f, table.unpack(donated(opts)))
end

--- autograd.jit_info(f): the graphs of a jitted function.
-- Returns a table, which prints as text, of arrays with an entry for each
-- signature: captured, the equations as they were captured; graphs, after
-- simplification; plans, how each is replayed, a unit a line, equations that
-- run tile by tile in braces, then where the results stand; arena, how many
-- bytes the intermediate arrays share; and captures, how many calls ran f, two
-- for each signature, replays, how many did not, anew, a text: why f was last
-- compiled anew for the same shapes, nil: it never was.
function autograd.jit_info(f)
  if not core.is_jit(f) then
    fail('jit_info: argument #1: a function made by autograd.jit expected, '
         .. 'got %s', type(f))
  end
  local info = require('autograd.info')(core.jit_graphs(f, 'captured'),
                                        core.jit_graphs(f),
                                        core.jit_graphs(f, 'plan'))
  info.captures, info.replays, info.anew = core.jit_counts(f)
  return info
end

--- autograd.jacobian(f): the matrix of f's partial derivatives.
-- `jacobian(f)(x, ...)` differentiates f's first result with respect to x: a
-- tensor of f(x)'s sizes, then x's. Where f(x) or x is a tree, so is the
-- result: [leaf of f(x)][leaf of x]. By reverse mode, one pullback mapped over
-- all outputs.
-- Example:
--   autograd.jacobian(torch.exp)(torch.zeros(2))       --> 1 0  0 1
function autograd.jacobian(f)
  return require('autograd.jacobian')(callable(f, 'jacobian'))
end

--- autograd.hessian(f): the second derivatives of a scalar function.
-- `hessian(f)(x, ...)`: a tensor of x's sizes twice; for a tree x the blocks
-- [row][column].
function autograd.hessian(f)
  return autograd.jacobian((autograd.grad(callable(f, 'hessian'))))
end

--- autograd.custom_vjp(f, fwd, bwd): f with a gradient of its own.
-- `fwd(...)` returns f's result and residuals (any tree); `bwd(residuals, ct)`
-- returns one gradient for each argument, nil for those that have none. Under
-- transforms f, fwd and bwd are captured, as by jit: they must not branch on
-- values. Works under every transform.
-- Example:
--   local sign = autograd.custom_vjp(torch.sign,
--     function(x) return torch.sign(x), x end,
--     function(x, ct) return ct * 1 end)          -- straight through
function autograd.custom_vjp(f, fwd, bwd)
  callable(f, 'custom_vjp')
  callable(fwd, 'custom_vjp', 2)
  callable(bwd, 'custom_vjp', 3)
  return require('autograd.custom').vjp(f, fwd, bwd)
end

--- autograd.custom_jvp(f, rule): f with a forward derivative of its own.
-- `rule(primals, tangents)` takes two tables of the arguments and returns f's
-- result and its tangent, linear in the tangents (gradients come by its
-- transpose).
-- Example:
--   local f = autograd.custom_jvp(torch.log1p, function(p, t)
--     return torch.log1p(p[1]), torch.cdiv(t[1], p[1] + 1)
--   end)
function autograd.custom_jvp(f, rule)
  callable(f, 'custom_jvp')
  callable(rule, 'custom_jvp', 2)
  return require('autograd.custom').jvp(f, rule)
end

local function control(name, file)
  return function(...) return require(file or 'autograd.control')[name](...) end
end

--- autograd.scan(f, carry, xs, opts): a loop that carries a state.
-- `f(carry, x)` returns the next carry and a result y for each element x of xs
-- (a tensor or tree of tensors, along dimension 1). Returns the last carry and
-- the ys, stacked along dimension 1 (over no elements the carry as it is and ys
-- without rows: f is traced once, without effect, to learn their shapes). opts:
-- reverse = true goes from the end; length = n when xs is nil; checkpoint =
-- true keeps for the gradient what about 2 sqrt(n) of n steps save, and computes
-- the others again (a number of steps sets the segments' length). Under jit it
-- is one loop, differentiable in both modes.
-- Example:
--   autograd.scan(function(s, x) s = s + x return s, s end, 0.0,
--                 torch.Tensor{1, 2, 3})                --> 6.0  1 3 6
autograd.scan = control('scan', 'autograd.scan')

--- autograd.fori(first, last, f, carry): carry = f(i, carry), i = first..last.
-- Under jit it is one loop and i a number of it.
-- Example:
--   autograd.fori(1, 10, function(i, s) return s + i end, 0.0)  --> 55.0
autograd.fori = control('fori', 'autograd.scan')

--- autograd.while_loop(test, body, carry): while test(carry), body(carry).
-- Under jit it is one loop; it has no reverse derivative there (use fori).
autograd.while_loop = control 'while_loop'

--- autograd.cond(pred, f, g, ...): f(...) where pred holds, else g(...).
-- Under jit and vmap a branch on data; both must return alike.
autograd.cond = control 'cond'

--- autograd.checkpoint(f): f, computed again in the backward pass.
-- Saves what f reads (arguments, tensors of closures, the state of the random
-- numbers) instead of its intermediate results.
-- Example:
--   local block = autograd.checkpoint(function(x) return torch.tanh(x) * 2 end)
function autograd.checkpoint(f)
  return require('autograd.custom').checkpoint(callable(f, 'checkpoint'))
end

--- autograd.gradcheck(f, x, ..., options): gradients against differences.
-- Compares the gradients of f (of its first result, a number or a tensor) with
-- respect to all floating tensors and numbers in the arguments with central
-- differences, in float64. options, last, may set step (1e-5), atol (1e-6) and
-- rtol (1e-4). Returns true, or false and a text that says where it differs.
-- Example:
--   (autograd.gradcheck(torch.tanh, torch.randn(3)))   --> true
function autograd.gradcheck(f, ...)
  return require('nnlua.gradcheck')(callable(f, 'gradcheck'), ...)
end

--- autograd.stop_gradient(x): x, constant where it is differentiated.
function autograd.stop_gradient(x)
  return (tree.map(function(v)
    if core.torch.isTensor(v) then return core.stop_gradient(v) end
    return v
  end, x))
end

--- autograd.outside(f, ...): calls f outside of every active transform.
-- For state (buffers, counters) that is made in the middle of a traced
-- function and must outlive it.
function autograd.outside(f, ...)
  return core.outside(callable(f, 'outside'), ...)
end

--- autograd.static(t, key): t[key], guarded.
-- A jitted function that reads a field so is compiled anew when the field
-- changes; a plain read would be frozen.
function autograd.static(t, key)
  if type(t) ~= 'table' then
    fail('static: argument #1: a table expected, got %s', type(t))
  end
  return core.static(t, key)
end

--- autograd.tracing(): whether a transform is active.
function autograd.tracing()
  return core.tracing()
end

--- autograd.functionalize(model): a module's forward as a pure function.
-- Returns `f(params, ...)` and params, a tree of the model's parameters; f
-- computes with the parameters given, not the model's own.
-- Example:
--   local f, params = autograd.functionalize(nn.Dense(3, 2))
--   f(params, torch.ones(1, 3))
function autograd.functionalize(model)
  return require('autograd.functionalize')(model)
end

return setmetatable(autograd, {
  -- torch-autograd's autograd(f, opts): a gradient function
  __call = function(_, f, opts) return autograd.grad(f, opts) end,
})
