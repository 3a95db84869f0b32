-- The manual: autograd, transforms.

return [==[
# Derivatives
@Errors: f that is no function; a first result that is no scalar, or of integers or bools, where a gradient is asked for.

autograd(f[, opts])
autograd.grad(f[, opts])
  A function that returns f's gradient.  f(params, ...) returns a scalar loss
  first; grad(f)(params, ...) returns the gradient with respect to the first
  argument, then everything that f returns.  opts.argnums names other
  arguments: an integer, or a table of them for a table of gradients.
  Shapes: the gradient as params: a number, a tensor, or nested tables of them.
  Example:
    print(autograd.grad(function (x) return x^2 end)(3)) --> 6.0 9.0
    local f = function (p) return (p.w * p.x):sum() end
    print(autograd.grad(f)({w = 2, x = torch.ones(3)}).w) --> 3.0

autograd.value_and_grad(f[, opts])
  As grad, with f's value first: value, gradient, then f's further results.
  Shapes: the gradient as params.
  Example:
    print(autograd.value_and_grad(function (x) return x^2 end)(3))
    --> 9.0 6.0

autograd.vjp(f, ...)
  f's result and its pullback: a function from a cotangent (of the result's
  structure) to one gradient for each argument; it may be called many times.
  Then f's further results.
  Shapes: the cotangent as the result, gradients as the arguments.
  Errors: a float cotangent of a result of integers or bools; theirs is 0.
  Example:
    local y, pull = autograd.vjp(torch.exp, torch.zeros(2))
    print(pull(torch.Tensor{1, 10}))            --> 1 10

autograd.jvp(f, primals, tangents)
  f and its directional derivative.  Both are tables of one entry for each
  argument.  Returns f's result, its tangent, then f's further results.
  Shapes: tangents as the primals, the result's tangent as the result.
  Errors: tangents that are not like the primals.
  Example:
    print(autograd.jvp(function (x) return x^3 end, {2}, {1})) --> 8.0 12.0

autograd.jacobian(f)
  jacobian(f)(x, ...): the partial derivatives of f's first result.
  Shapes: f(x)'s sizes, then x's; for trees [leaf of f(x)][leaf of x].
  Errors: f that is no function.
  Example:
    print(autograd.jacobian(torch.square)(torch.Tensor{1, 2}))
    --> 2 0
    --> 0 4

autograd.hessian(f)
  hessian(f)(x, ...): the second derivatives of a scalar function.
  Shapes: x's sizes twice; for a tree the blocks [row][column].
  Example:
    local f = function (x) return torch.dot(x, x) end
    print(autograd.hessian(f)(torch.ones(2)))
    --> 2 0
    --> 0 2

autograd.stop_gradient(x)
  x, constant where it is differentiated.
  Shapes: as x, any tree.
  Errors: none.
  Example:
    local f = function (x) return x * autograd.stop_gradient(x) end
    print((autograd.grad(f)(3)))                --> 3.0

autograd.checkpoint(f)
  f, computed again in the backward pass instead of keeping its intermediate
  results: less memory, more time.
  Shapes: those of f.
  Errors: f that is no function.
  Example:
    local block = autograd.checkpoint(function (x) return torch.tanh(x) end)
    local f = function (x) return block(x):sum() end
    print((autograd.grad(f)(torch.zeros(2))))   --> 1 1

autograd.gradcheck(f, x, ...[, options])
  Compares gradients with central differences, in float64: true, or false and a
  text that says where they differ.  options: step (1e-5), atol (1e-6), rtol
  (1e-4).
  Shapes: f's first result a number or a tensor.
  Example:
    print((autograd.gradcheck(torch.tanh, torch.randn(3)))) --> true

# Rules of one's own
@Shapes: those of f.
@Errors: what is no function; a rule that returns another structure than is wanted.

autograd.custom_vjp(f, fwd, bwd)
  f with a gradient of its own.  fwd(...) returns f's result and residuals (any
  tree); bwd(residuals, ct) returns one gradient for each argument, nil for
  those that have none.  Works under every transform.
  Example:
    local sign = autograd.custom_vjp(torch.sign,
      function (x) return torch.sign(x), x end,
      function (x, ct) return ct end)            -- straight through
    local f = function (x) return sign(x):sum() end
    print((autograd.grad(f)(torch.Tensor{-2, 3}))) --> 1 1

