-- Every criterion gets inputs and targets that it can't take: an error that
-- names it; never one of Lua's own or of a kernel.

require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
package.path = 'tests/nn/?.lua;tests/?.lua;' .. package.path
local every = require 'every'

local names = {}
for name in pairs(every.criterions) do names[#names + 1] = name end
table.sort(names)

local bad = {
  {'a string', 'x'}, {'nothing', nil}, {'a table', {}}, {'true', true},
  {'one element', torch.ones(1):double()}, {'a number', 3.7},
  {'more', torch.ones(7, 9):double()},
}

describe('wrong targets and inputs of', function ()
  local function check (m, x, y, what)
    local ok, text = pcall(m.forward, m, x, y)
    -- one number may stand for all, and L1Cost has no target
    if not ok then
      assert.is_truthy(text:find('nn%.%w+: ') and not text:find('attempt to'),
                       what .. ': ' .. text)
    end
    return ok
  end

  for _, name in ipairs(names) do
    it('nn.' .. name, function ()
      local c = every.criterions[name]
      local m = nn[name](table.unpack(c[1])):double()
      for _, case in ipairs(bad) do
        local what, v = case[1], case[2]
        local x_passes = check(m, v, c[3], 'input ' .. what)
        local y_passes = check(m, c[2], v, 'target ' .. what)
        if what == 'a string' or what == 'nothing' or what == 'true' then
          assert.is_false(x_passes, what)
          assert.equal(name == 'L1Cost', y_passes, what)
        end
      end
    end)
  end

  it('nn.TripletMarginCriterion', function ()
    local m, x = nn.TripletMarginCriterion(), torch.ones(2, 3)
    for _, v in ipairs {x, {x, x}, {x, x, torch.ones(2, 4)}, {x, x, 3}} do
      local ok, text = pcall(m.forward, m, v)
      assert.is_false(ok)
      assert.is_truthy(text:find('nn.TripletMarginCriterion: ', 1, true), text)
    end
  end)
end)
