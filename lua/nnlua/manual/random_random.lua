-- The manual: random.

return [==[
# Keys
@Errors: what is no key.

random.key(seed)
  The key of an integer seed.  A key gives the same numbers always, for any
  number of threads, under any transform.
  Shapes: int64 [2].
  Errors: a seed that is no integer.
  Example:
    local key = random.key(0)
    print(torch.equal(random.normal(key, {3}), random.normal(key, {3})))
    --> true

random.split(key[, n])
  n (2) new keys, independent of each other.
  Shapes: up to 8 results of [2], more as a tensor [n x 2].
  Example:
    local a, b = random.split(random.key(0))
    print(torch.equal(a, b), random.split(random.key(0), 9):size(1))
    --> false 9

random.fold_in(key, i)
  A new key from a key and an integer, such as the number of a step.
  Shapes: [2].
  Example:
    local a, b = random.fold_in(random.key(0), 1), random.fold_in(random.key(0), 2)
    print(torch.equal(a, b))                    --> false

# Draws
@Shapes: the sizes: a table, an integer, or nil for one number.
@Errors: what is no key, sizes that are no integers.

random.uniform(key[, sizes[, lo[, hi[, {dtype =}]]]])
  Uniform in [lo, hi), 0 and 1 by default.
  Example:
    local x = random.uniform(random.key(0), {100}, -1, 1)
    print(x:min() >= -1, x:max() < 1)           --> true true

random.normal(key[, sizes[, {dtype =}]])
  Normal of mean 0 and variance 1.
  Example:
    print(random.normal(random.key(0), {2, 3}):size(2)) --> 3

random.truncated_normal(key, lower, upper[, sizes[, {dtype =}]])
  Normal within (lower, upper).
  Example:
    print(random.truncated_normal(random.key(0), -2, 2, {99}):abs():max() <= 2)
    --> true

random.bernoulli(key[, p[, sizes]])
  bool, true with probability p (0.5).
  Errors: what is no key.
  Example:
    print(random.bernoulli(random.key(0), 1, {3})) --> true true true

random.permutation(key, n)
  1..n in random order (int64), or the rows of a tensor.
  Shapes: [n], or as the tensor.
  Example:
    print((random.permutation(random.key(0), 5):sort())) --> 1 2 3 4 5
]==]
