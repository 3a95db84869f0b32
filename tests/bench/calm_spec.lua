-- Measurements are taken again while the machine is slower than at its best.
package.path = 'bench/?.lua;' .. package.path
local calm = require 'calm'

-- A contestant whose looks take these seconds, one after the other.
local function looking (...)
  local looks, i = {...}, 0
  return {ask = function ()
    i = i + 1
    return looks[i] and tostring(looks[i])
  end}
end

local function paced (...) return calm.new(looking(...)) end

local function counted ()
  local n = 0
  return function () n = n + 1 return n, 'more' end
end

describe('a measurement', function ()
  it('in calm counts', function ()
    local value, more = paced(1, 1.1):measure(counted())
    assert.same({1, 'more'}, {value, more})
  end)

  it('is taken again when a look before or after was slow', function ()
    assert.equal(3, (paced(1, 1.3, 1.05, 1):measure(counted())))
    local p = paced(1, 1, 1.3, 1.3, 1, 1)
    assert.equal(1, (p:measure(counted())))
    assert.equal(3, (p:measure(counted())))
    assert.truthy(p:text(2):find '2 threads together.*1.30 times')
    assert.truthy(p:text(1):find '2 measurements, 2 of them taken again, 0')
  end)

  it('is the calmest where none was calm', function ()
    local p = paced(1, 1, 2, 2, 1.5, 1.4, 2, 2)
    p:measure(counted())
    assert.equal(3, (p:measure(counted())))
    assert.truthy(p:text(1):find '1 never in calm')
  end)

  it('waits for calm as long as patience lasts', function ()
    local now = 0
    local function clock ()
      now = now + 1
      return now
    end
    local p = calm.new(looking(1, 2, 2, 1.1, 1, 1), clock, 5, 10)
    p:look()
    assert.equal(1, (p:measure(counted()))) -- at the fourth look
    assert.truthy(p:text(1):find '1 measurements, 0 of them taken again, 0')
    local first = true
    p = calm.new({ask = function ()
      local seconds = first and '1' or '2'
      first = false
      return seconds
    end}, clock, 2, 10)
    p:look()
    assert.equal(1, (p:measure(counted()))) -- no try was calmer than the first
    assert.truthy(p:text(1):find '1 never in calm')
    assert.is_true(now < 20)
    for _ = 1, 9 do p:measure(counted()) end
    local spent = now
    p:measure(counted())
    assert.equal(spent, now) -- nor longer than the budget
  end)

  it('that fails is not repeated, nor one without looks', function ()
    local p = paced(1, 2, 2, 2)
    assert.same({nil, 'why'}, {p:measure(function () return nil, 'why' end)})
    local q = paced()
    assert.equal(1, (q:measure(counted())))
    assert.truthy(q:text(1):find 'pace not measured')
  end)
end)
