-- data: datasets, the loader that makes batches of them, and files of arrays.
-- Each part is required when it is first used.

local parts = {
  mnist = 'data.mnist', fashion_mnist = 'data.mnist', fetch = 'data.fetch',
  loader = 'data.loader', TensorDataset = 'data.TensorDataset',
  subset = 'data.subset', split = 'data.subset', read = 'data.files',
  write = 'data.files',
}

local data = {}

return setmetatable(data, {__index = function (self, name)
  local part = parts[name]
  if not part then return nil end
  local value = require(part)[name]
  rawset(self, name, value)
  return value
end})
