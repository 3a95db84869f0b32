-- Texts for doc.lua: constructors, random numbers, shapes, settings.

return [==[
torch.tensor(data[, dtype])
  A tensor from a number, nested tables of numbers (or tensors), or a copy
  of a tensor: torch.tensor{{1, 2}, {3, 4}}
torch.zeros([r,] sizes...[, dtype])
  Zeros, of the default dtype unless one is named: torch.zeros(2, 3, 'float64')
torch.ones([r,] sizes...[, dtype])
  Ones.
torch.full({sizes}, number[, dtype])
  All elements the same number: torch.full({2, 3}, 0.5)
torch.empty(sizes...[, dtype])
  As zeros: there is no memory without defined elements.
torch.eye([r,] n[, m])
  The n x n (or n x m) matrix with ones on its diagonal.
torch.range([r,] first, last[, step])
  first, first + step, ...; last is included: torch.range(1, 3) is 1 2 3
torch.arange([first,] stop[, step])
  From first (0) up to, but without, stop.
torch.linspace([r,] first, last[, n])
  n (100) numbers at equal distances, both ends included.
torch.logspace([r,] first, last[, n])
  10 to the power of linspace(first, last, n).
torch.rand([r,] sizes...[, {key =, dtype =}])
  Uniform random numbers of [0, 1).
torch.randn([r,] sizes...[, {key =, dtype =}])
  Random numbers of the normal distribution with mean 0 and deviation 1.
torch.randperm([r,] n)
  1..n in random order, int64.
torch.manualSeed(n)
  Seeds the generator: one seed gives one stream of numbers, on any machine
  and for any number of threads.
torch.seed()
  Seeds the generator from the clock; returns the seed.
torch.initialSeed()
  The seed in force.
torch.getRNGState()
  The generator's state, for torch.setRNGState.
torch.setRNGState(state)
  Puts a state of torch.getRNGState back.
torch.uniform([a, b])
  A random number of [a, b), [0, 1) by default; x:uniform(a, b) fills x.
torch.normal([mean, deviation])
  A normal random number; x:normal(mean, deviation) fills x.
torch.bernoulli([p])
  1 with probability p (0.5), else 0; x:bernoulli(p) fills x, p may be a tensor.
torch.exponential([rate])
  A random number with density rate exp(-rate x); x:exponential(rate) fills x.
torch.cauchy([median, width])
  A random number of the Cauchy distribution; x:cauchy(median, width) fills x.
torch.logNormal([mean, deviation])
  A random number whose logarithm is normal; mean and deviation are its own.
torch.geometric([p])
  How many trials until the first failure, each going on with probability p.
torch.random([first,] last)
  A random integer of first (1) to last; x:random(first, last) fills x.
torch.cat([r,] {x, y, ...}[, dim])
  Tensors one after the other along dim (the last).
torch.stack({x, y, ...}[, dim])
  Tensors of one size along a new dimension dim (1).
torch.split(x, size[, dim])
  A table of views of `size` entries along dim (1).
torch.chunk(x, n[, dim])
  A table of n views along dim (1).
torch.reshape([r,] x, sizes...)
  A copy with other sizes; one may be -1.
torch.view(x, sizes...)
  The same elements with other sizes, sharing storage; one size may be -1.
torch.squeeze(x[, dim])
  Without dimensions of size 1 (or without dim).
torch.unsqueeze(x, dim)
  With a dimension of size 1 before dim.
torch.transpose(x, dim1, dim2)
  A view with two dimensions exchanged.
torch.t(x)
  The transpose of a matrix, a view.
torch.permute(x, dims...)
  A view with the dimensions in another order.
torch.expand(x, sizes...)
  A view in which dimensions of size 1 are repeated without copying.
torch.repeatTensor([r,] x, counts...)
  Copies of x side by side.
torch.narrow(x, dim, first, size)
  A view of `size` entries from `first` on.
torch.select(x, dim, i)
  A view of entry i, without the dimension; a number of a vector.
torch.unfold(x, dim, size, step)
  Windows of a dimension, in a new last one.
torch.diag([r,] x[, k])
  A vector as a diagonal matrix, or a matrix's k-th diagonal (0).
torch.tril([r,] x[, k])
  The lower triangle, up to the k-th diagonal (0).
torch.triu([r,] x[, k])
  The upper triangle, from the k-th diagonal (0) on.
torch.trace(x)
  The sum of a matrix's diagonal.
torch.clone(x)
  A copy.
torch.contiguous(x)
  x itself when its elements stand in order, else a copy.
torch.viewAs(x, y)
  x with y's sizes, sharing storage.
torch.expandAs(x, y)
  x expanded to y's sizes.
torch.numel(x)
  How many elements x has.
torch.nElement(x)
  How many elements x has.
torch.size(x[, dim])
  x's sizes, or the one of dim.
torch.inverse([r,] a)
  The inverse of a square matrix.
torch.det(a)
  The determinant; one for each matrix of a batch.
torch.gesv([r,] b, a)
  x of a x = b.
torch.cholesky([r,] a[, 'L' or 'U'])
  The triangular factor of a positive definite matrix: a = l l'.
torch.potrf([r,] a[, 'U' or 'L'])
  As cholesky; the upper factor by default.
torch.qr([q, r,] a)
  a = q r, r's diagonal not negative.
torch.svd([u, s, v,] a[, 'S'])
  a = u diag(s) v'.
torch.symeig([e, v,] a[, 'N' or 'V'[, 'U' or 'L']])
  Eigenvalues of a symmetric matrix, ascending; with 'V' eigenvectors too.
torch.lstsq(a, b)
  x with the least |a x - b|.
torch.gels([r,] b, a)
  As lstsq, with Torch7's order of arguments.
torch.item(x)
  The one element of x as a number; numbers pass through.
torch.isTensor(x)
  Is it a tensor?
torch.isStorage(x)
  Is it a storage?
torch.setnumthreads(n)
  How many threads compute (1 to 64); results do not depend on it.
torch.getnumthreads()
  How many threads compute.
torch.setdefaulttensortype(name)
  'torch.FloatTensor' or 'torch.DoubleTensor' for what comes without a dtype.
torch.setdefaultdtype(name)
  'float32' or 'float64' for what comes without a dtype.
torch.getdefaultdtype()
  The dtype of what comes without one.
torch.getdefaulttensortype()
  The type of what comes without a dtype.
]==]
