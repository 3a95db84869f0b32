-- The manual: nn, modules of tables.

return [==[
# Combining tables
@Shapes: {[*], [*], ...} to [*], alike or broadcasting.
@Errors: an input that is no table of tensors, sizes that do not fit.

nn.CAddTable()
  The sum of a table's tensors.
  Example:
    print(nn.CAddTable():forward {torch.Tensor{1, 2}, torch.Tensor{3, 4}})
    --> 4 6

nn.CSubTable()
  The first minus the second.
  Example:
    print(nn.CSubTable():forward {torch.Tensor{1, 2}, torch.Tensor{3, 5}})
    --> -2 -3

nn.CMulTable()
  The product by elements.
  Example:
    print(nn.CMulTable():forward {torch.Tensor{1, 2}, torch.Tensor{3, 4}})
    --> 3 8

nn.CDivTable()
  The first divided by the second.
  Example:
    print(nn.CDivTable():forward {torch.Tensor{1, 2}, torch.Tensor{2, 4}})
    --> 0.5000 0.5000

nn.CMaxTable()
  The larger by elements.
  Example:
    print(nn.CMaxTable():forward {torch.Tensor{1, 9}, torch.Tensor{3, 4}})
    --> 3 9

nn.CMinTable()
  The smaller by elements.
  Example:
    print(nn.CMinTable():forward {torch.Tensor{1, 9}, torch.Tensor{3, 4}})
    --> 1 4

nn.MixtureTable([dim])
  {gate, experts}: the sum of the experts (a table, or a tensor with them
  along dim), weighted by the columns of the gate.
  Shapes: gate [batch x n] (or [n]), n experts [batch x *]; [batch x *].
  Example:
    local gate = torch.Tensor{{0.25, 0.75}}
    local experts = {torch.Tensor{{4}}, torch.Tensor{{8}}}
    print(nn.MixtureTable():forward {gate, experts}) --> 7

# Picking and joining
@Errors: an input that is no table, or does not have the entry or dimension.

nn.JoinTable(dim[, nInputDims])
  Joins the tensors along a dimension.
  Shapes: {[n1 x *], [n2 x *]} to [n1 + n2 x *] for 1.
  Example:
    print(nn.JoinTable(1):forward {torch.Tensor{1}, torch.Tensor{2, 3}})
    --> 1 2 3

nn.SplitTable(dim[, nInputDims])
  The slices along a dimension, a table.
  Shapes: [n x *] to n of [*].
  Example:
    print(#nn.SplitTable(1):forward(torch.ones(3, 2))) --> 3

nn.SelectTable(index)
  One entry (negative: from the end).
  Shapes: as the entry.
  Example:
    print(nn.SelectTable(-1):forward {torch.Tensor{1}, torch.Tensor{2}})
    --> 2

nn.NarrowTable(offset[, length])
  Some entries, a table.
  Shapes: as the entries.
  Example:
    local x = torch.ones(1)
    print(#nn.NarrowTable(2, 2):forward {x, x, x}) --> 2

nn.FlattenTable()
  Nested tables as one.
  Shapes: as the entries.
  Example:
    local x = torch.ones(1)
    print(#nn.FlattenTable():forward {x, {x, {x}}}) --> 3

nn.ZipTable()
  {{a1, a2}, {b1, b2}} to {{a1, b1}, {a2, b2}}.
  Shapes: as the entries.
  Example:
    local a = {torch.Tensor{1}, torch.Tensor{2}}
    local b = {torch.Tensor{3}, torch.Tensor{4}}
    print(nn.ZipTable():forward({a, b})[2][2])  --> 4

nn.ZipTableOneToMany()
  {a, {b1, b2}} to {{a, b1}, {a, b2}}.
  Shapes: as the entries.
  Example:
    local b = {torch.Tensor{3}, torch.Tensor{4}}
    print(#nn.ZipTableOneToMany():forward {torch.ones(1), b}) --> 2

# Products and distances
@Errors: an input that is no table of two tensors, sizes that do not fit.

nn.MM([transA[, transB]])
  The product of two matrices, or of batches of them.
  Shapes: {[n x k], [k x m]} to [n x m], with batches before.
  Example:
    local a = torch.Tensor{{1, 2}, {3, 4}}
    print(nn.MM(false, true):forward {a, torch.Tensor{{1, 1}}}) --> 3 7

nn.MV([trans])
  The product of a matrix and a vector, or of batches.
  Shapes: {[n x k], [k]} to [n], with batches before.
  Example:
    print(nn.MV():forward {torch.Tensor{{1, 2}, {3, 4}}, torch.ones(2)})
    --> 3 7

nn.DotProduct()
  The products of the rows of two inputs.
  Shapes: {[n x k], [n x k]} to [n].
  Example:
    print(nn.DotProduct():forward {torch.Tensor{{1, 2}}, torch.Tensor{{3, 4}}})
    --> 11

nn.CosineDistance()
  The cosines of the rows of two inputs.
  Shapes: {[n x k], [n x k]} to [n].
  Example:
    local x = torch.Tensor{{1, 0}, {0, 2}}
    print(nn.CosineDistance():forward {x, torch.Tensor{{3, 0}, {3, 0}}})
    --> 1 0

nn.PairwiseDistance([p[, eps]])
  (sum |x - y + eps|^p)^(1/p) of the rows of two inputs; p 2, eps 0.
  Shapes: {[n x k], [n x k]} to [n].
  Example:
    local x = torch.Tensor{{0, 0}}
    print(nn.PairwiseDistance(2):forward {x, torch.Tensor{{3, 4}}}) --> 5
]==]
