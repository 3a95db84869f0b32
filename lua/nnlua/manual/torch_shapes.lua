-- The manual: torch, views and other shapes.

return [==[
# Shapes
@Errors: a dimension that x does not have, sizes that hold another number of elements; each is named.

torch.reshape([r,] x, sizes...)
x:reshape(sizes...)
  A copy with other sizes; one may be -1, which is computed.
  Shapes: as many elements as x.
  Example:
    print(torch.range(1, 4):reshape(2, 2))
    --> 1 2
    --> 3 4

torch.view(x, sizes...)
x:view(sizes...)
  The same elements with other sizes, sharing storage; one size may be -1.
  Shapes: as many elements as x.
  Errors: another number of elements; strides that no view can have (the
  remedy is x:contiguous() or reshape).
  Example:
    local x = torch.range(1, 4)
    x:view(2, 2)[1][1] = 9
    print(x)                                    --> 9 2 3 4

torch.viewAs(x, y)
x:viewAs(y)
  x with y's sizes, sharing storage.
  Shapes: as y.
  Example:
    print(torch.range(1, 4):viewAs(torch.eye(2)))
    --> 1 2
    --> 3 4

torch.squeeze(x[, dim])
x:squeeze([dim])
  A view without dimensions of size 1 (or without dim).
  Shapes: [1 x n x 1] gives [n].
  Example:
    print(torch.ones(1, 3, 1):squeeze():dim())  --> 1

torch.unsqueeze(x, dim)
x:unsqueeze(dim)
  A view with a dimension of size 1 before dim.
  Shapes: [n] gives [1 x n] for dim 1, [n x 1] for dim 2.
  Example:
    print(torch.ones(3):unsqueeze(1):dim())     --> 2

torch.transpose(x, dim1, dim2)
x:transpose(dim1, dim2)
  A view with two dimensions exchanged.
  Shapes: [a x b x c] gives [c x b x a] for 1 and 3.
  Example:
    print(torch.ones(2, 3, 4):transpose(1, 3):size(1)) --> 4

torch.t(x)
x:t()
  The transpose of a matrix, a view.
  Shapes: [n x m] gives [m x n].
  Errors: a tensor that is no matrix.
  Example:
    print(torch.Tensor{{1, 2}, {3, 4}}:t())
    --> 1 3
    --> 2 4

torch.permute(x, dims...)
x:permute(dims...)
  A view with the dimensions in another order.
  Shapes: [a x b x c] gives [c x a x b] for 3, 1, 2.
  Errors: a dimension that is missing or named twice.
  Example:
    print(torch.ones(2, 3, 4):permute(3, 1, 2):size(2)) --> 2

torch.expand(x, sizes...)
x:expand(sizes...)
  A view in which dimensions of size 1 are repeated without copying.
  Shapes: the sizes; -1 keeps one.
  Errors: a size other than 1 that changes.
  Example:
    print(torch.Tensor{{1}, {2}}:expand(2, 3))
    --> 1 1 1
    --> 2 2 2

torch.expandAs(x, y)
x:expandAs(y)
  x expanded to y's sizes.
  Shapes: as y.
  Errors: a size other than 1 that changes.
  Example:
    print(torch.Tensor{{1}, {2}}:expandAs(torch.zeros(2, 2)))
    --> 1 1
    --> 2 2

torch.repeatTensor([r,] x, counts...)
x:repeatTensor(counts...)
  Copies of x side by side.
  Shapes: [a x b] and 2, 3 give [2a x 3b]; more counts than dimensions add
  dimensions in front.
  Example:
    print(torch.Tensor{1, 2}:repeatTensor(2))   --> 1 2 1 2

torch.narrow(x, dim, first, size)
x:narrow(dim, first, size)
  A view of `size` entries of dim from `first` on.
  Shapes: x's, with size at dim.
  Errors: entries that x does not have.
  Example:
    print(torch.range(1, 5):narrow(1, 2, 3))    --> 2 3 4

x:sub(from1, to1[, from2, to2...])
  A view of the entries from..to of each dimension, negative ones counted from
  the end.
  Shapes: to - from + 1 for each.
  Errors: entries that x does not have.
  Example:
    print(torch.range(1, 5):sub(2, -2))         --> 2 3 4

torch.select(x, dim, i)
x:select(dim, i)
  A view of entry i of dim, without the dimension; a number of a vector.
  Shapes: x's without dim.
  Errors: an entry that x does not have.
  Example:
    print(torch.Tensor{{1, 2}, {3, 4}}:select(2, 1)) --> 1 3

torch.unfold(x, dim, size, step)
x:unfold(dim, size, step)
  Windows of a dimension, in a new last one; a view.
  Shapes: [n] gives [(n - size) // step + 1 x size].
  Errors: a window longer than the dimension.
  Example:
    print(torch.range(1, 4):unfold(1, 2, 1))
    --> 1 2
    --> 2 3
    --> 3 4

torch.split([list,] x, size[, dim])
x:split(size[, dim])
  A table of views of `size` entries along dim (1); the last may be shorter.
  A list in front is emptied and filled.
  Shapes: x's, with size at dim.
  Example:
    print(#torch.range(1, 5):split(2))          --> 3

torch.chunk([list,] x, n[, dim])
x:chunk(n[, dim])
  A table of at most n views along dim (1), as equal as they can be.
  Shapes: x's, with ceil(size / n) at dim.
  Example:
    print(#torch.range(1, 6):chunk(3))          --> 3

torch.array_split(x, n[, dim])
x:array_split(n[, dim])
  A table of n views along dim (1), as NumPy's: the first ones are one longer,
  and where there are not enough entries the last ones are empty.
  Shapes: x's, with size // n or one more at dim.
  Errors: n below 1, a dimension that x has not.
  Example:
    print(torch.array_split(torch.range(1, 5), 3)[1]) --> 1 2

torch.clone(x)
x:clone()
  A copy.
  Shapes: as x.
  Errors: what is no tensor.
  Example:
    local x = torch.ones(2)
    local y = x:clone()
    x:zero()
    print(y)                                    --> 1 1

torch.contiguous(x)
x:contiguous()
  x itself when its elements stand in order, else a copy.
  Shapes: as x.
  Errors: what is no tensor.
  Example:
    print(torch.ones(2, 3):t():contiguous():isContiguous()) --> true

torch.size(x[, dim])
x:size([dim])
  x's sizes as a LongStorage, or the one of dim.
  Shapes: a list of x:dim() integers, or an integer.
  Example:
    print(torch.ones(2, 3):size(2), torch.ones(2, 3):size()[1]) --> 3 2

torch.numel(x)
x:numel()
  How many elements x has.
  Shapes: an integer.
  Errors: what is no tensor.
  Example:
    print(torch.ones(2, 3):numel())             --> 6

torch.nElement(x)
x:nElement()
  How many elements x has.
  Shapes: an integer.
  Errors: what is no tensor.
  Example:
    print(torch.ones(2, 3):nElement())          --> 6
]==]
