-- Texts for doc.lua: products, reductions, order, indices.

return [==[
torch.add([r,] x, [s,] y)
  x + s y; y a tensor or number.  x:add([s,] y) adds to x.
torch.sub([r,] x, [s,] y)
  x - s y.
torch.csub([r,] x, [s,] y)
  x - s y.  x:csub([s,] y) subtracts from x (x:sub is a view).
torch.addcmul([r,] x, [s,] y, z)
  x + s y z by elements.  x:addcmul([s,] y, z) adds to x.
torch.addcdiv([r,] x, [s,] y, z)
  x + s y / z by elements.  x:addcdiv([s,] y, z) adds to x.
torch.lerp([r,] x, y, w)
  x + w (y - x).
torch.clamp([r,] x, low, high)
  x, but at least low and at most high.
torch.where(condition, x, y)
  x where the condition holds, else y, by elements; all broadcast.
torch.mm([r,] a, b)
  The product of matrices (n, k) and (k, m).
torch.mv([r,] a, v)
  The product of a matrix (n, k) and a vector (k).
torch.bmm([r,] a, b)
  Products of matrices of a batch: (batch, n, k) and (batch, k, m).
torch.matmul([r,] a, b)
  The product of tensors of 1 to 8 dimensions, as NumPy's: batch dimensions
  broadcast.
torch.ger([r,] v, w)
  The outer product (n, m) of vectors (n) and (m).
torch.dot(x, y)
  The sum of the products of all elements.
torch.addmm([r,] [beta,] m, [alpha,] a, b)
  beta m + alpha a b.  m:addmm([beta, [alpha,]] a, b) writes to m; one
  number alone is alpha.
torch.addmv([r,] [beta,] v, [alpha,] a, w)
  beta v + alpha a w.
torch.addr([r,] [beta,] m, [alpha,] v, w)
  beta m + alpha times the outer product of v and w.
torch.addbmm([r,] [beta,] m, [alpha,] a, b)
  beta m + alpha times the sum of the products of a batch.
torch.baddbmm([r,] [beta,] m, [alpha,] a, b)
  beta m + alpha a b for each matrix of a batch.
torch.sum([r,] x[, dim])
  The sum of all elements, or along a dimension (or a table of them), which
  stays with size 1 unless {keepdim = false} follows.
torch.prod([r,] x[, dim])
  The product of all elements, or along dim.
torch.mean([r,] x[, dim])
  The mean of all elements, or along dim.
torch.var([r,] x[, dim][, biased])
  The variance, divided by n - 1, or by n when biased is true.
torch.std([r,] x[, dim][, biased])
  The standard deviation, divided by n - 1, or by n when biased is true.
torch.norm([r,] x[, p[, dim]])
  (sum |x|^p)^(1/p); p is 2; 0 counts what is not 0, math.huge is the maximum.
torch.dist(x, y[, p])
  The p-norm of x - y.
torch.max([values, indices,] x[, dim])
  The largest element; with dim, values and indices along it.
torch.min([values, indices,] x[, dim])
  The least element; with dim, values and indices along it.
torch.argmax(x[, dim])
  Where the largest element stands, counted from 1.
torch.argmin(x[, dim])
  Where the least element stands, counted from 1.
torch.all(x[, dim])
  Are all elements true (not 0)?
torch.any(x[, dim])
  Is any element true (not 0)?
torch.logsumexp([r,] x[, dim])
  log of the sum of exp(x), without overflow.
torch.cumsum([r,] x[, dim])
  Running sums along dim (1).
torch.cumprod([r,] x[, dim])
  Running products along dim (1).
torch.softmax([r,] x[, dim])
  exp(x) divided by its sum along dim (the last).
torch.logsoftmax([r,] x[, dim])
  The logarithm of softmax.
torch.sort([values, indices,] x[, dim][, descending])
  Sorted values and their indices along dim (the last); stable.
torch.argsort(x[, dim][, descending])
  The indices of torch.sort.
torch.topk(x, k[, dim][, largest])
  The k least (largest when true follows) values and indices along dim (the
  last).
torch.kthvalue(x, k[, dim])
  The k-th least value and its index along dim (the last).
torch.median(x[, dim])
  The middle value (the lower one of two) and its index along dim (the last).
torch.mode(x[, dim])
  The most frequent value and its index along dim (the last).
torch.index([r,] x, dim, indices)
  x's entries at int64 indices along dim, copied.
torch.gather([r,] x, dim, indices)
  y[i][j] = x[indices[i][j]][j] for dim 1, and so on.
torch.scatter([r,] x, dim, indices, src)
  x with y[indices[i][j]][j] = src[i][j]; x:scatter(...) writes to x; src
  may be a number.
torch.scatterAdd([r,] x, dim, indices, src)
  The same, adding.
torch.indexAdd([r,] x, dim, indices, src)
  x with src added to its entries at indices; x:indexAdd(...) writes to x.
torch.indexCopy([r,] x, dim, indices, src)
  x with src in the place of its entries at indices; x:indexCopy(...) writes
  to x.
torch.indexFill([r,] x, dim, indices, number)
  x with a number at these entries; x:indexFill(...) writes to x.
torch.maskedSelect([r,] x, mask)
  The elements of x where the mask holds: x[mask].
torch.masked_select([r,] x, mask)
  The elements of x where the mask holds: x[mask].
torch.nonzero(x)
  The indices of all elements that are not 0: (how many, dimensions).
torch.onehot(labels, classes[, dtype])
  Labels 1..classes (...) as rows (..., classes) with one 1 each.
]==]
