-- A criterion's backward takes its arguments as they are then, in Torch7's way:
-- also when an input, a target or weights are buffers that were filled anew
-- after forward.
require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local every = dofile 'tests/nn/every.lua'

local cases = {}
for name, spec in pairs(every.criterions) do
  cases[#cases + 1] = {name, table.unpack(spec, 1, 3)}
end
for _, spec in ipairs(every.more_criterions) do cases[#cases + 1] = spec end
for _, name in ipairs {'ParallelCriterion', 'MultiCriterion',
                       'ModuleCriterion'} do
  local criterion, input, target = every.composite(name)
  cases[#cases + 1] = {name, criterion, input, target}
end
table.sort(cases, function (a, b) return a[1] < b[1] end)

local function deep (f, x)
  if torch.isTensor(x) then return f(x) end
  if type(x) ~= 'table' then return x end
  local out = {}
  for k, v in pairs(x) do out[k] = deep(f, v) end
  return out
end

local function clone (x)
  return deep(function (t) return t:clone() end, x)
end

-- in place, elements that are as valid: those of the other end
local function turn (x)
  deep(function (t)
    local n = t:nElement()
    local back = torch.range(n, 1, -1):long()
    t:copy(t:clone():view(n):index(1, back):viewAs(t))
  end, x)
end

local function make (case)
  if type(case[2]) == 'table' and case[2].forward then
    return case[2]:clone():double()
  end
  return nn[case[1]](table.unpack(case[2])):double()
end

local function equal (a, b)
  if torch.isTensor(a) then return assert.tensor_equal(a, b) end
  assert.equal(type(a), type(b))
  for k, v in pairs(a) do equal(v, b[k]) end
end

describe('backward of', function ()
  for i, case in ipairs(cases) do
    for _, which in ipairs {'input', 'target', 'both', 'neither'} do
      it(('nn.%s sees the %s anew (%d)'):format(case[1], which, i), function ()
        local c, fresh = make(case), make(case)
        local input, target = clone(case[3]), clone(case[4])
        c:forward(input, target)
        if which == 'input' or which == 'both' then turn(input) end
        if which == 'target' or which == 'both' then turn(target) end
        local got = c:backward(input, target)
        local x, y = clone(input), clone(target)
        fresh:forward(x, y)
        equal(fresh:backward(x, y), got)
        equal(got, c:backward(input, target))
      end)
    end
  end

  it('weighted criterions see the weights anew', function ()
    local x, y = torch.randn(4, 3), torch.LongTensor {1, 3, 2, 1}
    for _, name in ipairs {'ClassNLL', 'CrossEntropy'} do
      local class = nn[name .. 'Criterion']
      local w = torch.Tensor {0.5, 2, 1}
      local c = class(w)
      c:forward(x, y)
      w:copy(torch.Tensor {3, 1, 0.25})
      local got = c:backward(x, y)
      local fresh = class(w:clone())
      fresh:forward(x, y)
      assert.tensor_equal(fresh:backward(x, y), got)
    end
  end)

  it('leaves buffers that are written in place afterwards', function ()
    local x, y = torch.randn(4, 3), torch.LongTensor {1, 3, 2, 1}
    local all = torch.zeros(8, 3)
    local part, c = all:narrow(1, 3, 4), nn.MSECriterion()
    c:forward(part, x)
    assert.tensor_near(part * (2 / 12) - x * (2 / 12), c:backward(part, x),
                       1e-6, 1e-7)
    part:fill(7)
    assert.equal(7 * 12, all:sum())
    local k = nn.CrossEntropyCriterion()
    local before
    for step = 1, 3 do
      y:copy(torch.LongTensor {2, 2, 1, step})
      k:forward(x, y)
      local g = k:backward(x, y)
      assert.is_false(before ~= nil and torch.equal(before, g))
      before = g:clone()
    end
  end)
end)
