-- same_trees(a, b, what[, near]): asserts that two trees have equal leaves:
-- types, sizes and bits; with near, elements to that tolerance.
local assert = require 'luassert'
local torch = require 'torch'
local tree = require 'autograd'.tree

return function (a, b, what, near)
  local p, q = tree.leaves(a), tree.leaves(b)
  assert.equal(#p, #q, what)
  for i, v in ipairs(p) do
    if torch.isTensor(v) then
      assert.equal(v:type(), q[i]:type(), what)
      assert.is_true(v:isSameSizeAs(q[i]), what)
      if near then
        assert.tensor_near(v, q[i], near, near)
      elseif v:nElement() > 0 then
        assert.tensor_equal(v, q[i])
      end
    else
      assert.equal(v, q[i], what)
    end
  end
end
