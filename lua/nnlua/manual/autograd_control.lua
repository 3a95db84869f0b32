-- The manual: autograd, control flow and trees.

return [==[
# Control flow
@Errors: branches or steps that return another structure, sizes or types than before.

autograd.cond(pred, f, g, ...)
  f(...) where pred holds, else g(...).  Under jit and vmap a branch on data.
  Shapes: f and g return alike; there it chooses between numbers and tensors alone.
  Example:
    local function f (x)
      return autograd.cond(torch.gt(x:sum(), 0), torch.sqrt, torch.abs, x)
    end
    print(f(torch.Tensor{4}), f(torch.Tensor{-4})) --> 2 4

autograd.while_loop(test, body, carry)
  While test(carry) holds, carry = body(carry).  Under jit one loop; it has no
  reverse derivative there (fori has), and its test must not write or draw.
  Shapes: the carry keeps its structure, sizes and types.
  Example:
    local function small (x) return x < 100 end
    local function double (x) return x * 2 end
    print(autograd.while_loop(small, double, 3)) --> 192

autograd.fori(first, last, f, carry)
  carry = f(i, carry) for i = first..last.  Under jit one loop, differentiable.
  Shapes: the carry keeps its structure, sizes and types.
  Example:
    print(autograd.fori(1, 10, function (i, s) return s + i end, 0.0))
    --> 55.0

autograd.scan(f, carry, xs[, {reverse =, length =, checkpoint =}])
  A loop that carries a state: f(carry, x) returns the next carry and a result y
  for each element x of xs (along dimension 1).  Returns the last carry and the
  ys, stacked.  Under jit one loop, differentiable in both modes.  checkpoint =
  true keeps for the gradient what about 2 sqrt(n) of n steps save.  Over no
  elements f is traced once, without effect, to learn what the ys are like.
  Shapes: xs [n x *] a tensor or a tree; ys [n x *].
  Example:
    local function f (s, x) s = s + x return s, s end
    print(autograd.scan(f, 0.0, torch.Tensor{1, 2, 3})) --> 6.0 1 3 6

# Trees
@Shapes: nested tables, keys in sorted order.
@Errors: trees with other keys.

autograd.tree
  Nested tables of tensors and numbers; anything that is no plain table is a
  leaf.
  Example:
    print(#autograd.tree.leaves {a = 1, b = {2, 3}}) --> 3

autograd.tree.map(f, t, ...)
  The tree of f(leaf, ...) for the leaves of trees with the same keys.
  Example:
    local t = autograd.tree.map(function (a, b) return a + b end,
                                {x = 1, y = {2}}, {x = 10, y = {20}})
    print(t.x, t.y[1])                          --> 11 22

autograd.tree.leaves(t)
  A list of the leaves.
  Example:
    print(table.concat(autograd.tree.leaves {b = 2, a = 1}, ' ')) --> 1 2

autograd.tree.keys(t)
  The keys of one table, sorted.
  Example:
    print(table.concat(autograd.tree.keys {b = 2, a = {1, 3}}, ' '))
    --> a b

autograd.tree.flatten(t)
  The leaves, and a function from other leaves to such a tree.
  Example:
    local leaves, build = autograd.tree.flatten {a = 1, b = {2}}
    print(#leaves, build({10, 20}).b[1])        --> 2 20

autograd.tree.unflatten(t, leaves)
  A tree like t with those leaves.
  Errors: another number of leaves.
  Example:
    print(autograd.tree.unflatten({a = 1, b = {2}}, {10, 20}).b[1]) --> 20

autograd.tree.reduce(f, t[, init])
  f(f(f(init, leaf 1), leaf 2), ...); without init the first leaf is where it
  begins.
  Example:
    print(autograd.tree.reduce(function (a, b) return a + b end, {1, {2, 3}}))
    --> 6
]==]
