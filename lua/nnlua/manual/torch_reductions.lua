-- The manual: torch, reductions, running sums, order, statistics.

return [==[
# Reductions
@Shapes: a number without dim; with dim (one, or a table of them) that dimension has size 1, and is gone with {keepdim = false} as last argument.
@Errors: a dimension that x does not have.

torch.sum([r,] x[, dim])
x:sum([dim])
  The sum of all elements, or along dim.  Integers and bool give integers.
  Example:
    local x = torch.Tensor{{1, 2}, {3, 4}}
    print(x:sum())                              --> 10.0
    print(x:sum(1))                             --> 4 6
    print(x:sum(1, {keepdim = false}):dim())    --> 1

torch.prod([r,] x[, dim])
x:prod([dim])
  The product of all elements, or along dim.
  Example:
    print(torch.Tensor{{1, 2}, {3, 4}}:prod(2)) --> 2 12

torch.mean([r,] x[, dim])
x:mean([dim])
  The mean of all elements, or along dim.
  Example:
    print(torch.Tensor{{1, 2}, {3, 4}}:mean(2)) --> 1.5000 3.5000

torch.var([r,] x[, dim][, biased])
x:var([dim][, biased])
  The variance, divided by n - 1, or by n when biased is true.
  Example:
    print(torch.Tensor{1, 2, 3}:var())          --> 1.0
    print(torch.Tensor{{1, 2, 3}}:var(2, true)) --> 0.6667

torch.std([r,] x[, dim][, biased])
x:std([dim][, biased])
  The standard deviation, divided by n - 1, or by n when biased is true.
  Example:
    print(torch.Tensor{1, 2, 3}:std())          --> 1.0

torch.norm([r,] x[, p[, dim]])
x:norm([p[, dim]])
  (sum |x|^p)^(1/p), p = 2 by default; 0 counts what is not 0, math.huge is
  the maximum.
  Example:
    print(torch.Tensor{3, 4}:norm())            --> 5.0
    print(torch.Tensor{{3, 4}}:norm(1, 2))      --> 7

torch.dist(x, y[, p])
x:dist(y[, p])
  The p-norm (2) of x - y.
  Shapes: x and y broadcast; a number.
  Errors: sizes that do not broadcast.
  Example:
    print(torch.dist(torch.Tensor{1, 1}, torch.Tensor{4, 5})) --> 5.0

torch.max([values, indices,] x[, dim])
x:max([dim])
  The largest element; with dim, values and indices along it.
  Errors: no element; a dimension that x does not have.
  Example:
    local values, indices = torch.Tensor{{3, 1}, {2, 6}}:max(2)
    print(values)                               --> 3 6
    print(indices)                              --> 1 2

torch.min([values, indices,] x[, dim])
x:min([dim])
  The least element; with dim, values and indices along it.
  Errors: no element; a dimension that x does not have.
  Example:
    print(torch.Tensor{{3, 1}, {2, 6}}:min())   --> 1.0

torch.argmax(x[, dim])
x:argmax([dim])
  Where the largest element stands, counted from 1 (in all elements in order,
  or along dim).
  Errors: no element; a dimension that x does not have.
  Example:
    print(torch.Tensor{{3, 1}, {2, 6}}:argmax(2)) --> 1 2

torch.argmin(x[, dim])
x:argmin([dim])
  Where the least element stands, counted from 1.
  Errors: no element; a dimension that x does not have.
  Example:
    print(torch.Tensor{3, 1, 2}:argmin())       --> 2

torch.all(x[, dim])
x:all([dim])
  Are all elements true (not 0)?
  Example:
    print(torch.gt(torch.Tensor{1, -1}, 0):all()) --> false

torch.any(x[, dim])
x:any([dim])
  Is any element true (not 0)?
  Example:
    print(torch.gt(torch.Tensor{1, -1}, 0):any()) --> true

torch.logsumexp([r,] x[, dim])
x:logsumexp([dim])
  log of the sum of exp(x), without overflow.
  Example:
    print(('%.4f'):format(torch.Tensor{1000, 1000}:logsumexp()))
    --> 1000.6932

# Along a dimension
@Shapes: the result has x's sizes.
@Errors: a dimension that x does not have.

torch.cumsum([r,] x[, dim])
x:cumsum([dim])
  Running sums along dim (1).
  Example:
    print(torch.Tensor{1, 2, 3}:cumsum())       --> 1 3 6

torch.cumprod([r,] x[, dim])
x:cumprod([dim])
  Running products along dim (1).
  Example:
    print(torch.Tensor{1, 2, 3}:cumprod())      --> 1 2 6

torch.softmax([r,] x[, dim])
x:softmax([dim])
  exp(x) divided by its sum along dim (the last).
  Example:
    print(torch.Tensor{0, 0, 1000}:softmax())   --> 0 0 1

torch.logsoftmax([r,] x[, dim])
x:logsoftmax([dim])
  The logarithm of softmax.
  Example:
    print(torch.Tensor{0, 0}:logsoftmax())      --> -0.6931 -0.6931

torch.renorm([r,] x, p, dim, limit)
x:renorm(p, dim, limit)
  x with each slice along dim scaled down to a p-norm of at most limit.  The
  method changes x.
  Example:
    print(torch.renorm(torch.Tensor{{3, 4}, {0.3, 0.4}}, 2, 1, 1))
    --> 0.6000 0.8000
    --> 0.3000 0.4000

# Order
@Shapes: x [* x n x *] gives n (or k) along dim, or size 1 for kthvalue, median, mode.
@Errors: a dimension that x does not have; k that is more than n.

torch.sort([values, indices,] x[, dim][, descending])
x:sort([dim][, descending])
  Sorted values and their indices along dim (the last); stable.
  Example:
    local values, indices = torch.Tensor{3, 1, 2}:sort()
    print(values)                               --> 1 2 3
    print(indices)                              --> 2 3 1

torch.argsort(x[, dim][, descending])
x:argsort([dim][, descending])
  The indices of torch.sort.
  Example:
    print(torch.Tensor{3, 1, 2}:argsort(1, true)) --> 1 3 2

torch.topk([values, indices,] x, k[, dim][, largest])
x:topk(k[, dim][, largest])
  The k least (largest when true follows) values and indices along dim (the
  last), sorted.
  Example:
    print((torch.Tensor{3, 1, 2}:topk(2, 1, true))) --> 3 2

torch.kthvalue(x, k[, dim])
x:kthvalue(k[, dim])
  The k-th least value and its index along dim (the last).
  Example:
    print((torch.Tensor{3, 1, 2}:kthvalue(2)))  --> 2

torch.median(x[, dim])
x:median([dim])
  The middle value (the lower one of two) and its index along dim (the last).
  Example:
    print((torch.Tensor{3, 1, 2, 9}:median()))  --> 2

torch.mode(x[, dim])
x:mode([dim])
  The most frequent value and its index along dim (the last).
  Example:
    print((torch.Tensor{3, 1, 3}:mode()))       --> 3

# Counting
@Errors: values that are no numbers.

torch.unique(x)
x:unique()
  The different values, ascending.
  Shapes: [how many].
  Example:
    print(torch.unique(torch.Tensor{3, 1, 3, 2})) --> 1 2 3

torch.bincount(x[, weights[, least]])
  How often each of 1, 2, ... stands in x; with weights, their sums.
  Shapes: x integers [n]; [largest], at least [least].
  Errors: x that holds what is below 1.
  Example:
    print(torch.bincount(torch.LongTensor{1, 3, 3})) --> 1 0 2

torch.histc([r,] x[, bins[, low, high]])
x:histc([bins[, low, high]])
  How many elements fall into each of 100 (bins) equal steps from low to high
  (the least and largest element).
  Shapes: [bins].
  Example:
    print(torch.histc(torch.Tensor{0, 0.1, 0.9, 1}, 2)) --> 2 2
]==]
