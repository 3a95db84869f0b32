-- The manual: torch, storages, types, classes.

return [==[
# Storages
@Shapes: flat.
@Errors: sizes that are negative or need more memory than there is; elements of another kind.

torch.Storage([n or data])
  The elements that tensors are views of, of the default type: n zeros, or a
  list.  s[i], #s, s:fill(v), s:copy(t), s:resize(n), s:size(), s:totable().
  Example:
    print(torch.Storage{1, 2}[2])               --> 2.0

torch.LongStorage([n or data])
  A list of integers: what sizes and strides come in.
  Example:
    print(torch.LongStorage{2, 3} == torch.ones(2, 3):size()) --> true

torch.FloatStorage([n or data])
  A storage of float32.
  Example:
    print(#torch.FloatStorage(3))               --> 3

torch.DoubleStorage([n or data])
  A storage of float64.
  Example:
    print(torch.DoubleStorage{0.5}[1])          --> 0.5

torch.IntStorage([n or data])
  A storage of int32.
  Example:
    print(#torch.IntStorage(3))                 --> 3

torch.ShortStorage([n or data])
  A storage of int16.
  Example:
    print(#torch.ShortStorage(3))               --> 3

torch.CharStorage([n or data])
  A storage of int8; of a string its bytes.
  Example:
    print(#torch.CharStorage(3))                --> 3

torch.ByteStorage([n or data])
  A storage of uint8.
  Example:
    print(torch.ByteStorage{255}[1])            --> 255

torch.BoolStorage([n or data])
  A storage of truth values.
  Example:
    print(#torch.BoolStorage(3))                --> 3

# Default types
@Shapes: none.
@Errors: a name that is no floating type.

torch.setdefaulttensortype(name)
  'torch.FloatTensor' or 'torch.DoubleTensor' for what comes without a dtype.
  Example:
    torch.setdefaulttensortype 'torch.DoubleTensor'
    print(torch.ones(1):dtype())                --> float64
    torch.setdefaulttensortype 'torch.FloatTensor'

torch.getdefaulttensortype()
  The type of what comes without a dtype.
  Example:
    print(torch.getdefaulttensortype())         --> torch.FloatTensor

torch.setdefaultdtype(name)
  'float32' or 'float64' for what comes without a dtype.
  Example:
    torch.setdefaultdtype 'float32'
    print(torch.getdefaultdtype())              --> float32

torch.getdefaultdtype()
  The dtype of what comes without one.
  Example:
    print(torch.getdefaultdtype())              --> float32

# Classes
@Shapes: none.
@Errors: a name that is no string, a class that does not exist.

torch.class(name[, parent][, module])
  Makes a class: returns its metatable, where methods go, and its parent's.
  The constructor is put into the table that the name's package names (a
  loaded module or a global), or into `module`.
  Errors: an unknown parent; no module of that name.
  Example:
    local my = {}
    local Animal = torch.class('my.Animal', my)
    function Animal:__init (name) self.name = name end
    function Animal:text () return 'I am ' .. self.name end
    print(my.Animal('Rex'):text())              --> I am Rex

torch.type(object)
  The class name of an object, or Lua's type of anything else.
  Example:
    print(torch.type(torch.ones(1)), torch.type(3))
    --> torch.FloatTensor number

torch.totable(x)
  A tensor's or a storage's numbers, in nested tables; as x:totable().
  Shapes: any.
  Errors: what is no tensor and no storage.
  Example:
    print(torch.totable(torch.Tensor{{1, 2}})[1][2]) --> 2.0

torch.isequal(a, b)
  Are both one table or object, or tensors that share all their elements.
  Example:
    local x = torch.ones(2)
    print(torch.isequal(x, torch.Tensor(x)), torch.isequal(x, x:clone()))
    --> true false

torch.pointer(object)
  An integer that stands for a table, a function, a thread, a tensor or a
  storage (one for all x:storage()), for use as a key.
  Errors: numbers, strings, booleans and nil.
  Example:
    local x = torch.ones(2)
    print(torch.pointer(x:storage()) == torch.pointer(x[{ {1} }]:storage()))
    --> true

torch.typename(object)
  The class name of an object, or nil.
  Example:
    print(torch.typename(nn.Tanh()), torch.typename {}) --> nn.Tanh nil

torch.isTypeOf(object, spec)
  Is the object of that class, or of one that inherits from it?  spec is a
  name, a pattern or a constructor.
  Example:
    print(torch.isTypeOf(nn.Tanh(), 'nn.Module')) --> true
    print(torch.isTypeOf(torch.ones(1), 'torch.*Tensor')) --> true

torch.isTensor(object)
  Is it a tensor?
  Errors: none.
  Example:
    print(torch.isTensor(torch.ones(1)), torch.isTensor {}) --> true false

torch.isStorage(object)
  Is it a storage?
  Errors: none.
  Example:
    print(torch.isStorage(torch.FloatStorage(1))) --> true

torch.factory(name)
  A function that makes an object of that class without calling __init; nil
  when there is no such class.
  Example:
    print(torch.type(torch.factory 'nn.Tanh' ())) --> nn.Tanh

torch.getmetatable(name)
  The metatable of the class of that name, or nil.
  Example:
    print(torch.getmetatable('nn.Module').__typename) --> nn.Module

torch.setmetatable(object, name)
  Makes a table an object of the class of that name; returns it.
  Example:
    print(torch.type(torch.setmetatable({}, 'nn.Module'))) --> nn.Module

torch.newmetatable(name[, parent])
  Makes and registers the metatable of a class without a constructor.
  Errors: an unknown parent.
  Example:
    print(torch.newmetatable('manual.Empty').__typename) --> manual.Empty
]==]
