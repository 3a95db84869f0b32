-- torch.DiskFile, MemoryFile, PipeFile.
local torch = require 'torch'
local files = torch

local path = os.tmpname()

local function content ()
  local file = assert(io.open(path, 'rb'))
  local text = file:read 'a'
  file:close()
  return text
end

local kinds = {'Byte', 'Char', 'Short', 'Int', 'Long', 'Float', 'Double'}

for _, mode in ipairs {'ascii', 'binary'} do
  describe('numbers in ' .. mode, function ()
    for _, name in ipairs {'MemoryFile', 'DiskFile'} do
      it('come back from a ' .. name, function ()
        local file = name == 'DiskFile' and files.DiskFile(path, 'w')
                     or files.MemoryFile()
        file[mode](file)
        for _, kind in ipairs(kinds) do
          assert.equal(1, file['write' .. kind](file, 7))
          local storage = torch[kind .. 'Storage']({1, 2, 3})
          assert.equal(3, file['write' .. kind](file, storage))
        end
        file:writeDouble(1 / 3)
        file:writeLong(math.mininteger)
        file:writeDouble(-math.huge)
        file:writeBool(true)
        file:writeString 'a line\nand the rest'
        if name == 'DiskFile' then
          file:close()
          file = files.DiskFile(path)
          file[mode](file)
        end
        file:seek(1)
        for _, kind in ipairs(kinds) do
          local v = file['read' .. kind](file)
          assert.equal(7, v)
          assert.equal(kind == 'Float' or kind == 'Double', math.type(v) ==
                       'float')
          local storage = file['read' .. kind](file, 3)
          assert.equal('torch.' .. kind .. 'Storage', torch.type(storage))
          assert.same({1, 2, 3}, {storage[1], storage[2], storage[3]})
        end
        assert.equal(1 / 3, file:readDouble())
        assert.equal(math.mininteger, file:readLong())
        assert.equal(-math.huge, file:readDouble())
        assert.is_true(file:readBool())
        assert.equal('a line', file:readString '*l')
        assert.equal('and the rest', file:readString '*a')
        assert.error_matches(function () file:readString '*l' end,
                             'there is nothing left to read')
        file:close()
      end)
    end
  end)
end

describe('torch.File', function ()
  it('writes the text and the bytes that Torch7 writes', function ()
    local file = files.DiskFile(path, 'w')
    file:writeInt(5)
    file:writeInt(torch.IntStorage {1, 2})
    file:noAutoSpacing()
    file:writeDouble(0.5)
    file:close()
    assert.equal('5\n1 2\n0.5', content())
    file = files.DiskFile(path, 'w'):binary()
    file:writeInt(1)
    file:bigEndianEncoding():writeShort(1)
    file:close()
    assert.equal('\1\0\0\0\0\1', content())
  end)

  it('moves, overwrites and appends', function ()
    for _, file in ipairs {files.MemoryFile(), files.DiskFile(path, 'rw')} do
      file:binary():writeString 'abcdef'
      assert.equal(7, file:position())
      file:seek(3):writeString 'XY'
      assert.equal('ef', file:readString '*a')
      file:seekEnd():writeString '!'
      file:seek(1)
      assert.equal('abXYef!', file:readString '*a')
      assert.error_matches(function () file:seek(9) end,
                           'position 9 is not in the file')
      assert.error_matches(function () file:seek(0) end, 'position 0 is not')
      file:close()
      assert.is_false(file:isOpened())
      assert.error_matches(function () file:readInt() end,
                           'File:readInt: the file is closed')
    end
  end)

  it('reads into a storage, and says when there is too little', function ()
    local file = files.MemoryFile()
    file:writeFloat(torch.FloatStorage {1, 2})
    file:seek(1)
    local storage = torch.FloatStorage(2)
    assert.equal(2, file:readFloat(storage))
    assert.equal(2, storage[2])
    file:seek(1)
    assert.error_matches(function () file:readFloat(3) end,
                         'File:readFloat: read 2 numbers instead of 3')
    file:quiet():clearError():seek(1)
    assert.equal(2, #file:readFloat(3))
    assert.is_true(file:hasError())
    assert.is_true(file:isQuiet())
    assert.equal(0, file:pedantic():clearError():quiet():readInt())
  end)

  it('keeps objects', function ()
    local file = files.MemoryFile()
    file:writeObject {x = torch.ones(2), n = 5}
    file:writeObject 'second'
    file:seek(1)
    local object = file:readObject()
    assert.equal(5, object.n)
    assert.equal(1, object.x[2])
    assert.equal('second', file:readObject())
    assert.error_matches(function () file:readObject() end,
                         'there is no object here')
  end)

  it('refuses what does not fit', function ()
    local file = files.MemoryFile()
    assert.error_matches(function () file:writeByte(256) end,
                         'File:writeByte: 256 does not fit')
    assert.error_matches(function () file:writeInt(1e300) end, 'does not fit')
    assert.error_matches(function () file:writeInt 'x' end,
      'File:writeInt: a number or a storage expected, got string')
    assert.equal(1, file:writeInt(3.7))
    file:seek(1)
    assert.equal(3, file:readInt())
    assert.error_matches(function () file:readString 'x' end, "'%*l' or '%*a'")
  end)

  it('keeps to its mode', function ()
    assert.error_matches(function () files.DiskFile('/nowhere/x', 'r') end,
      'torch.DiskFile: can not open /nowhere/x: No such file or directory')
    assert.is_true(files.DiskFile('/nowhere/x', 'r', true):hasError())
    local function says (make, ...) -- with the caller's line
      local arguments = table.pack(...)
      local ok, message = pcall(function ()
        local file = make(table.unpack(arguments, 1, arguments.n))
        return file
      end)
      assert.is_false(ok)
      return message:match 'file_spec.lua:%d+: (.*)'
    end
    assert.equal('torch.DiskFile: argument #1 (path): string expected, got nil',
                 says(files.DiskFile))
    assert.equal('torch.PipeFile: argument #1 (command): string expected, got '
                 .. 'table', says(files.PipeFile, {}))
    assert.equal("torch.DiskFile: mode 'r', 'w' or 'rw' expected, got 'a'",
                 says(files.DiskFile, path, 'a'))
    local file = files.DiskFile(path, 'r')
    assert.error_matches(function () file:writeInt(1) end,
                         'the file is open for reading only')
    file:close()
    file = files.DiskFile(path, 'w')
    assert.error_matches(function () file:readInt() end,
                         'the file is open for writing only')
    file:close()
  end)

  it('in memory is a CharStorage with a 0 behind', function ()
    local file = files.MemoryFile()
    file:binary():writeString 'h\255'
    local storage = file:storage()
    assert.same({104, -1, 0}, {storage[1], storage[2], storage[3]})
    assert.equal('h\255', files.MemoryFile(storage, 'r'):readString '*a')
    assert.error_matches(function ()
      files.MemoryFile(torch.CharStorage {1}, 'r')
    end, 'the last byte of the storage has to be 0')
  end)

  it('reads what a command prints', function ()
    local pipe = files.PipeFile 'echo 5 7; echo text'
    assert.equal(5, pipe:readInt())
    assert.equal(7, pipe:readInt())
    assert.equal('text', pipe:readString '*l')
    pipe:close()
  end)
end)

os.remove(path)
