-- data.loader: batches of a dataset, assembled ahead by worker threads.

local core = require 'nnlua.core'
local torch = require 'torch'
local Dataset = require 'data.Dataset'
local TensorDataset = require 'data.TensorDataset'.TensorDataset
local options = require 'data.options'

local Loader = {}
Loader.__index = Loader
Loader.__name = 'data.loader'

local function check (self, name)
  if getmetatable(self) ~= Loader then
    options.fail('loader: call it as ld:%s(...) on a loader ld, with a colon; '
                 .. 'got %s', name, options.describe(self))
  end
end

local function any_integer (low) return options.integer(low, math.maxinteger) end

local function one_of (...)
  local words = {...}
  return function (value)
    for _, word in ipairs(words) do
      if value == word then return true end
    end
    return false, "'" .. table.concat(words, "', '") .. "'"
  end
end

local function normalize_is (value)
  return value == false or (type(value) == 'table' and #value == 2
         and type(value[1]) == 'number' and type(value[2]) == 'number'),
         '{mean, standard deviation}'
end

local function shape_is (value)
  return type(value) == 'table', 'table of sizes'
end

local known = {
  batch = options.integer(1, 2 ^ 31 - 1), shuffle = 'boolean',
  seed = any_integer(math.mininteger), workers = options.integer(0, 64),
  prefetch = options.integer(1, 1024), last = one_of('keep', 'drop', 'wrap'),
  normalize = normalize_is, shape = shape_is,
}

local function to_dataset (ds)
  if Dataset.is(ds) then return ds end
  if options.is_tensor(ds) then return TensorDataset(ds) end
  if type(ds) == 'table' and options.is_tensor(ds[1]) then
    return TensorDataset(table.unpack(ds))
  end
  options.fail('data.loader: argument #1: dataset or table of tensors expected, '
               .. 'got %s', options.describe(ds))
end

-- A loader of a dataset (or of {x, y}, tensors).  Options, with defaults:
--   batch = 64        items in a batch
--   shuffle = false   a new order in each epoch, from the seed and its number
--   seed              torch.initialSeed() at the call
--   workers = 1       threads; 0: batches are made when they are asked for
--   prefetch = 4      finished batches that may wait
--   last = 'keep'     the tail that fills no batch; or 'drop', or 'wrap': filled
--                     up with the epoch's first items
--   normalize         {mean, std}: float32 (x - mean) / std of the first field;
--                     uint8 counts as x / 255
--   shape             sizes of an item of the first field
-- What comes is the same for any number of workers.
--   local ds = data.TensorDataset(torch.range(1, 9), torch.ones(9))
--   for x, y in data.loader(ds, {batch = 4, shuffle = true}):epoch(1) do
--     assert(x:size(1) == y:size(1))
--   end
local function loader (ds, opts)
  ds = to_dataset(ds)
  local o = options.options('data.loader', opts, known)
  local tensors, rows = ds:source()
  local self = setmetatable({
    dataset = ds, batch = math.tointeger(o.batch or 64),
    shuffle = o.shuffle or false, last = o.last or 'keep',
    seed = math.tointeger(o.seed or torch.initialSeed()), generation = 0,
  }, Loader)
  self.core = core.loader(tensors, {
    batch = self.batch, shuffle = self.shuffle, last = self.last, seed = self.seed,
    workers = o.workers, prefetch = o.prefetch, rows = rows,
    normalize = o.normalize or (ds.unit and {0, 1}), shape = o.shape or ds.shape,
  })
  self.n = self.core:batches()
  return self
end

-- Batches of an epoch.
function Loader:__len () return self.n end

-- The batches of epoch e (by default the one after the last): for each the
-- fields' tensors, then info {epoch, batch, rows, ready, wait}.  Leaving the
-- loop, also by an error, ends the epoch.  After restore, the epoch that was
-- under way goes on where it was.
--   for x, y, info in ld:epoch(1) do print(info.batch, #ld) end
function Loader:epoch (e)
  check(self, 'epoch')
  local number, first = self:begin(e)
  self.generation = self.generation + 1
  local mine = self.generation
  self.current, self.delivered = number, first
  self.core:epoch(number, first)
  local function finish (...)
    if select('#', ...) > 0 then self.delivered = self.delivered + 1 end
    return ...
  end
  local function next_batch ()
    if self.generation ~= mine then
      options.fail('loader: another epoch of this loader began meanwhile')
    end
    return finish(self.core:next())
  end
  local closing = setmetatable({}, {__close = function ()
    if self.generation == mine then self.core:stop() end
  end})
  return next_batch, nil, nil, closing
end

-- Which epoch to begin, and after how many of its batches.
function Loader:begin (e)
  local at = self.restored
  if e == nil then
    if at and at.batch < self.n then
      e = at.epoch
    else
      e = (at and at.epoch or self.current or 0) + 1
    end
  elseif not math.tointeger(e) then
    options.fail('loader: epoch: integer expected, got %s', options.describe(e))
  end
  self.restored = nil
  e = math.tointeger(e)
  return e, at and at.epoch == e and at.batch or 0
end

-- Where the loader is, as plain data: what was handed out, not what waits
-- (before the first epoch without epoch and batch).
function Loader:state ()
  check(self, 'state')
  local at = self.restored
  return {v = 1, fingerprint = self.core:fingerprint(), seed = self.seed,
          shuffle = self.shuffle, last = self.last, batch_size = self.batch,
          epoch = at and at.epoch or self.current,
          batch = at and at.batch or self.delivered}
end

-- Goes on from a state, of a loader with the same data and options; workers
-- and prefetch may differ.
function Loader:restore (state)
  check(self, 'restore')
  if type(state) ~= 'table' then
    options.fail('loader: restore: a state expected, got %s', options.describe(state))
  end
  local mine = self:state()
  for _, name in ipairs {'v', 'fingerprint', 'seed', 'shuffle', 'last', 'batch_size'} do
    if state[name] ~= mine[name] then
      options.fail('loader: restore: %s is %s in the state, %s in this loader',
                   name, tostring(state[name]), tostring(mine[name]))
    end
  end
  local epoch, batch = math.tointeger(state.epoch), math.tointeger(state.batch)
  if state.epoch == nil and state.batch == nil then
    self.core:stop()
    self.generation, self.restored = self.generation + 1, nil
    self.current, self.delivered = nil, nil
    return
  end
  if not epoch or not batch or batch < 0 or batch > self.n then
    options.fail('loader: restore: no such place: epoch %s, batch %s of %d',
                 tostring(state.epoch), tostring(state.batch), self.n)
  end
  self.core:stop()
  self.generation = self.generation + 1
  self.restored = {epoch = epoch, batch = batch}
end

-- {batches, ready, workers, wait_time, work_time, overlap_time}: `ready` of the
-- batches were finished when they were asked for; seconds of waiting, of the
-- workers' work, and of that part of it during which nobody waited.
function Loader:stats ()
  check(self, 'stats')
  return self.core:stats()
end

-- Ends the workers and lets the data go; may be called again.
function Loader:close ()
  check(self, 'close')
  self.core:close()
end

Loader.__close = Loader.close

function Loader:__tostring ()
  return ('loader of %d batches of %d'):format(self.n, self.batch)
end

return {loader = loader}
