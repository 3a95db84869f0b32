-- data.mnist and data.fashion_mnist: images of 28 x 28 with labels 1 to 10.

local core = require 'nnlua.core'
local Dataset = require 'data.Dataset'
local options = require 'data.options'

local fetch = require 'data.fetch'.fetch

local CLASSES = 10

local function exists (path)
  local f = io.open(path, 'rb')
  if f then f:close() end
  return f ~= nil
end

-- The file of a kind in a folder, under the names it is known by.
local function find (name, dir, set, kind)
  local base = set .. '-' .. kind
  for _, file in ipairs {base, (base:gsub('%-idx', '.idx'))} do
    for _, ending in ipairs {'', '.gz'} do
      local path = dir .. '/' .. file .. ending
      if exists(path) then return path end
    end
  end
  options.fail('%s: no file "%s" (or %s.gz) in "%s"', name, base, base, dir)
end

-- An IDX error with the function's name before it.
local function call (name, f, ...)
  local ok, result = pcall(f, ...)
  if ok then return result end
  local message = tostring(result):match 'cannot .*$' or tostring(result)
  if message:find('interrupted', 1, true) then error(result, 0) end
  options.fail('%s: %s', name, message)
end

-- The labels of a file, 0 to 9, as 1 to 10.
local function read_labels (name, path)
  local raw = call(name, core.idx_read, path)
  if raw:dim() ~= 1 or raw:dtype() ~= 'uint8' then
    options.fail('%s: "%s" holds no labels: one dim of uint8 expected, got '
                 .. '%d of %s', name, path, raw:dim(), raw:dtype())
  end
  local labels = raw:long()
  if labels:nElement() > 0 and labels:max() >= CLASSES then
    for i = 1, labels:size(1) do
      if labels[i] >= CLASSES then
        options.fail('%s: "%s": label %d of item %d; labels are 0 to %d', name,
                     path, labels[i], i, CLASSES - 1)
      end
    end
  end
  return labels:add(1)
end

local function load (name, dir, set)
  local image_path = find(name, dir, set, 'images-idx3-ubyte')
  local label_path = find(name, dir, set, 'labels-idx1-ubyte')
  local images = call(name, core.decode, image_path) -- a thread reads on
  local dtype, size = images:info()
  if dtype ~= 'uint8' or #size ~= 3 then
    options.fail('%s: "%s" holds no images: three dims of uint8 expected, got '
                 .. '%d of %s', name, image_path, #size, dtype)
  end
  local labels = read_labels(name, label_path)
  if labels:nElement() ~= size[1] then
    options.fail('%s: %d images in "%s", but %d labels in "%s"', name, size[1],
                 image_path, labels:nElement(), label_path)
  end
  return Dataset.new {names = {'images', 'labels'}, n = size[1],
                      lazy = {images = images}, labels = labels,
                      shape = {size[2] * size[3]}, unit = true, classes = CLASSES}
end

local function shape_is (value)
  return type(value) == 'table' or options.is_tensor(value), 'table of sizes'
end

local known = {dir = 'string', train = 'boolean', shape = shape_is}

-- reader('data.mnist', 'mnist'): a function of the options
local function reader (name, set)
  return function (opts)
    if type(opts) == 'string' then opts = {dir = opts} end
    local o = options.options(name, opts, known)
    local ds = load(name, o.dir or fetch(set), o.train == false and 't10k' or 'train')
    if o.shape then ds.shape = o.shape end
    return ds
  end
end

return {
  -- The handwritten digits: 60,000 images to train with, or {train = false}
  -- 10,000 to test with; {dir = folder of the IDX files, plain or .gz} or else
  -- as data.fetch finds them.  ds.images is uint8 (n, 28, 28), ds.labels int64
  -- 1 to 10 (a "3" has label 4).  A loader gives float32 (batch, 784) from 0
  -- to 1, with {shape = {1, 28, 28}} (batch, 1, 28, 28).
  -- data.mnist() to train with, data.mnist{train = false} to test.
  mnist = reader('data.mnist', 'mnist'),
  -- The same of clothes: t-shirt, trouser, pullover, dress, coat, sandal,
  -- shirt, sneaker, bag, boot.
  fashion_mnist = reader('data.fashion_mnist', 'fashion-mnist'),
}
