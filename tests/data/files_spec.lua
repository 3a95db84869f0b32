-- data.read and data.write, and the core's functions under torch.save.

local core = require 'nnlua.core'
local data = require 'data'
local torch = require 'torch'

local function temp (name)
  local path = os.tmpname()
  os.remove(path)
  finally(function () os.remove(path .. name) end)
  return path .. name
end

local function fails (pattern, f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok)
  assert.matches(pattern, message)
  assert.is_nil(message:find('?', 1, true), message)
end

local dtypes = {'bool', 'uint8', 'int8', 'int16', 'int32', 'int64', 'float32', 'float64'}
local shapes = {{3}, {2, 3}, {1, 2, 3, 1}, {0}, {2, 0}}

local function sample (dtype, shape)
  local n = 1
  for _, size in ipairs(shape) do n = n * size end
  local t = n > 0 and torch.range(1, n):view(table.unpack(shape))
            or torch.zeros(table.unpack(shape))
  return t:type(dtype)
end

local function same (a, b)
  assert.equal(a:dtype(), b:dtype())
  assert.same(a:size():totable(), b:size():totable())
  if a:nElement() == 0 then return end
  a, b = a:contiguous():view(a:nElement()), b:contiguous():view(b:nElement())
  for i = 1, a:size(1) do assert.equal(a[i], b[i]) end
end

describe('data.read and data.write', function ()
  it('keep every dtype and shape', function ()
    for _, dtype in ipairs(dtypes) do
      for _, shape in ipairs(shapes) do
        local t = sample(dtype, shape)
        for _, ending in ipairs {'.npy', '.idx', '.idx.gz', '.safetensors'} do
          if not ending:find 'idx' or (dtype ~= 'bool' and dtype ~= 'int64') then
            local path = temp(ending)
            local many = ending == '.safetensors'
            data.write(path, many and {t = t} or t)
            local back = data.read(path)
            same(t, many and back.t or back)
            os.remove(path)
          end
        end
      end
    end
  end)

  it('write transposed and partial tensors as they look', function ()
    local path = temp '.npy'
    local t = torch.range(1, 12):view(3, 4)
    data.write(path, t:t())
    same(t:t(), data.read(path))
    data.write(path, t[{{2, 3}, {1, 2}}])
    same(t[{{2, 3}, {1, 2}}], data.read(path))
  end)

  it('keep metadata and odd names', function ()
    local path = temp '.safetensors'
    local t = torch.ones(2)
    local meta = {a = 'x\n"\\\0', ['ü'] = ''}
    data.write(path, {[''] = t, ['a\tb'] = t, ['数'] = t}, meta)
    local arrays, read = data.read(path)
    assert.same(meta, read)
    same(t, arrays[''])
    same(t, arrays['a\tb'])
    same(t, arrays['数'])
  end)

  it('name what is wrong', function ()
    fails('IDX holds no int64; convert', data.write, temp '.idx', torch.LongTensor {1})
    fails('a name that ends in .npy', data.write, temp '.txt', torch.ones(2))
    fails('is no .npy, IDX or .safetensors file', data.read, 'Makefile')
    fails('cannot open nothing.npy', data.read, 'nothing.npy')
    fails('file name expected, got number 3', data.read, 3)
    fails('tensor expected, got number 5', data.write, temp '.npy', 5)
    fails('"w" must be a tensor, got number 5', data.write, temp '.safetensors', {w = 5})
    fails('its keys must be strings, got number 1', data.write, temp '.safetensors',
          {torch.ones(1)})
    fails('"k" must be a string, got number 1', data.write, temp '.safetensors', {}, {k = 1})
    fails('a name is not UTF%-8', data.write, temp '.safetensors', {['\xff'] = torch.ones(1)})
    fails('No such file or directory', data.write, '/nonexistent/x.npy', torch.ones(1))
    fails('"/tmp": Is a directory', core.npy_write, '/tmp', torch.ones(1))
    fails('a zero byte in the file name', core.file_read, 'a\0b')
  end)
end)

describe('whole files', function ()
  it('are written and read', function ()
    local path = temp '.bin'
    for _, text in ipairs {'', 'a', ('x\0y'):rep(50000)} do
      core.file_write_atomic(path, text)
      assert.equal(text, core.file_read(path))
    end
  end)

  it('are checked before long work', function ()
    local path = temp '.bin'
    assert.is_true(core.file_writable(path))
    assert.is_nil(io.open(path))
    local ok, why = core.file_writable '/nonexistent/x'
    assert.is_nil(ok)
    assert.matches('"/nonexistent/x": No such file or directory', why)
  end)
end)
