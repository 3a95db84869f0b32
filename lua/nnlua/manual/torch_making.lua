-- The manual: torch, making tensors.

return [==[
# Making tensors
@Errors: sizes that are no integers, are negative, or need more memory than there is; an unknown dtype.

torch.tensor(data[, dtype])
  A tensor from a number, nested tables of numbers (or tensors), or a copy of
  a tensor.  Numbers give the default dtype, true and false give bool.
  Shapes: as the tables nest; a number gives 0 dimensions.
  Errors: rows of different lengths, what is no number.
  Example:
    print(torch.tensor{{1, 2}, {3, 4}})
    --> 1 2
    --> 3 4
    print(torch.tensor(3):dim(), torch.tensor({1, 2}, 'int64'):dtype())
    --> 0 int64

torch.Tensor(sizes...)
torch.Tensor(data)
  A tensor of the default type: zeros of these sizes, the elements of nested
  tables, or (for a tensor) a view of the same elements.
  Shapes: the sizes, given one by one, as a table or as a LongStorage.
  Example:
    print(torch.Tensor(2, 3):size(2))           --> 3
    print(torch.Tensor{{1, 2}, {3, 4}})
    --> 1 2
    --> 3 4

torch.FloatTensor(sizes... or data)
  A tensor of float32, see torch.Tensor.
  Shapes: the sizes, or as the tables nest.
  Example:
    print(torch.FloatTensor{1, 2}:dtype())      --> float32

torch.DoubleTensor(sizes... or data)
  A tensor of float64, see torch.Tensor.
  Shapes: the sizes, or as the tables nest.
  Example:
    print(torch.DoubleTensor{1, 2}:dtype())     --> float64

torch.LongTensor(sizes... or data)
  A tensor of int64, the type of labels and indices.  What is behind the point is cut off.
  Shapes: the sizes, or as the tables nest.
  Errors: elements that are no numbers.
  Example:
    print(torch.LongTensor{1, 2} + 1)           --> 2 3

torch.IntTensor(sizes... or data)
  A tensor of int32.  What is behind the point is cut off.
  Shapes: the sizes, or as the tables nest.
  Errors: elements that are no numbers.
  Example:
    print(torch.IntTensor{1, 2}:dtype())        --> int32

torch.ShortTensor(sizes... or data)
  A tensor of int16.  What is behind the point is cut off.
  Shapes: the sizes, or as the tables nest.
  Errors: elements that are no numbers.
  Example:
    print(torch.ShortTensor{1, 2}:dtype())      --> int16

torch.CharTensor(sizes... or data)
  A tensor of int8.  What is behind the point is cut off.
  Shapes: the sizes, or as the tables nest.
  Errors: elements that are no numbers.
  Example:
    print(torch.CharTensor{1, -2}:dtype())      --> int8

torch.ByteTensor(sizes... or data)
  A tensor of uint8, the type of pixels; it can also select, as a mask.
  Shapes: the sizes, or as the tables nest.
  Errors: elements that are no numbers, or outside 0..255.
  Example:
    print(torch.ByteTensor{1, 255}:dtype())     --> uint8

torch.BoolTensor(sizes... or data)
  A tensor of truth values, as comparisons give.
  Shapes: the sizes, or as the tables nest.
  Example:
    local mask = torch.BoolTensor{true, false}
    print(torch.Tensor{5, 6}[mask])             --> 5

torch.zeros([r,] sizes...[, dtype])
  Zeros, of the default dtype unless one is named.
  Shapes: the sizes, given one by one, as a table or as a LongStorage.
  Example:
    print(torch.zeros(2))                       --> 0 0
    print(torch.zeros(2, 3, 'int64'):dtype())   --> int64

torch.ones([r,] sizes...[, dtype])
  Ones.
  Shapes: the sizes, given one by one, as a table or as a LongStorage.
  Example:
    print(torch.ones(2, 2))
    --> 1 1
    --> 1 1

torch.full(sizes, number[, dtype])
  All elements the same number.
  Shapes: sizes, a table.
  Example:
    print(torch.full({2}, 0.5))                 --> 0.5000 0.5000

torch.empty(sizes...[, dtype])
  As zeros: there is no memory without defined elements.
  Shapes: the sizes.
  Example:
    print(torch.empty(2))                       --> 0 0

torch.eye([r,] n[, m])
  Ones on the diagonal, else zeros.
  Shapes: [n x n], or [n x m].
  Example:
    print(torch.eye(2))
    --> 1 0
    --> 0 1

torch.range([r,] first, last[, step])
  first, first + step, ...; last is included.
  Shapes: [floor((last - first) / step) + 1].
  Errors: a step that leads away from last, or is 0.
  Example:
    print(torch.range(1, 3))                    --> 1 2 3
    print(torch.range(0, 1, 0.5))               --> 0.0000 0.5000 1.0000

torch.arange([first,] stop[, step])
  From first (0) up to, but without, stop.
  Shapes: [ceil((stop - first) / step)], none where step leads away from stop.
  Errors: a step of 0.
  Example:
    print(torch.arange(3))                      --> 0 1 2

torch.linspace([r,] first, last[, n])
  n (100) numbers at equal distances, both ends included.
  Shapes: [n].
  Example:
    print(torch.linspace(0, 1, 5))              --> 0.0000 0.2500 0.5000 0.7500 1.0000

torch.logspace([r,] first, last[, n])
  10 to the power of linspace(first, last, n).
  Shapes: [n].
  Example:
    print(torch.logspace(0, 2, 3))              --> 1 10 100

torch.diag([r,] x[, k])
x:diag([k])
  A vector as a diagonal matrix, or a copy of a matrix's k-th diagonal (0; above
  it for k > 0).
  Shapes: x [n] gives [n + |k| x n + |k|], x [n x m] the diagonal's length.
  Errors: more than 2 dimensions.
  Example:
    print(torch.diag(torch.Tensor{1, 2}))
    --> 1 0
    --> 0 2
    print(torch.diag(torch.Tensor{{1, 2}, {3, 4}})) --> 1 4

torch.tril([r,] x[, k])
x:tril([k])
  The lower triangle, up to the k-th diagonal (0); zeros above.
  Shapes: x [* x n x m], the result too.
  Errors: less than 2 dimensions.
  Example:
    print(torch.tril(torch.ones(2, 2)))
    --> 1 0
    --> 1 1

torch.triu([r,] x[, k])
x:triu([k])
  The upper triangle, from the k-th diagonal (0) on; zeros below.
  Shapes: x [* x n x m], the result too.
  Errors: less than 2 dimensions.
  Example:
    print(torch.triu(torch.ones(2, 2)))
    --> 1 1
    --> 0 1

torch.onehot(labels, classes[, dtype])
  Labels 1..classes as rows with one 1 each.
  Shapes: labels [*] give [* x classes].
  Errors: a label outside 1..classes.
  Example:
    print(torch.onehot(torch.LongTensor{2, 1}, 3))
    --> 0 1 0
    --> 1 0 0

torch.cat([r,] {x, y, ...}[, dim])
torch.cat([r,] x, y[, dim])
x:cat(y[, dim])
  Tensors one after the other along dim (the last).
  Shapes: alike but for dim, whose sizes add up.
  Errors: other sizes that differ, an empty table.
  Example:
    print(torch.cat(torch.ones(2), torch.zeros(1))) --> 1 1 0
    print(torch.cat({torch.eye(2), torch.eye(2)}, 1):size(1)) --> 4

torch.stack({x, y, ...}[, dim])
  Tensors of one size along a new dimension dim (1).
  Shapes: n of [a x b] give [n x a x b].
  Errors: sizes that differ, an empty table.
  Example:
    print(torch.stack{torch.ones(2), torch.zeros(2)})
    --> 1 1
    --> 0 0
]==]
