-- The manual: torch, products and linear algebra.

return [==[
# Products
@Errors: sizes that do not fit each other, with both named.

torch.dot(x, y)
x:dot(y)
  The sum of the products of all elements.
  Shapes: as many elements in both; a number.
  Example:
    print(torch.dot(torch.Tensor{1, 2}, torch.Tensor{3, 4})) --> 11.0

torch.mv([r,] a, v)
x:mv(a, v)
  The product of a matrix and a vector.
  Shapes: a [n x k], v [k]; [n].
  Example:
    print(torch.mv(torch.Tensor{{1, 2}, {3, 4}}, torch.ones(2))) --> 3 7

torch.mm([r,] a, b)
x:mm(a, b)
  The product of matrices.
  Shapes: a [n x k], b [k x m]; [n x m].
  Example:
    print(torch.mm(torch.Tensor{{1, 2}, {3, 4}}, torch.eye(2) * 2))
    --> 2 4
    --> 6 8

torch.bmm([r,] a, b)
x:bmm(a, b)
  Products of the matrices of a batch.
  Shapes: a [batch x n x k], b [batch x k x m]; [batch x n x m].
  Example:
    print(torch.bmm(torch.ones(5, 2, 3), torch.ones(5, 3, 4)):size(3))
    --> 4

torch.matmul([r,] a, b)
x:matmul(b)
  The product of tensors of 1 to 8 dimensions, as NumPy's.
  Shapes: [* x n x k], [* x k x m]; [* x n x m], where * broadcasts; a vector
  is a row on the left, a column on the right.
  Example:
    print(torch.matmul(torch.ones(5, 2, 3), torch.ones(3)):size(2)) --> 2

torch.ger([r,] v, w)
x:ger(w)
  The outer product of vectors.
  Shapes: v [n], w [m]; [n x m].
  Example:
    print(torch.ger(torch.Tensor{1, 2}, torch.Tensor{3, 4}))
    --> 3 4
    --> 6 8

torch.addmm([r,] [beta,] m, [alpha,] a, b)
x:addmm([beta, [alpha,]] a, b)
  beta m + alpha a b.  The method writes to x; one number alone is alpha.
  Shapes: m [n x k'], a [n x k], b [k x k'].
  Example:
    print(torch.addmm(torch.ones(2, 2), torch.eye(2), torch.eye(2)))
    --> 2 1
    --> 1 2

torch.addmv([r,] [beta,] v, [alpha,] a, w)
x:addmv([beta, [alpha,]] a, w)
  beta v + alpha a w.  The method writes to x.
  Shapes: v [n], a [n x k], w [k].
  Example:
    print(torch.addmv(torch.ones(2), 10, torch.eye(2), torch.Tensor{1, 2}))
    --> 11 21

torch.addr([r,] [beta,] m, [alpha,] v, w)
x:addr([beta, [alpha,]] v, w)
  beta m + alpha times the outer product of v and w.  The method writes to x.
  Shapes: m [n x k], v [n], w [k].
  Example:
    print(torch.addr(torch.zeros(2, 2), torch.Tensor{1, 2}, torch.ones(2)))
    --> 1 1
    --> 2 2

torch.addbmm([r,] [beta,] m, [alpha,] a, b)
x:addbmm([beta, [alpha,]] a, b)
  beta m + alpha times the sum of the products of a batch.
  Shapes: m [n x k'], a [batch x n x k], b [batch x k x k'].
  Example:
    local a, b = torch.ones(3, 2, 2), torch.ones(3, 2, 1)
    print(torch.addbmm(torch.zeros(2, 1), a, b)) --> 6 6

torch.baddbmm([r,] [beta,] m, [alpha,] a, b)
x:baddbmm([beta, [alpha,]] a, b)
  beta m + alpha a b for each matrix of a batch.
  Shapes: m [batch x n x k'], a [batch x n x k], b [batch x k x k'].
  Example:
    local m, a = torch.zeros(1, 2, 2), torch.ones(1, 2, 2)
    print(torch.baddbmm(m, a, a):view(-1))      --> 2 2 2 2

torch.cross([r,] x, y[, dim])
x:cross(y[, dim])
  The vector product in 3 dimensions, along dim (the first of size 3).
  Shapes: x and y alike, 3 along dim.
  Example:
    print(torch.cross(torch.Tensor{1, 0, 0}, torch.Tensor{0, 1, 0}))
    --> 0 0 1

torch.conv2([r,] x, k[, 'V' or 'F'])
  The convolution of an image with a kernel, which is turned: where it fits
  ('V', the default) or wherever it touches ('F').
  Shapes: x [h x w], k [kh x kw]; [h - kh + 1 x w - kw + 1], 'F' [h + kh - 1 x
  w + kw - 1].  x [p x h x w] and k [q x p x kh x kw] give [q x ...], k [p x kh x kw] gives [p x ...].
  Example:
    print(torch.conv2(torch.ones(3, 3), torch.Tensor{{1, 2}, {3, 4}}))
    --> 10 10
    --> 10 10

torch.xcorr2([r,] x, k[, 'V' or 'F'])
  As conv2, with the kernel as it is.
  Shapes: as conv2.
  Example:
    local x = torch.range(1, 9):view(3, 3)
    print(torch.xcorr2(x, torch.Tensor{{1, 0}, {0, 0}}))
    --> 1 2
    --> 4 5

# Linear algebra
@Errors: a matrix that is not square, or singular where an inverse is needed; sizes that do not fit.

torch.trace(x)
x:trace()
  The sum of a matrix's diagonal.
  Shapes: [n x n]; a number.
  Example:
    print(torch.Tensor{{1, 2}, {3, 4}}:trace()) --> 5.0

torch.inverse([r,] a)
  The inverse of a square matrix, or of each of a batch.
  Shapes: [* x n x n].
  Example:
    print(torch.inverse(torch.Tensor{{2, 0}, {0, 4}}))
    --> 0.5000 0.0000
    --> 0.0000 0.2500

torch.det(a)
  The determinant; one for each matrix of a batch.
  Shapes: [n x n]; a number.
  Example:
    print(torch.det(torch.Tensor{{2, 1}, {0, 4}})) --> 8.0

torch.gesv([r,] b, a)
  x of a x = b.
  Shapes: a [n x n], b [n x k] or [n]; as b.
  Example:
    local a = torch.Tensor{{2, 0}, {0, 4}}
    print((torch.gesv(torch.Tensor{{2}, {2}}, a))) --> 1.0000 0.5000

torch.trtrs([r,] b, a[, 'U' or 'L'[, 'N' or 'T'[, 'N' or 'U']]])
x:trtrs(a[, 'U' or 'L'[, 'N' or 'T'[, 'N' or 'U']]])
  x of t x = b, where t is the upper ('U', the default) or lower triangle of a;
  'T' transposes it, and the last 'U' takes its diagonal as ones.
  Shapes: a [n x n], b [n x k] or [n]; as b.
  Errors: other sizes or letters, a zero on the diagonal.
  Example:
    local a = torch.Tensor{{2, 1}, {9, 4}}
    print(torch.trtrs(torch.Tensor{{4}, {8}}, a)) --> 1 2

torch.potrs([r,] b, factor[, 'U' or 'L'])
x:potrs(factor[, 'U' or 'L'])
  x of a x = b, from the triangular factor of a that potrf gives.
  Shapes: factor [n x n], b [n x k] or [n]; as b.
  Errors: other sizes or letters, a zero on the diagonal.
  Example:
    local a = torch.Tensor{{4, 0}, {0, 9}}
    print(torch.potrs(torch.Tensor{{4}, {18}}, torch.potrf(a))) --> 1 2

torch.cholesky([r,] a[, 'L' or 'U'])
  The triangular factor of a positive definite matrix: a = l l'.
  Shapes: [* x n x n].
  Errors: a matrix that is not positive definite.
  Example:
    print(torch.cholesky(torch.Tensor{{4, 2}, {2, 2}}))
    --> 2 0
    --> 1 1

torch.potrf([r,] a[, 'U' or 'L'])
  As cholesky; the upper factor by default, a = u' u.
  Shapes: [* x n x n].
  Errors: a matrix that is not positive definite.
  Example:
    print(torch.potrf(torch.Tensor{{4, 2}, {2, 2}}))
    --> 2 1
    --> 0 1

torch.qr([q, r,] a)
  a = q r, q with orthonormal columns, r's diagonal not negative.
  Shapes: a [n x m], k = min(n, m); q [n x k], r [k x m].
  Example:
    local q, r = torch.qr(torch.Tensor{{3, 0}, {4, 5}})
    print(r)
    --> 5 4
    --> 0 3

torch.svd([u, s, v,] a[, 'S'])
  a = u diag(s) v', s descending.
  Shapes: a [n x m], k = min(n, m); u [n x k], s [k], v [m x k].
  Example:
    local u, s, v = torch.svd(torch.Tensor{{3, 0}, {0, 4}})
    print(s)                                    --> 4 3

torch.symeig([e, v,] a[, 'N' or 'V'[, 'U' or 'L']])
  Eigenvalues of a symmetric matrix, ascending; with 'V' eigenvectors too, as
  columns.
  Shapes: a [n x n]; e [n], v [n x n].
  Example:
    print((torch.symeig(torch.Tensor{{2, 1}, {1, 2}}))) --> 1 3

torch.lstsq(a, b)
  x with the least |a x - b|.
  Shapes: a [n x m], b [n x k] or [n]; [m x k] or [m].
  Example:
    print(torch.lstsq(torch.Tensor{{1}, {1}}, torch.Tensor{{1}, {3}}))
    --> 2

torch.gels([r,] b, a)
  As lstsq, with Torch7's order of arguments.
  Shapes: as lstsq.
  Example:
    print((torch.gels(torch.Tensor{{1}, {3}}, torch.Tensor{{1}, {1}})))
    --> 2
]==]
