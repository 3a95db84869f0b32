-- data.loader, TensorDataset, subset and split from Lua: what comes, in which
-- order, how loops end, state, and errors.

local data = require 'data'
local torch = require 'torch'
local core = require 'nnlua.core'

local N = 23
local x = torch.range(1, 2 * N):view(N, 2)
local y = torch.range(1, N):long()
local ds = data.TensorDataset(x, y)

local function list (t)
  local out = {}
  for i = 1, t:size(1) do out[i] = t[i] end
  return out
end

-- The labels that an iteration gives, a list for each batch.
local function labels_of (...)
  local all = {}
  for _, label in ... do all[#all + 1] = list(label) end
  return all
end

local function flat (batches)
  local all = {}
  for _, batch in ipairs(batches) do table.move(batch, 1, #batch, #all + 1, all) end
  return all
end

local function fails (pattern, f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok)
  assert.matches(pattern, message)
  assert.is_nil(message:find('?', 1, true), message)
  assert.is_nil(message:find('userdata', 1, true), message)
  assert.matches('^[%w_./]*loader_spec.lua:%d+: ', message)
end

describe('loader', function ()
  it('gives the items in order', function ()
    local ld = data.loader(ds, {batch = 10})
    assert.equal(3, #ld)
    local seen = 0
    for a, b, info in ld:epoch(1) do
      seen = seen + 1
      assert.equal(seen, info.batch)
      assert.equal(1, info.epoch)
      assert.equal(info.rows, a:size(1))
      assert.equal('float32', a:dtype())
      assert.equal('int64', b:dtype())
      for i = 1, a:size(1) do
        assert.equal(2 * b[i] - 1, a[i][1])
        assert.equal(2 * b[i], a[i][2])
      end
    end
    assert.equal(3, seen)
    ld:close()
  end)

  it('shuffles by seed and epoch, alike for any workers', function ()
    local want
    for _, workers in ipairs {0, 1, 3} do
      local ld <close> = data.loader(ds, {batch = 4, shuffle = true, seed = 5,
                                          workers = workers, prefetch = 2})
      local two = {labels_of(ld:epoch(1)), labels_of(ld:epoch(2))}
      want = want or two
      assert.same(want, two)
      local sorted = flat(two[1])
      table.sort(sorted)
      for i = 1, N do assert.equal(i, sorted[i]) end
    end
    assert.not_same(want[1], want[2])
    local other = data.loader(ds, {batch = 4, shuffle = true, seed = 6})
    assert.not_same(want[1], labels_of(other:epoch(1)))
  end)

  it('shuffles as core.permutation says', function ()
    local order = core.permutation(N, 5, 3)
    local got = flat(labels_of(data.loader(ds, {shuffle = true, seed = 5}):epoch(3)))
    for i = 1, N do assert.equal(order[i], got[i]) end
  end)

  it('follows torch.manualSeed', function ()
    local function order (seed)
      torch.manualSeed(seed)
      return flat(labels_of(data.loader(ds, {shuffle = true}):epoch(1)))
    end
    assert.same(order(3), order(3))
    assert.not_same(order(3), order(4))
  end)

  it('keeps, drops or wraps the tail', function ()
    local function last (how)
      local ld = data.loader(ds, {batch = 10, last = how})
      local batches = labels_of(ld:epoch(1))
      assert.equal(#ld, #batches)
      return batches[#batches]
    end
    assert.same({21, 22, 23}, last 'keep')
    assert.same({11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, last 'drop')
    assert.same({21, 22, 23, 1, 2, 3, 4, 5, 6, 7}, last 'wrap')
  end)

  it('normalizes uint8 and floats, and reshapes', function ()
    local bytes = torch.ByteTensor {{0, 51}, {102, 255}}
    for a in data.loader({bytes}, {normalize = {0.2, 0.4}, shape = {1, 2}}):epoch() do
      assert.equal('float32', a:dtype())
      assert.same({2, 1, 2}, a:size():totable())
      assert.equal(-0.5, a[1][1][1])
      assert.near(0, a[1][1][2], 1e-7)
      assert.equal(2, a[2][1][2])
    end
    for a in data.loader({x:narrow(1, 1, 2)}, {normalize = {1, 2}}):epoch() do
      assert.equal(0, a[1][1])
      assert.equal(1.5, a[2][2])
    end
    for a in data.loader({bytes}):epoch() do assert.equal('uint8', a:dtype()) end
  end)

  it('reads transposed, expanded and lazily filled tensors', function ()
    local t = torch.range(1, 6):view(2, 3):t()
    for a in data.loader({t}, {batch = 3}):epoch() do
      assert.equal(4, a[1][2])
      assert.equal(6, a[3][2])
    end
    for a in data.loader({torch.ones(4, 2)}):epoch() do assert.equal(8, a:sum()) end
    for a in data.loader({torch.range(1, 3):view(1, 3):expand(2, 3)}):epoch() do
      assert.equal(12, a:sum())
    end
  end)

  it('keeps what the tensors held when it was made', function ()
    local z = torch.ones(3, 2)
    local ld = data.loader({z}, {workers = 0})
    z:fill(7)
    for a in ld:epoch() do assert.equal(6, a:sum()) end
    assert.equal(42, z:sum())
  end)

  it('hands out tensors that stay as they are', function ()
    local ld = data.loader(ds, {batch = 1, prefetch = 1})
    local kept = {}
    for a in ld:epoch(1) do kept[#kept + 1] = a end
    for i = 1, N do assert.equal(2 * i - 1, kept[i][1][1]) end
  end)
end)

describe('loader: loops', function ()
  it('ends an epoch on break, and can begin another', function ()
    local ld = data.loader(ds, {batch = 2})
    for _, _, info in ld:epoch(1) do
      if info.batch == 2 then break end
    end
    assert.equal(12, #labels_of(ld:epoch(1)))
  end)

  it('ends an epoch when the loop raises', function ()
    local ld = data.loader(ds, {batch = 2})
    assert.has_error(function ()
      for _ in ld:epoch(1) do error 'mine' end
    end)
    assert.equal(12, #labels_of(ld:epoch(1)))
  end)

  it('runs inside a coroutine, also an abandoned one', function ()
    local ld = data.loader(ds, {batch = 5})
    local co = coroutine.wrap(function ()
      for _, b in ld:epoch(1) do coroutine.yield(b[1]) end
    end)
    assert.equal(1, co())
    assert.equal(6, co())
    co = nil -- luacheck: ignore
    collectgarbage()
    assert.equal(5, #labels_of(ld:epoch(2)))
  end)

  it('refuses two epochs at once', function ()
    local ld = data.loader(ds, {batch = 5})
    local first = ld:epoch(1)
    first()
    ld:epoch(2)
    fails('another epoch of this loader began meanwhile', function () first() end)
  end)

  it('is closed by close, which may be repeated', function ()
    local ld = data.loader(ds, {batch = 5})
    local step = ld:epoch(1)
    step()
    ld:close()
    ld:close()
    fails('loader: it is closed', function () step() end)
    fails('loader: it is closed', function () ld:epoch(1) end)
    assert.equal(1, ld:stats().batches)
  end)

  it('is collected with its threads', function ()
    for _ = 1, 30 do data.loader(ds, {workers = 3, batch = 1}):epoch(1)() end
    collectgarbage()
    collectgarbage()
    local tasks = io.popen 'ls /proc/$PPID/task 2>/dev/null | wc -l'
    local n = tonumber(tasks:read 'a')
    tasks:close()
    assert.is_true(n < 40, n .. ' threads')
  end)

  it('counts epochs by itself', function ()
    local ld = data.loader(ds, {batch = 23, shuffle = true, seed = 1})
    local a, b = labels_of(ld:epoch()), labels_of(ld:epoch())
    assert.same(a, labels_of(ld:epoch(1)))
    assert.same(b, labels_of(ld:epoch(2)))
    assert.not_same(a, b)
  end)

  it('overlaps its work with the loop', function ()
    local big = torch.ByteTensor(4000, 784)
    local ld = data.loader({big}, {batch = 200, normalize = {0.1, 0.3}})
    local w = torch.randn(784, 300)
    for a in ld:epoch(1) do torch.mm(a, w) end
    local s = ld:stats()
    assert.equal(20, s.batches)
    assert.is_true(s.ready > 0, s.ready .. ' batches were ready')
    assert.is_true(s.overlap_time > 0)
    assert.is_true(s.overlap_time <= s.work_time)
  end)
end)

describe('loader: state', function ()
  local opts = {batch = 3, shuffle = true, seed = 9}

  it('goes on after every batch, with other workers', function ()
    local want = {}
    for e = 1, 2 do
      for _, b in ipairs(labels_of(data.loader(ds, opts):epoch(e))) do want[#want + 1] = b end
    end
    for stop = 0, 2 * 8 - 1 do
      local ld, got, done = data.loader(ds, opts), {}, 0
      local state = ld:state()
      for e = 1, 2 do
        if done == stop then break end
        for _, b in ld:epoch(e) do
          got[#got + 1] = list(b)
          done = done + 1
          state = ld:state()
          if done == stop then break end
        end
      end
      local again = data.loader(ds, {batch = 3, shuffle = true, seed = 9, workers = stop % 3})
      again:restore(state)
      assert.same(state, again:state())
      while #got < 16 do
        for _, b in again:epoch() do
          got[#got + 1] = list(b)
          if #got == 16 then break end
        end
      end
      assert.same(want, got)
    end
  end)

  it('names what differs', function ()
    local state = data.loader(ds, opts):state()
    local function restore (o, set)
      return function () data.loader(set or ds, o):restore(state) end
    end
    fails('seed is 9 in the state, 8 in this loader',
          restore {batch = 3, shuffle = true, seed = 8})
    fails('batch_size is 3', restore {batch = 4, shuffle = true, seed = 9})
    fails('shuffle is true', restore {batch = 3, seed = 9})
    fails('fingerprint', restore(opts, data.subset(ds, 1, 5)))
    fails('a state expected, got nil', function () data.loader(ds):restore() end)
  end)
end)

describe('loader: mistakes', function ()
  it('names the nearest option', function ()
    fails('data.loader: unknown option "batchsize", did you mean "batch"',
          function () data.loader(ds, {batchsize = 3}) end)
    fails('did you mean "shuffle"', function () data.loader(ds, {shufle = true}) end)
    fails('unknown option "zzz"; there are: batch, last, normalize',
          function () data.loader(ds, {zzz = 1}) end)
  end)

  it('says what an option must be', function ()
    local function with (o) return function () data.loader(ds, o) end end
    fails('batch: integer from 1 to 2147483647 expected, got number %-4', with {batch = -4})
    fails('batch: integer', with {batch = 2.5})
    fails('batch: integer', with {batch = '12'})
    fails('workers: integer from 0 to 64 expected, got number 65', with {workers = 65})
    fails("last: 'keep', 'drop', 'wrap' expected, got string 'kep'", with {last = 'kep'})
    fails('shuffle: boolean expected, got number 1', with {shuffle = 1})
    fails('normalize: {mean, standard deviation} expected', with {normalize = 0.3})
    fails('normalize: a finite mean and a standard deviation above 0',
          with {normalize = {0, 0}})
    fails("can't be reshaped to 3", with {shape = {3}})
    fails('a table of options expected, got number 5', with(5))
    fails('dataset or table of tensors expected, got nil', function () data.loader() end)
    fails('epoch: integer expected', function () data.loader(ds):epoch 'x' end)
    fails('call it as ld:epoch%(...%) on a loader ld, with a colon; got number 1',
          function () data.loader(ds).epoch(1) end)
  end)
end)

describe('datasets', function ()
  it('have items, fields and a length', function ()
    assert.equal(N, #ds)
    assert.equal(x, ds.x)
    assert.equal(5, ds[3][1][1])
    assert.equal(3, ds[3][2])
    assert.is_nil(ds.nothing)
    assert.equal('dataset of 23 items: x, y', tostring(ds))
    fails('item 24 of 23', function () return ds[24] end)
    fails('item 0 of 23', function () return ds[0] end)
  end)

  it('must fit together', function ()
    fails('argument #1 has 23 items, argument #2 has 3',
          function () data.TensorDataset(x, torch.ones(3)) end)
    fails('argument #2: tensor expected, got number 3',
          function () data.TensorDataset(x, 3) end)
    fails('1 to 8 tensors expected, got 0', function () data.TensorDataset() end)
  end)

  it('have subsets that share memory', function ()
    local part = data.subset(ds, {5, 2, 2, 23})
    assert.equal(4, #part)
    assert.same({{5, 2}, {2, 23}}, labels_of(data.loader(part, {batch = 2}):epoch(1)))
    assert.equal(45, part.x[4][1])
    assert.equal(23, part[4][2])
    local inner = data.subset(part, {4, 1})
    assert.same({{23, 5}}, labels_of(data.loader(inner):epoch(1)))
    local tail = data.subset(part, 3, 4)
    assert.same({{2, 23}}, labels_of(data.loader(tail):epoch(1)))
    assert.equal(2, tail[1][2])
    local middle = data.subset(data.subset(ds, 5, 20), 2, 4)
    assert.same({{6, 7, 8}}, labels_of(data.loader(middle):epoch(1)))
    assert.same({{7, 6}}, labels_of(data.loader(data.subset(middle, {2, 1})):epoch(1)))
    middle.x[1][1] = -1
    assert.equal(-1, x[6][1])
    x[6][1] = 11
    assert.equal(0, #data.subset(ds, {}))
    assert.equal(0, #labels_of(data.loader(data.subset(ds, {})):epoch(1)))
    fails('rows from 1 to 23 expected, got 1 to 24', function () data.subset(ds, {1, 24}) end)
    fails('first and last from 1 to 23', function () data.subset(ds, 0, 3) end)
  end)

  it('are split', function ()
    local a, b = data.split(ds, 20)
    assert.equal(20, #a)
    assert.same({{21, 22, 23}}, labels_of(data.loader(b):epoch(1)))
    a, b = data.split(ds, 0.5)
    assert.equal(11, #a)
    assert.equal(12, #b)
    a, b = data.split(ds, 20, {shuffle = true, seed = 2})
    local all = flat(labels_of(data.loader(a):epoch(1)))
    table.move(flat(labels_of(data.loader(b):epoch(1))), 1, 3, 21, all)
    assert.not_same({1, 2, 3}, {all[1], all[2], all[3]})
    table.sort(all)
    for i = 1, N do assert.equal(i, all[i]) end
    fails('up to 23 or a fraction expected, got number 24', function () data.split(ds, 24) end)
    fails('dataset expected, got table', function () data.split({}, 2) end)
  end)

  it('have moments', function ()
    local mean, std = data.TensorDataset(torch.ByteTensor {0, 255, 255, 0}):moments()
    assert.equal(0.5, mean)
    assert.equal(0.5, std)
    mean, std = data.TensorDataset(torch.FloatTensor {1, 3}):moments()
    assert.equal(2, mean)
    assert.equal(1, std)
  end)
end)
