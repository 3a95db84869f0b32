-- Every primitive of the runtime has a record in ops/, and every record goes
-- through the same checks: value, derivatives to second order, vmap against a
-- loop, jit against eager bit for bit, compositions, views, in place, threads.
local here = debug.getinfo(1, 'S').source:match '^@(.*)/[^/]*$' or 'tests'
package.path = here .. '/?.lua;' .. package.path

local core = require 'nnlua.core'
local check = require 'ops.check'
local transforms = require 'ops.transforms'
local places = require 'ops.places'
local refusals = require 'ops.refusals'

local records = {}
local files = {'elementwise', 'arrays', 'indexing', 'linalg', 'control',
               'activation'}
for _, file in ipairs(files) do
  for _, r in ipairs(require('ops.' .. file)) do
    records[#records + 1] = r
  end
end

describe('primitives', function ()
  it('have a record each', function ()
    local missing, has = {}, {}
    for _, r in ipairs(records) do has[r.name] = true end
    for _, p in ipairs(core.primitives()) do
      if not has[p.name] then missing[#missing + 1] = p.name end
    end
    assert.equal('', table.concat(missing, ' '))
  end)

  it('have every rule', function ()
    local missing = {}
    for _, p in ipairs(core.primitives()) do
      for _, rule in ipairs {'shape', 'eval', 'batch', 'grad', 'jvp'} do
        -- what is constant needs no derivatives
        if not p[rule] and (p.differentiable
                            or rule ~= 'grad' and rule ~= 'jvp') then
          missing[#missing + 1] = p.name .. '.' .. rule
        end
      end
    end
    assert.equal('', table.concat(missing, ' '))
  end)

  it('are constant where mathematics says so, and only there', function ()
    local list = {}
    for _, p in ipairs(core.primitives()) do
      if not p.differentiable then list[#list + 1] = p.name end
    end
    table.sort(list)
    -- indices, truths, bits, steps, draws of an integer key, and by its meaning
    -- stop_gradient; while's rule for reverse mode says what to use instead
    assert.equal('all and any argmax argmin argmode argsort ceil eq floor ge '
      .. 'gt idiv isfinite isinf isnan le lt ne not or random rint round shl shr '
      .. 'sign stop_gradient trunc xor', table.concat(list, ' '))
  end)
end)

for number, r in ipairs(records) do
  describe(('%s (#%d)'):format(r.name, number), function ()
    it('has its value', function () check.values(r) end)
    if r.constant then
      it('has no gradient', function () check.zero_gradient(r) end)
    else
      it('has its derivatives', function () check.derivatives(r) end)
    end
    it('maps as a loop', function () transforms.vmap(r) end)
    it('compiles to the same bits', function () transforms.jit(r) end)
    it('has the same bits on views', function () places.views(r) end)
    if r.method then
      it('writes in place', function () places.in_place(r) end)
    end
    if r.elementwise or r.direct then
      it('refuses what is no tensor', function () refusals.arguments(r) end)
    end
    if r.elementwise and #r.inputs[1] > 1 then
      it('refuses unequal shapes', function () refusals.shapes(r) end)
    end
    if r.elementwise or r.threaded then
      it('has the same bits on two threads', function () places.threads(r) end)
    end
  end)
end