autograd.custom_jvp(f, rule)
  f with a forward derivative of its own.  rule(primals, tangents) takes two
  tables of the arguments and returns f's result and its tangent, linear in the
  tangents; gradients come by its transpose.
  Errors: a gradient of a rule whose tangent is not linear.
  Example:
    local f = autograd.custom_jvp(torch.log1p, function (p, t)
      return torch.log1p(p[1]), torch.cdiv(t[1], p[1] + 1)
    end)
    print((autograd.grad(function (x) return f(x):sum() end)(torch.ones(1))))
    --> 0.5000

# Mapping and compiling

autograd.vmap(f[, in_dims[, out_dims]])
  f over a dimension of its arguments.  in_dims: the dimension (1 by default)
  that is mapped, or a table of one for each argument (0 or false: not mapped).
  out_dims: where it stands in the results, 0: what all examples share, once.
  Shapes: [n x *] to [n x the result's].
  Errors: mapped dimensions of different sizes; reading a value as a number; a
  write of each example to an outer tensor.
  Example:
    print(autograd.vmap(function (x) return x:sum() end)(torch.ones(3, 4)))
    --> 4 4 4

autograd.jit(f[, options])
  f compiled for each signature of its arguments, with the same bits.  Tensors
  that f reads or writes through upvalues are inputs and outputs by reference;
  floats are data; integers, booleans and strings belong to the signature.
  donate, an argument's number or a table of such: their tensors are given up to
  each call, as old parameters to a step that returns new ones.  Results may
  take their memory, unless another tensor or a pullback holds it; reading one
  afterwards is an error.  Inside other transforms nothing is given up.
  Shapes: those of f.
  Errors: reading a value as a number; what the compiled form could not see (a
  counter, math.random), said at the second call.
  Example:
    local f = autograd.jit(function (x) return torch.tanh(x) * 2 end)
    print(f(torch.Tensor{0, 1}))                --> 0.0000 1.5232
    local step = autograd.jit(function (w, g) return w - 0.1 * g end,
                              {donate = 1})
    local w = torch.ones(2)
    for _ = 1, 3 do w = step(w, torch.ones(2)) end
    print(w)                                    --> 0.7000 0.7000

autograd.jit_info(f)
  What became of a jitted function: a table, which prints as text, of arrays with
  an entry for each signature.  captured: the equations as captured; graphs: the
  equations after simplification; plans: how each is replayed, groups that run
  tile by tile in braces, where each array stands ("over %3": it may take the
  memory of the old value of a storage that is written, or of a donated
  argument), the bytes of the arena, how many arrays the last call so donated;
  arena: how many bytes the intermediate arrays share.  Further captures: how many
  calls ran f (two for each signature), replays: how many did not; anew: why it
  was last compiled anew for arguments of the same shapes, nil: it never was.
  Where that is the rule, it is said on the log, once.
  Shapes: none.
  Errors: what is no jitted function.
  Example:
    local f = autograd.jit(torch.tanh)
    f(torch.ones(2))
    local info = autograd.jit_info(f)
    print(#info.graphs, info.arena[1])          --> 1 0
    print(info.captures, info.replays)          --> 1 0
    print(info.graphs[1])
    --> %0 = input float32[2]
    --> %1 = tanh(%0) float32[2]
    --> return %1

autograd.static(t, key)
  t[key], guarded: a jitted function that reads a field so is compiled anew when
  the field changes; a plain read would be frozen.
  Shapes: none.
  Errors: t that is no table.
  Example:
    local o = {scale = 2}
    local f = autograd.jit(function (x) return x * autograd.static(o, 'scale') end)
    print(f(torch.ones(1)), f(torch.ones(1)))   --> 2 2
    o.scale = 5
    print(f(torch.ones(1)))                     --> 5

autograd.outside(f, ...)
  Calls f outside of every active transform: for state (buffers, counters) that
  is made in the middle of a traced function and must outlive it.
  Shapes: those of f.
  Errors: a traced value among the arguments.
  Example:
    local buffer
    autograd.jit(function (x)
      buffer = buffer or autograd.outside(torch.zeros, 2)
      return x + buffer
    end)(torch.ones(2))
    print(buffer)                               --> 0 0

autograd.tracing()
  Is a transform active?
  Shapes: a boolean.
  Errors: none.
  Example:
    print(autograd.tracing())                   --> false

autograd.functionalize(model)
  A module's forward as a pure function: f(params, ...) and params, a tree of
  the model's parameters; those that share memory, transposed too, are one.
  Shapes: those of the model.
  Errors: what is no module.
  Example:
    local f, params = autograd.functionalize(nn.Dense(3, 2))
    print(f(params, torch.ones(1, 3)):size(2))  --> 2
]==]
