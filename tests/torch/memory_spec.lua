-- A loop that makes tensors needs no collectgarbage(); what fails to get
-- memory says so and loses nothing.
local torch = require 'torch'
local core = require 'nnlua.core'

local function loop (n)
  local x = torch.zeros(1000, 1000)
  for _ = 1, n do x = x + 1 end
  return x[1][1]
end

describe('memory', function ()
  it('stays bounded', function ()
    collectgarbage()
    local before = core.bytes_used()
    assert.equal(300, loop(300))
    assert.is_true(core.bytes_peak() < before + 80 * 2^20,
                   'peak ' .. core.bytes_peak())
    collectgarbage()
    assert.is_true(core.bytes_used() < before + 2^20)
  end)

  it('has a peak that can begin anew', function ()
    assert.equal(1, loop(1))
    collectgarbage()
    assert.is_true(core.bytes_peak() >= 4e6)
    assert.is_true(core.bytes_peak(true) >= 4e6) -- asking did not reset it
    assert.equal(core.bytes_used(), core.bytes_peak())
    local x = torch.zeros(1000)
    assert.is_true(core.bytes_peak() >= core.bytes_used() and x ~= nil)
  end)

  it('stays bounded over 100,000 steps #long', function ()
    assert.equal(100000, loop(100000))
    local status = io.open('/proc/self/status')
    if status then
      local peak = tonumber(status:read('a'):match 'VmHWM:%s*(%d+)')
      status:close()
      assert.is_true(peak < 100 * 1024, 'peak of ' .. peak .. ' KiB')
    end
  end)

  it('comes back with the last tensor and storage, and once', function ()
    local kept = torch.ones(1000)
    collectgarbage()
    local before = core.bytes_used()
    do
      local x = torch.ones(100000)
      local v, s = x:narrow(1, 1, 10), x:storage()
      local strings, tables = {}, {}
      for n = 1, 400 do -- of each size, that of a tensor's userdata too
        strings[n] = ('\255'):rep(n)
        tables[n] = table.pack(table.unpack({kept, v, s}, 1, n % 4))
      end
      coroutine.wrap(function () coroutine.yield(x, v, s) end)()
      assert.equal(400, #strings[#tables])
    end
    collectgarbage()
    collectgarbage()
    assert.is_true(core.bytes_used() - before < 1e4)
    assert.equal(1000, kept:sum())
  end)

  it('stays bounded when many tensors live a while', function ()
    collectgarbage()
    core.bytes_peak(true)
    local before, ring = core.bytes_used(), {}
    for i = 1, 20000 do ring[i % 50] = torch.ones(2500) end
    assert.equal(2500, ring[49]:sum())
    assert.is_true(core.bytes_peak() < before + 40 * 2^20,
                   'peak ' .. core.bytes_peak() - before)
  end)

  it('is told when there is none', function ()
    for _, make in ipairs{torch.zeros, torch.ones, torch.rand, torch.eye} do
      local ok, message = pcall(make, 1e6, 1e6)
      assert.is_false(ok)
      assert.matches('1000000 x 1000000', message)
    end
  end)

  it('finalizers may compute', function ()
    local seen
    setmetatable({}, {__gc = function () seen = torch.ones(3):sum() end})
    local x = torch.ones(3)
    for _ = 1, 20 do
      collectgarbage()
      x = x + 1
    end
    assert.equal(3, seen)
    assert.equal(21, x[1])
  end)

  it('works with the generational collector', function ()
    collectgarbage('generational')
    local last = loop(200)
    collectgarbage('incremental')
    assert.equal(200, last)
  end)
end)
