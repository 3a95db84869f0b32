-- The manual: torch, files.

return [==[
# Saving objects
@Shapes: tensors keep their sizes, strides, types and what they share.
@Errors: a file that can not be read or written, is cut off or damaged; functions and other things that are no data, with the way to them.

torch.save(path, object)
  Saves tables, tensors, strings, numbers, booleans and objects of classes.
  The file is replaced whole or not at all.
  Example:
    local path = os.tmpname()
    torch.save(path, {w = torch.ones(2), epoch = 3})
    print(torch.load(path).epoch)               --> 3
    os.remove(path)

torch.load(path)
  What torch.save saved.  The classes of its objects must be known; a file
  holds no code, and none is run.
  Example:
    local path = os.tmpname()
    torch.save(path, torch.Tensor{1, 2})
    print(torch.load(path))                     --> 1 2
    os.remove(path)

torch.serialize(object)
  An object as a string; torch.deserialize makes it an object again.
  Example:
    print(type(torch.serialize {1, 2}))         --> string

torch.deserialize(text)
  The object that torch.serialize made text from.
  Example:
    print(torch.deserialize(torch.serialize(torch.Tensor{1, 2}))) --> 1 2

# Files
@Shapes: a number for one, a storage for many.
@Errors: a file that can not be opened, read or written, unless it is quiet.

torch.DiskFile(path[, mode[, quiet]])
  A file on disk; mode 'r' (the default), 'w' or 'rw'.  With quiet it is nil on
  failure, and errors are kept for file:hasError().
  Example:
    local path = os.tmpname()
    local file = torch.DiskFile(path, 'w')
    file:writeInt(42)
    file:close()
    print(torch.DiskFile(path):readInt())       --> 42
    os.remove(path)

torch.MemoryFile([storage,] [mode])
  A file in memory: a CharStorage's bytes, or nothing; mode 'rw' by default.
  Example:
    local file = torch.MemoryFile()
    file:writeString 'two words'
    file:seek(1)
    print(file:readString '*a')                 --> two words

torch.PipeFile(command[, mode])
  What a command prints ('r', the default) or reads ('w').
  Example:
    print(torch.PipeFile 'echo 7':readInt())    --> 7

file:readInt([n])
file:readByte([n])
file:readChar([n])
file:readShort([n])
file:readLong([n])
file:readFloat([n])
file:readDouble([n])
file:readBool()
  A number of that kind, or a storage of n of them; in text numbers are parted
  by spaces, in binary() they are bytes of the file's order.
  Errors: no more numbers, or something else, in the file.
  Example:
    local file = torch.MemoryFile()
    file:writeDouble(0.5)
    file:writeLong(7)
    file:seek(1)
    print(file:readDouble(), file:readLong())   --> 0.5 7

file:writeInt(number or storage)
file:writeByte(number or storage)
file:writeChar(number or storage)
file:writeShort(number or storage)
file:writeLong(number or storage)
file:writeFloat(number or storage)
file:writeDouble(number or storage)
file:writeBool(boolean)
  Writes a number, or a storage of them; returns how many.
  Example:
    local file = torch.MemoryFile()
    file:writeInt(torch.IntStorage{1, 2})
    file:seek(1)
    print(file:readInt(2)[2])                   --> 2

file:readString(format)
file:writeString(text)
  '*l': the next line, without its end; '*a': all that is left.  Writes a text
  as it is.
  Example:
    local file = torch.MemoryFile()
    file:writeString 'one\ntwo\n'
    file:seek(1)
    print(file:readString '*l', file:readString '*l') --> one two

file:readObject()
file:writeObject(object)
  One object, as torch.save and torch.load.
  Example:
    local file = torch.MemoryFile()
    file:writeObject {a = 1}
    file:seek(1)
    print(file:readObject().a)                  --> 1

file:position()
file:seek(position)
file:seekEnd()
  Where the file stands, the first byte being 1; goes elsewhere.
  Errors: a position beyond the end.
  Example:
    local file = torch.MemoryFile()
    file:writeString 'abc'
    print(file:position())                      --> 4

file:ascii()
file:binary()
file:isBinary()
file:autoSpacing()
file:noAutoSpacing()
file:isAutoSpacing()
file:littleEndianEncoding()
file:bigEndianEncoding()
file:nativeEndianEncoding()
  How numbers are written: as text (the default), with spaces and line ends
  between them unless noAutoSpacing; or as bytes in an order.  The first two
  and the encodings return the file.
  Example:
    local file = torch.MemoryFile():binary():bigEndianEncoding()
    file:writeShort(258)
    print(file:position(), file:isBinary())     --> 3 true

file:quiet()
file:pedantic()
file:isQuiet()
file:hasError()
file:clearError()
  Whether failures raise errors (pedantic, the default) or are kept.
  Example:
    local file = torch.MemoryFile():quiet()
    file:readInt()
    print(file:hasError())                      --> true

file:close()
file:synchronize()
file:isOpened()
file:isReadable()
file:isWritable()
file:referenced(yes)
file:isReferenced()
  The file's life: writes what is kept back, closes; what it may do.
  Example:
    local file = torch.MemoryFile()
    file:close()
    print(file:isOpened())                      --> false
]==]
