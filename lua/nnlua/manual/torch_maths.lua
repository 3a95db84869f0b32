-- The manual: torch, sums of products by elements, choosing, comparing whole
-- tensors.

return [==[
# Arithmetic
@Shapes: the tensors broadcast, as NumPy's.
@Errors: sizes that do not broadcast; what is no tensor or number.

torch.add([r,] x, [s,] y)
x:add([s,] y)
  x + s y; y a tensor or number.  The method adds to x.
  Example:
    print(torch.add(torch.Tensor{1, 2}, 10, torch.Tensor{3, 4})) --> 31 42
    print(torch.Tensor{1, 2}:add(5))            --> 6 7

torch.sub([r,] x, [s,] y)
  x - s y.  (The method x:sub is a view, see narrow.)
  Example:
    print(torch.sub(torch.Tensor{1, 2}, torch.Tensor{3, 5})) --> -2 -3

torch.csub([r,] x, [s,] y)
x:csub([s,] y)
  x - s y.  The method subtracts from x.
  Example:
    print(torch.Tensor{1, 2}:csub(1))           --> 0 1

torch.addcmul([r,] x, [s,] y, z)
x:addcmul([s,] y, z)
  x + s y z by elements.  The method adds to x.
  Example:
    local x, y = torch.ones(2), torch.Tensor{2, 3}
    print(torch.addcmul(x, 10, y, y))           --> 41 91

torch.addcdiv([r,] x, [s,] y, z)
x:addcdiv([s,] y, z)
  x + s y / z by elements.  The method adds to x.
  Example:
    print(torch.addcdiv(torch.ones(2), torch.ones(2), torch.Tensor{2, 4}))
    --> 1.5000 1.2500

torch.lerp([r,] x, y, w)
x:lerp(y, w)
  x + w (y - x): the point between x and y at the share w.
  Example:
    print(torch.lerp(torch.Tensor{0, 10}, torch.Tensor{1, 20}, 0.5))
    --> 0.5000 15.0000

torch.clamp([r,] x, low, high)
x:clamp(low, high)
  x, but at least low and at most high (high, where low is above it).  The
  method changes x.
  Errors: bounds that are no numbers or tensors.
  Example:
    print(torch.clamp(torch.Tensor{-3, 0.5, 3}, -1, 1))
    --> -1.0000 0.5000 1.0000

torch.where(condition, x, y)
  x where the condition holds, else y, by elements; x and y may be numbers.
  Errors: a condition that is no tensor of truth values or numbers; sizes that
  do not broadcast.
  Example:
    local x = torch.Tensor{-1, 2}
    print(torch.where(torch.gt(x, 0), x, 0))    --> 0 2

# Comparing whole tensors
@Shapes: a boolean.
@Errors: what is no tensor.

torch.equal(x, y)
x:equal(y)
  Have they the same sizes and the same elements?
  Example:
    print(torch.equal(torch.ones(2), torch.Tensor{1, 1})) --> true
    print(torch.equal(torch.ones(2), torch.ones(1, 2))) --> false

torch.allclose(x, y[, rtol[, atol]])
  |x - y| <= atol + rtol |y| for all elements, with rtol 1e-5 and atol 1e-8?
  Example:
    print(torch.allclose(torch.ones(2), torch.ones(2) + 1e-7)) --> true
]==]
