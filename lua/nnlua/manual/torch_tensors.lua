-- The manual: torch, methods of tensors and storages.

return [==[
# Writing to a tensor
@Errors: sizes that do not fit.

x:copy(y)
  Writes y's elements, converted to x's dtype; returns x.
  Shapes: y broadcasts to x, or has as many elements.
  Example:
    print(torch.zeros(2):copy(torch.LongTensor{3, 4})) --> 3 4

x:fill(number)
  Writes a number everywhere; returns x.
  Shapes: any.
  Errors: what is no number.
  Example:
    print(torch.Tensor(2):fill(7))              --> 7 7

x:zero()
  Writes zeros; returns x.
  Shapes: any.
  Errors: none.
  Example:
    print(torch.ones(2):zero())                 --> 0 0

torch.fill(x, number)
torch.zero(x)
  As x:fill(number) and x:zero().
  Shapes: any.
  Errors: what is no number.
  Example:
    print(torch.fill(torch.Tensor(2), 7))       --> 7 7

x:set([source[, offset, sizes[, strides]]])
  Makes x another view: of a tensor, or of a storage from an offset on; without
  arguments it is empty.
  Shapes: as source, or the sizes.
  Errors: a view that reaches beyond the storage; another dtype.
  Example:
    local x, y = torch.Tensor(), torch.ones(2)
    x:set(y)
    x[1] = 5
    print(y)                                    --> 5 1

x:resize(sizes...)
  Makes x another size, keeping the elements of its storage; new ones are 0.
  Returns x.
  Shapes: the sizes.
  Errors: sizes that are negative or need more memory than there is.
  Example:
    print(torch.Tensor{1, 2, 3, 4}:resize(2, 2))
    --> 1 2
    --> 3 4

x:resizeAs(y)
  Makes x as large as y.
  Shapes: as y.
  Example:
    print(torch.Tensor():resizeAs(torch.eye(2)):size(1)) --> 2

x:apply(f)
  x[i] = f(x[i]) for all elements in order; where f returns nil, it stays.
  Shapes: any.
  Errors: f that is no function or returns no number.
  Example:
    print(torch.Tensor{1, 2}:apply(function (v) return v * 10 end))
    --> 10 20

x:map(y, f)
  x[i] = f(x[i], y[i]) for all elements.
  Shapes: y as x.
  Errors: f that is no function or returns no number; other sizes.
  Example:
    print(torch.ones(2):map(torch.Tensor{3, 4}, function (a, b) return a + b end))
    --> 4 5

x:map2(y, z, f)
  x[i] = f(x[i], y[i], z[i]) for all elements.
  Shapes: y and z as x.
  Errors: f that is no function or returns no number; other sizes.
  Example:
    local y = torch.Tensor{3, 4}
    print(torch.ones(2):map2(y, y, function (a, b, c) return a + b * c end))
    --> 10 17

# Questions to a tensor
@Errors: an argument of another kind.

x:dim()
  How many dimensions x has.
  Shapes: an integer, 0 for a tensor of one number.
  Example:
    print(torch.ones(2, 3):dim(), torch.tensor(1):dim()) --> 2 0

x:nDimension()
  As dim.
  Shapes: an integer.
  Example:
    print(torch.ones(2, 3):nDimension())        --> 2

x:stride([dim])
  How many elements of the storage lie between neighbours, for each dimension
  or for one.
  Shapes: a LongStorage of x:dim() integers, or an integer.
  Example:
    print(torch.ones(2, 3):stride(1))           --> 3

x:storage()
  The storage that x is a view of; writing to it writes to x.
  Shapes: flat.
  Example:
    print(#torch.ones(2, 3):storage())          --> 6

x:storageOffset()
  Where x begins in its storage, counted from 1.
  Shapes: an integer.
  Example:
    print(torch.range(1, 4):narrow(1, 3, 2):storageOffset()) --> 3

x:isContiguous()
  Do the elements stand in order, without gaps?
  Shapes: a boolean.
  Example:
    print(torch.ones(2, 3):t():isContiguous())  --> false

x:isSameSizeAs(y)
torch.isSameSizeAs(x, y)
  Have they the same sizes?
  Shapes: a boolean.
  Example:
    print(torch.ones(2, 3):isSameSizeAs(torch.ones(3, 2))) --> false

x:isSize(sizes)
  Has it these sizes, a LongStorage?
  Shapes: a boolean.
  Example:
    print(torch.ones(2, 3):isSize(torch.LongStorage{2, 3})) --> true

x:isSetTo(y)
  Are they the same view of the same storage?
  Shapes: a boolean.
  Example:
    local x = torch.ones(2)
    print(torch.Tensor():set(x):isSetTo(x))     --> true

x:isWeak()
  Is it a number of a transform, which takes the dtype of what it meets?
  Shapes: a boolean.
  Example:
    print(torch.ones(2):isWeak())               --> false

x:elementSize()
  Bytes of one element.
  Shapes: an integer.
  Example:
    print(torch.DoubleTensor(2):elementSize())  --> 8

x:dtype()
  'float32', 'int64' and so on.
  Shapes: a string.
  Example:
    print(torch.LongTensor(2):dtype())          --> int64

x:item()
torch.item(x)
  The one element of x as a number; torch.item passes numbers through.
  Shapes: a number.
  Errors: more or less than one element; a tensor that vmap or jit traces.
  Example:
    print(torch.Tensor{5}:item(), torch.item(3)) --> 5.0 3

x:totable()
  The elements as nested Lua tables.
  Shapes: as x nests; a number for 0 dimensions.
  Errors: a tensor that is traced.
  Example:
    print(torch.Tensor{{1, 2}, {3, 4}}:totable()[2][1]) --> 3.0

# Types of a tensor
@Shapes: as x.
@Errors: an unknown type.

x:type([name])
  The name of its type; with a name ('torch.LongTensor' or 'int64') x
  converted, or x itself when it has that type.
  Example:
    print(torch.ones(2):type(), torch.ones(2):type('int64'):type())
    --> torch.FloatTensor torch.LongTensor

x:typeAs(y)
  x converted to y's type.
  Example:
    print(torch.ones(2):typeAs(torch.LongTensor()):dtype()) --> int64

x:float()
  x as float32; x itself when it has that type.
  Example:
    print(torch.LongTensor{1}:float():dtype())  --> float32

x:double()
  x as float64.
  Example:
    print(torch.ones(1):double():dtype())       --> float64

x:long()
  x as int64, without what is behind the point.
  Example:
    print(torch.Tensor{1.7, -1.7}:long())       --> 1 -1

x:int()
  x as int32.
  Example:
    print(torch.ones(1):int():dtype())          --> int32

x:short()
  x as int16.
  Example:
    print(torch.ones(1):short():dtype())        --> int16

x:char()
  x as int8.
  Example:
    print(torch.ones(1):char():dtype())         --> int8

x:byte()
  x as uint8.
  Example:
    print(torch.Tensor{255}:byte():dtype())     --> uint8

x:bool()
  x as bool: true where it is not 0.
  Example:
    print(torch.Tensor{0, 2}:bool())            --> false true

x:cuda()
  Always an error that says what to use instead: there is no GPU here.
  Errors: always.
  Example:
    print((pcall(function () return torch.ones(1):cuda() end))) --> false
]==]
