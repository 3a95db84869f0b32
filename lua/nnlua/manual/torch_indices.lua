-- The manual: torch, picking and writing by index.

return [==[
# Indices
@Errors: indices that are no integers or outside 1..n (the first bad one is named), sizes that do not fit, a dimension that x does not have.

torch.index([r,] x, dim, indices)
x:index(dim, indices)
  x's entries at int64 indices along dim, copied.
  Shapes: x's, with [indices] at dim.
  Example:
    print(torch.Tensor{10, 20, 30}:index(1, torch.LongTensor{3, 1}))
    --> 30 10

x:indexSelect(indices)
  x[indices] as a method: the rows at int64 indices, copied.
  Shapes: indices [*] give [* x the other sizes of x].
  Example:
    print(torch.Tensor{10, 20, 30}:indexSelect(torch.LongTensor{3, 1}))
    --> 30 10

torch.gather([r,] x, dim, indices)
x:gather(dim, indices)
  y[i][j] = x[indices[i][j]][j] for dim 1, and so on.
  Shapes: as indices, which have as many dimensions as x.
  Example:
    local x = torch.Tensor{{1, 2}, {3, 4}}
    print(torch.gather(x, 2, torch.LongTensor{{2}, {1}})) --> 2 3

torch.scatter([r,] x, dim, indices, src)
x:scatter(dim, indices, src)
  x with y[indices[i][j]][j] = src[i][j] for dim 1, and so on; src may be a
  number.  The method writes to x.
  Shapes: src as indices; the result as x.
  Example:
    print(torch.zeros(2, 3):scatter(2, torch.LongTensor{{3}, {1}}, 1))
    --> 0 0 1
    --> 1 0 0

torch.scatterAdd([r,] x, dim, indices, src)
x:scatterAdd(dim, indices, src)
  As scatter, adding.
  Shapes: src as indices; the result as x.
  Example:
    local at = torch.LongTensor{1, 1, 2}
    print(torch.zeros(2):scatterAdd(1, at, torch.Tensor{1, 2, 3})) --> 3 3

torch.indexAdd([r,] x, dim, indices, src)
x:indexAdd(dim, indices, src)
  x with src added to its entries at indices.  The method writes to x.
  Shapes: src x's, with [indices] at dim; the result as x.
  Example:
    print(torch.zeros(3):indexAdd(1, torch.LongTensor{1, 1}, torch.ones(2)))
    --> 2 0 0

torch.indexCopy([r,] x, dim, indices, src)
x:indexCopy(dim, indices, src)
  x with src in the place of its entries at indices.  The method writes to x.
  Shapes: src x's, with [indices] at dim; the result as x.
  Example:
    print(torch.zeros(3):indexCopy(1, torch.LongTensor{3}, torch.ones(1)))
    --> 0 0 1

torch.indexFill([r,] x, dim, indices, number)
x:indexFill(dim, indices, number)
  x with a number at these entries.  The method writes to x.
  Shapes: as x.
  Example:
    print(torch.zeros(3):indexFill(1, torch.LongTensor{2}, 7)) --> 0 7 0

x:indexAssign(indices, value)
  x[indices] = value as a method; value a number or a tensor.
  Shapes: value broadcasts to the rows at indices.
  Example:
    local x = torch.zeros(3)
    x:indexAssign(torch.LongTensor{2, 3}, 5)
    print(x)                                    --> 0 5 5

torch.maskedSelect([r,] x, mask)
x:maskedSelect(mask)
  The elements of x where the mask (bool or uint8) holds, in order; as x[mask].
  Shapes: the mask as x, or of as many elements; [how many].
  Errors: a mask of other sizes or type.
  Example:
    local x = torch.Tensor{1, -2, 3}
    print(x:maskedSelect(torch.gt(x, 0)))       --> 1 3

torch.masked_select([r,] x, mask)
  As maskedSelect.
  Shapes: the mask as x, or of as many elements; [how many].
  Errors: a mask of other sizes or type.
  Example:
    local x = torch.Tensor{1, -2, 3}
    print(torch.masked_select(x, torch.lt(x, 0))) --> -2

x:maskedFill(mask, number)
  Writes a number where the mask holds.
  Shapes: the mask as x.
  Errors: a mask of other sizes or type.
  Example:
    local x = torch.Tensor{1, -2, 3}
    print(x:maskedFill(torch.lt(x, 0), 0))      --> 1 0 3

x:maskedCopy(mask, source)
  Writes the first elements of source, in order, where the mask holds.
  Shapes: the mask as x; source has as many elements as the mask holds, or more.
  Errors: a mask of other sizes or type, too few elements.
  Example:
    local mask = torch.BoolTensor{true, false, true}
    print(torch.zeros(3):maskedCopy(mask, torch.Tensor{7, 8})) --> 7 0 8

x:maskedAssign(mask, value)
  x[mask] = value as a method, which returns x; value a number or a tensor.
  Shapes: the mask as x.
  Errors: a mask of other sizes or type.
  Example:
    local x = torch.Tensor{1, -2}
    print(x:maskedAssign(torch.lt(x, 0), 0))    --> 1 0

torch.nonzero([r,] x)
x:nonzero()
  The indices of all elements that are not 0, a row for each.
  Shapes: int64 [how many x dimensions].
  Errors: what is no tensor.
  Example:
    print(torch.nonzero(torch.Tensor{{0, 5}, {6, 0}}))
    --> 1 2
    --> 2 1
]==]
