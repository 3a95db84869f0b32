-- data.mnist on small files: what comes, and every way the files can be wrong.

local core = require 'nnlua.core'
local data = require 'data'
local torch = require 'torch'

local golden = 'tests/golden/formats/idx/'

-- A folder of the test's own, with files {name = text or tensor}.
local function folder (files)
  local dir = os.tmpname()
  os.remove(dir)
  assert(os.execute('mkdir ' .. dir))
  for name, what in pairs(files) do
    if type(what) == 'string' then
      core.file_write_atomic(dir .. '/' .. name, what)
    else
      core.idx_write(dir .. '/' .. name, what)
    end
  end
  finally(function () os.execute('rm -rf ' .. dir) end)
  return dir
end

local function images (n)
  local t = torch.ByteTensor(n, 4, 3)
  for i = 1, n do t[i]:fill(i) end
  return t
end

local function labels (...) return torch.ByteTensor {...} end

local function fails (pattern, opts)
  local ok, message = pcall(data.mnist, opts)
  assert.is_false(ok)
  assert.matches(pattern, message)
  assert.matches('data.mnist: ', message)
  assert.is_nil(message:find('?', 1, true), message)
end

describe('data.mnist', function ()
  it('reads images and labels, plain or gzip', function ()
    for _, ending in ipairs {'', '.gz'} do
      local dir = folder {['train-images-idx3-ubyte' .. ending] = images(3),
                          ['train-labels-idx1-ubyte' .. ending] = labels(0, 9, 4),
                          ['t10k-images-idx3-ubyte' .. ending] = images(2),
                          ['t10k-labels-idx1-ubyte' .. ending] = labels(7, 7)}
      local train, test = data.mnist {dir = dir}, data.mnist {dir = dir, train = false}
      assert.equal(3, #train)
      assert.equal(2, #test)
      assert.same({3, 4, 3}, train.images:size():totable())
      assert.equal('uint8', train.images:dtype())
      assert.equal(2, train.images[2][4][3])
      assert.equal('int64', train.labels:dtype())
      assert.same({1, 10, 5}, {train.labels[1], train.labels[2], train.labels[3]})
      assert.equal(8, test.labels[1])
      assert.near(2 / 255, train.images:double():mean() / 255, 1e-15)
      local mean, std = train:moments()
      assert.near(2 / 255, mean, 1e-15)
      assert.near(math.sqrt(2 / 3) / 255, std, 1e-15)
    end
  end)

  it('gives flat floats from 0 to 1, or what is asked for', function ()
    local dir = folder {['train-images-idx3-ubyte'] = images(3),
                        ['train-labels-idx1-ubyte'] = labels(0, 9, 4)}
    local ds = data.mnist(dir)
    for x, y in data.loader(ds, {batch = 3}):epoch(1) do
      assert.same({3, 12}, x:size():totable())
      assert.equal('float32', x:dtype())
      assert.near(3 / 255, x[3][12], 1e-8)
      assert.equal(10, y[2])
    end
    for x in data.loader(ds, {shape = {1, 4, 3}, normalize = {0, 1 / 255}}):epoch(1) do
      assert.same({3, 1, 4, 3}, x:size():totable())
      assert.near(3, x[3][1][1][1], 1e-6)
    end
    local item = ds[2]
    assert.same({12}, item[1]:size():totable())
    assert.near(2 / 255, item[1][1], 1e-8)
    assert.equal(10, item[2])
    local part = data.subset(ds, {3, 1})
    assert.equal(3, part.images[1][1][1])
    assert.equal(5, part[1][2])
  end)

  it('needs its files', function ()
    local dir = folder {['train-images-idx3-ubyte'] = images(3)}
    fails('no file "train%-labels%-idx1%-ubyte" %(or train%-labels%-idx1%-ubyte.gz%) in "/tmp',
          {dir = dir})
    fails('no file "train%-images', {dir = '/nonexistent'})
    fails('no file "t10k%-images', {dir = dir, train = false})
  end)

  it('refuses counts that differ', function ()
    local dir = folder {['train-images-idx3-ubyte'] = images(4),
                        ['train-labels-idx1-ubyte'] = labels(1, 2, 3)}
    fails('4 images in ".*train%-images%-idx3%-ubyte", but 3 labels in', {dir = dir})
  end)

  it('refuses labels that are no digits', function ()
    local dir = folder {['train-images-idx3-ubyte'] = images(3),
                        ['train-labels-idx1-ubyte'] =
                          core.file_read(golden .. 'label11-labels-idx1-ubyte')}
    fails('label 11 of item 2; labels are 0 to 9', {dir = dir})
  end)

  it('refuses files of another kind', function ()
    local dir = folder {['train-images-idx3-ubyte'] = labels(1, 2),
                        ['train-labels-idx1-ubyte'] = labels(1, 2)}
    fails('holds no images: three dims of uint8 expected, got 1 of uint8', {dir = dir})
    dir = folder {['train-images-idx3-ubyte'] = images(2),
                  ['train-labels-idx1-ubyte'] = images(2)}
    fails('holds no labels', {dir = dir})
  end)

  it('refuses broken files with their reason', function ()
    local good = core.file_read(golden .. 'images-idx3-ubyte')
    local broken = {[''] = 'the file is empty', ['<html>'] = 'not an IDX file',
                    [good:sub(1, -2)] = 'truncated', [good .. 'x'] = 'too long',
                    [core.file_read(golden .. 'bad_crc.gz')] = 'gzip data is damaged',
                    [core.file_read(golden .. 'bad_overflow.idx')] = 'overflow'}
    for text, reason in pairs(broken) do
      local dir = folder {['train-images-idx3-ubyte'] = text,
                          ['train-labels-idx1-ubyte'] = labels(1, 2, 3)}
      fails('train%-images%-idx3%-ubyte": .*' .. reason, {dir = dir})
    end
  end)

  it('finds damage past the header when the images are used', function ()
    local noise = torch.ByteTensor(120, 28, 28)
    for i = 1, 120 do noise[i]:copy(torch.rand(28, 28):mul(255)) end
    local dir = folder {['train-images-idx3-ubyte.gz'] = noise,
                        ['train-labels-idx1-ubyte'] = torch.ByteTensor(120)}
    local path = dir .. '/train-images-idx3-ubyte.gz'
    local text = core.file_read(path)
    core.file_write_atomic(path, text:sub(1, -7) .. '\1\2\3\4\5\6')
    local ds = data.mnist {dir = dir}
    local ok, message = pcall(function () return ds.images end)
    assert.is_false(ok)
    assert.matches('train%-images%-idx3%-ubyte.gz": the gzip data is damaged', message)
  end)

  it('knows its options', function ()
    fails('unknown option "dri", did you mean "dir"', {dri = 1})
    fails('train: boolean expected, got number 1', {train = 1})
  end)
end)

describe('data.fetch', function ()
  it('knows two data sets', function ()
    assert.has_error(function () data.fetch 'cifar' end)
    local ok, message = pcall(data.fetch, 'cifar')
    assert.is_false(ok)
    assert.matches('"mnist" or "fashion%-mnist" expected, got string \'cifar\'', message)
  end)
end)
