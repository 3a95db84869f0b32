-- The manual: nn, modules of shapes, slices and reductions.

return [==[
# Shapes
@Errors: an input that does not have the dimension, or another number of elements.

nn.View(sizes...)
  The input's elements in that shape; one size may be -1.  Where there are
  more elements than the sizes' product, a batch dimension comes in front.
  setNumInputDims(n) says how many dimensions one sample has.
  Shapes: [200 x 28 x 28] to [200 x 784] for nn.View(784).
  Example:
    print(nn.View(-1, 4):forward(torch.ones(3, 2, 2)):size(1)) --> 3

nn.Reshape(sizes...[, batchMode])
  One sample's elements in that shape; without batchMode, an input with more
  elements is a batch.
  Shapes: [batch x *] to [batch x sizes].
  Example:
    print(nn.Reshape(4):forward(torch.ones(3, 2, 2)):size(2)) --> 4

nn.Flatten()
  All dimensions but the first made one.
  Shapes: [n x *] to [n x rest].
  Example:
    print(nn.Flatten():forward(torch.ones(3, 2, 2)):size(2)) --> 4

nn.Squeeze([dim[, nInputDims]])
  Without dimensions of size 1, or without dim.
  Shapes: [n x 1] to [n].
  Example:
    print(nn.Squeeze():forward(torch.ones(3, 1)):dim()) --> 1

nn.Unsqueeze(pos[, nInputDims])
  With a dimension of size 1 before pos.
  Shapes: [n] to [1 x n] for 1.
  Example:
    print(nn.Unsqueeze(1):forward(torch.ones(3)):size(1)) --> 1

nn.Transpose({d1, d2}, ...)
  Swaps pairs of dimensions, one after the other.
  Shapes: [a x b] to [b x a] for {1, 2}.
  Example:
    print(nn.Transpose({1, 2}):forward(torch.ones(2, 3)):size(1)) --> 3

nn.Contiguous()
  The same elements in row-major order.
  Shapes: input and output alike.
  Example:
    print(nn.Contiguous():forward(torch.ones(2, 3):t()):isContiguous())
    --> true

nn.Copy([from, to])
  A copy, of type `to`.
  Shapes: input and output alike.
  Example:
    local m = nn.Copy('torch.FloatTensor', 'torch.DoubleTensor')
    print(m:forward(torch.ones(2)):dtype())     --> float64

nn.Collapse(n)
  The last n dimensions made one.
  Shapes: [a x b x c] to [a x bc] for 2.
  Errors: an input that is no tensor.
  Example:
    print(nn.Collapse(2):forward(torch.ones(2, 3, 4)):size(2)) --> 12

nn.Replicate(n[, dim[, ndim]])
  n copies along a new dimension (1).
  Shapes: [a] to [n x a].
  Example:
    print(nn.Replicate(3):forward(torch.ones(2)):size(1)) --> 3

nn.Padding(dim, pad[, nInputDims[, value[, index]]])
  |pad| values (0) more, before (pad < 0) or after; or before the index-th
  element from that side.
  Shapes: dim grows by |pad|.
  Example:
    print(nn.Padding(1, 2):forward(torch.Tensor{7})) --> 7 0 0

# Slices
@Errors: entries that the input does not have.

nn.Narrow(dim, offset[, length])
  Some entries of a dimension; negative lengths count from the end.
  Shapes: dim has length (1).
  Example:
    print(nn.Narrow(1, 2, 2):forward(torch.Tensor{1, 2, 3})) --> 2 3

nn.Select(dim, index)
  One entry of a dimension, which goes away.
  Shapes: without dim.
  Example:
    print(nn.Select(1, 2):forward(torch.Tensor{{1, 2}, {3, 4}})) --> 3 4

nn.Index(dim)
  {x, indices}: entries of x along dim by their numbers.
  Shapes: x's, with [indices] at dim.
  Example:
    print(nn.Index(1):forward {torch.Tensor{5, 6}, torch.LongTensor{2, 1}})
    --> 6 5

nn.MaskedSelect()
  {x, mask}: the elements where the mask is true.
  Shapes: the mask as x; [how many].
  Example:
    local x = torch.Tensor{1, -2, 3}
    print(nn.MaskedSelect():forward {x, torch.gt(x, 0)}) --> 1 3

nn.OneHot(n)
  Labels 1..n as rows of 0 and 1.
  Shapes: [*] to [* x n].
  Errors: a label outside 1..n.
  Example:
    print(nn.OneHot(3):forward(torch.LongTensor{2})) --> 0 1 0

# Reductions
@Shapes: the dimension goes away.
@Errors: an input that does not have the dimension.

nn.Max([dim[, nInputDims]])
  The largest of a dimension (1).
  Example:
    print(nn.Max(2):forward(torch.Tensor{{1, 5}, {7, 2}})) --> 5 7

nn.Min([dim[, nInputDims]])
  The smallest of a dimension (1).
  Example:
    print(nn.Min(2):forward(torch.Tensor{{1, 5}, {7, 2}})) --> 1 2

nn.Mean([dim[, nInputDims[, squeeze]]])
  The mean of a dimension (1).
  Example:
    print(nn.Mean(2):forward(torch.Tensor{{1, 5}, {7, 2}}))
    --> 3.0000 4.5000

nn.Sum([dim[, nInputDims[, sizeAverage[, squeeze]]]])
  The sum of a dimension (1), or with sizeAverage its mean.
  Example:
    print(nn.Sum(2):forward(torch.Tensor{{1, 5}, {7, 2}})) --> 6 9
]==]
