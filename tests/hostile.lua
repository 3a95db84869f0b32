-- What the fuzz tests call everything with: makers of hostile values (tensors
-- made anew, since calls write to them; they begin at M.tensors), and a loop
-- that calls and looks at what comes of it.
local torch = require 'torch'
local autograd = require 'autograd'

local M = {}

local cyclic = {}
cyclic[1] = cyclic
local broken = setmetatable({1, 2}, {__index = function () error 'no' end,
                                     __len = function () return 1e9 end})
-- every event raises
local raising = {__name = 'trap'}
for _, event in ipairs {'index', 'newindex', 'call', 'len', 'eq', 'lt', 'le',
                        'add', 'mul', 'unm', 'concat', 'tostring', 'pairs',
                        'close'} do
  raising['__' .. event] = function () error('trap', 0) end
end

-- One value; tensors are made anew, since calls write to them.
M.makers = {
  function () return nil end,
  function () return true end,
  function () return 0 end,
  function () return 1 end,
  function () return 2 end,
  function () return 3 end,
  function () return -1 end,
  function () return 2.5 end,
  function () return 0 / 0 end,
  function () return 1 / 0 end,
  function () return math.maxinteger end,
  function () return math.mininteger end,
  function () return 2^53 end,
  function () return '' end,
  function () return 'float64' end,
  function () return 'a\0b' end,
  function () return {} end,
  function () return {1, 2} end,
  function () return {{1, 2}, {}} end,
  function () return {3, -1, 2.5} end,
  function () return cyclic end,
  function () return broken end,
  function () return {dtype = 'int64'} end,
  function () return {key = torch.ones(2)} end,
  function () return {keepdim = false} end,
  function () return function () end end,
  function () return function (...) return ... end end,
  function () return function (x) return x:sum() end end,
  function () return function () error {} end end,
  function () return coroutine.yield end,
  function () return setmetatable({}, raising) end,
  function () return setmetatable({torch.ones(2)}, raising) end,
  function () return {w = torch.ones(2), n = 3, f = print, [1.5] = 'x'} end,
  function () return {[{}] = 1} end,
  function () return M.escaped end,
  function () return io.stdout end,
  function () return coroutine.create(function () end) end,
  function () return torch.LongStorage{2, 3} end,
  function () return torch.ones(3):storage() end,
  function () return torch.Tensor() end,
  function () return torch.tensor(2) end,
  function () return torch.tensor(true) end,
  function () return torch.zeros(0, 3) end,
  function () return torch.ones(3) end,
  function () return torch.range(1, 6):view(2, 3) end,
  function () return torch.range(1, 6):view(2, 3):t() end,
  function () return torch.ones(1, 3):expand(2, 3) end,
  function () return torch.ones(2, 3, 2, 'float64') end,
  function () return torch.LongTensor{1, 2, 3} end,
  function () return torch.LongTensor{0, -5, 9} end,
  function () return torch.gt(torch.range(1, 3), 1) end,
  function () return torch.ones(6):unfold(1, 3, 1) end,
  function () return torch.ByteTensor{0, 1, 255} end,
}

-- A value of a vmap that ended.
autograd.vmap(function (x)
  M.escaped = x * 2
  return x
end)(torch.ones(2, 3))

for i, make in ipairs(M.makers) do
  if not M.tensors and torch.isTensor(make()) then M.tensors = i end
end

function M.value (tensor)
  return M.makers[math.random(tensor and M.tensors or 1, #M.makers)]()
end

-- Up to `most` of them, in a packed table; half of the first are tensors.
function M.arguments (most)
  local list = {n = math.random(0, most or 5)}
  for k = 1, list.n do
    list[k] = M.value(k == 1 and math.random() < 0.5)
  end
  return list
end

-- Endless loops of Lua end after that many instructions.
local function bounded (f)
  debug.sethook(function () error('bounded', 0) end, '', 1e7)
  local results = table.pack(pcall(f))
  debug.sethook()
  return table.unpack(results, 1, results.n)
end

-- Is the text Lua's own, about a line of the library?  Then an argument went
-- unchecked.
function M.cryptic (text)
  local file, message = text:match '^(.-)%.lua:%d+: (.*)'
  return file and file:find 'lua/[%w_/]+$' and not file:find 'tests/'
         and (message:find '^attempt to' or message:find '^bad argument')
end

-- Runs f; only an error with words of our own may come of it, and nothing is
-- left behind.  what() says what was called.
function M.try (f, what)
  local ok, result = bounded(f)
  if autograd.tracing() then error('a transform is left: ' .. what()) end
  if ok then return result end
  if type(result) ~= 'string' then return end -- errors of the values' own
  if result:find('nnlua/core', 1, true) or M.cryptic(result) then
    error(('%s: %s'):format(what(), result))
  end
end

return M
