-- The manual: data.

return [==[
# Datasets
@Shapes: fields [n x *], items {input, target}.
@Errors: fields of different lengths, rows that there are not, unknown options.

data.TensorDataset(x, y, ...)
  A dataset of the rows of its tensors: ds.x, ds.y, ds.z3, ...; ds[i] = {x[i],
  y[i], ...}; #ds items.  The tensors are shared, not copied.
  Example:
    local ds = data.TensorDataset(torch.randn(100, 3), torch.ones(100))
    print(#ds, ds[1][2])                        --> 100 1.0

ds:moments()
  Mean and standard deviation of all elements of the first field, of uint8 as
  x / 255: what a loader's normalize wants.
  Shapes: two numbers.
  Example:
    print(data.TensorDataset(torch.Tensor{1, 3}):moments()) --> 2.0 1.0

data.subset(ds, first, last)
data.subset(ds, rows)
  Some items of a dataset, sharing memory: first to last, or a table or tensor
  of rows.
  Example:
    local ds = data.TensorDataset(torch.range(1, 10))
    print(#data.subset(ds, 3, 5), data.subset(ds, {9, 2})[1][1]) --> 3 9.0

data.split(ds, n[, {shuffle =, seed =}])
  Two parts: the first n items (or that fraction, for 0 < n < 1) and the rest;
  shuffle = true draws them at random.
  Example:
    local train, valid = data.split(data.TensorDataset(torch.zeros(10)), 0.8)
    print(#train, #valid)                       --> 8 2

data.mnist{train =, dir =}
  MNIST: ds.images uint8 [n x 28 x 28], ds.labels int64 [n], 1 to 10 (a "3" has
  label 4).  train = false for the test set; dir the folder of the files, which
  are fetched where there is none.
  Shapes: items [28 x 28] and a label.
  Errors: files that are missing, damaged or of other sizes.
  Example:
    print(type(data.mnist))                     --> function

data.fashion_mnist{train =, dir =}
  Fashion-MNIST, as data.mnist.
  Shapes: items [28 x 28] and a label.
  Errors: files that are missing, damaged or of other sizes.
  Example:
    print(type(data.fashion_mnist))             --> function

data.fetch(name[, dir])
  The folder that holds the verified files of 'mnist' or 'fashion-mnist': dir,
  $NNLUA_DATA, the user's cache, else they are downloaded.
  Shapes: a path.
  Errors: an unknown name, no network.
  Example:
    print((pcall(data.fetch, 'nosuch')))        --> false

# Loader
@Shapes: batches [batch x *].

data.loader(ds[, {batch =, shuffle =, seed =, workers =, prefetch =, last =, normalize =, shape =}])
  Makes batches in threads of its own; what comes is the same for any number of
  workers.  batch 64, shuffle false, seed torch.initialSeed(), workers 1,
  prefetch 4, last 'keep' ('drop', 'wrap'), normalize {mean, std}.  It may be a
  <close> variable.
  Errors: unknown options, fields of other lengths.
  Example:
    local ds = data.TensorDataset(torch.range(1, 5))
    local loader <close> = data.loader(ds, {batch = 2})
    for x in loader:epoch(1) do print(x) end    --> 1 2 3 4 5

loader:epoch([number])
loader:begin(number)
  An iterator over an epoch's batches: the fields, then {batch =, ...}.  After
  restore, the epoch that was under way goes on.
  Errors: a number that is no integer.
  Example:
    local loader <close> = data.loader({torch.zeros(5)}, {batch = 2})
    local n = 0
    for _ in loader:epoch(1) do n = n + 1 end
    print(n, #loader)                           --> 3 3

loader:state()
loader:restore(state)
  Where the loader is, as plain data that torch.save keeps; goes on from there.
  Errors: a state of other data or options.
  Example:
    local loader <close> = data.loader({torch.zeros(4)}, {batch = 2})
    for _ in loader:epoch(1) do break end
    print(loader:state().batch)                 --> 1

loader:stats()
loader:close()
  How many batches were ready when asked for, and the seconds of waiting, work
  and overlap; ends the threads.
  Errors: none.
  Example:
    local loader = data.loader({torch.zeros(4)}, {batch = 2})
    for _ in loader:epoch(1) do _ = nil end
    print(loader:stats().batches)               --> 2
    loader:close()

# Files
@Errors: files that can not be read or written, are cut off or damaged; an unknown ending.

data.read(path)
  The tensor of an .npy or IDX file (also gzip), or the table {name = tensor}
  and the metadata of a .safetensors file, told apart by their first bytes.
  Shapes: as the file says.
  Example:
    local path = os.tmpname()
    data.write(path .. '.npy', torch.Tensor{1, 2})
    print(data.read(path .. '.npy'))            --> 1 2
    os.remove(path .. '.npy')
    os.remove(path)

data.write(path, what[, metadata])
  Writes a tensor as .npy, .idx or .idx.gz, or a table {name = tensor} as
  .safetensors, by the name's ending; the file is replaced whole or not at all.
  Shapes: any.
  Example:
    local path = os.tmpname()
    data.write(path .. '.safetensors', {w = torch.ones(2)}, {format = 'pt'})
    print(data.read(path .. '.safetensors').w)  --> 1 1
    os.remove(path .. '.safetensors')
    os.remove(path)
]==]
