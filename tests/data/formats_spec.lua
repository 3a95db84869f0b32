-- The files of tests/golden/formats: the values that must be read, and what
-- must be refused, from formats.lua.

local core = require 'nnlua.core'
local data = require 'data'
require 'torch'

local golden = dofile 'tests/golden/formats.lua'
local folder = 'tests/golden/formats/'

-- types of files that have no dtype here come as a wider one
local wider = {float16 = 'float32', bfloat16 = 'float32', uint16 = 'int32',
               uint32 = 'int64'}
-- of these the index gives the numbers only
local numbers = {['safetensors/u16.safetensors'] = 'int32',
                 ['safetensors/u32.safetensors'] = 'int64'}

local function product (shape)
  local n = 1
  for _, size in ipairs(shape) do n = n * size end
  return n
end

local function check_array (name, tensor, want)
  local array = want.array
  assert.equal(numbers[name] or wider[want.dtype] or want.dtype, tensor:dtype(), name)
  local size, n = {}, product(array.shape)
  for i = 1, #array.shape do size[i] = tensor:size(i) end
  assert.same(array.shape, size, name)
  if n == 0 then return end
  local flat = #array.shape == 0 and tensor:view(1) or tensor:view(n)
  for i = 1, n do
    local got, expected = flat[i], array.data[i]
    if type(expected) == 'table' then expected = expected[1] end
    local equal = got == expected or (got ~= got and expected ~= expected)
    assert.is_true(equal, ('%s[%d]: %s, %s expected'):format(name, i,
                          tostring(got), tostring(expected)))
  end
end

local readers = {
  npy = function (path) return {a = core.npy_read(path)} end,
  idx = function (path) return {a = core.idx_read(path)} end,
  safetensors = core.safetensors_load,
}

describe('golden formats', function ()
  for _, case in ipairs(golden.cases) do
    local path = folder .. case.args.file
    it(case.name, function ()
      local ok, arrays, metadata = pcall(readers[case.op], path)
      if not case.out.valid then
        assert.is_false(ok, case.out.reason)
        assert.matches(path:gsub('%p', '%%%0'), arrays)
        assert.is_nil(arrays:find('?', 1, true))
        return
      elseif not ok then
        assert.is_true(case.out.may_refuse, tostring(arrays))
        return
      end
      for _, want in ipairs(case.out.arrays or {}) do
        check_array(case.name, arrays[want.name], want)
        arrays[want.name] = nil
      end
      if case.out.arrays then assert.is_nil(next(arrays)) end
      if case.op == 'safetensors' then
        assert.same(case.out.metadata or {}, metadata)
      end
    end)
  end

  it('data.read knows a file by its first bytes', function ()
    assert.equal('uint8', data.read(folder .. 'idx/gz_without_the_name.idx'):dtype())
    assert.equal('float32', data.read(folder .. 'npy/f4_c.npy'):dtype())
    local arrays, metadata = data.read(folder .. 'safetensors/metadata.safetensors')
    assert.equal('float32', arrays.w:dtype())
    assert.same({format = 'pt'}, metadata)
  end)
end)
