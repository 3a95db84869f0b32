-- Assertions on tensors for busted: require 'nnlua.busted', then
--
--   assert.tensor_near(want, got [, tolerance])   -- or {atol =, rtol =}
--   assert.tensor_equal(want, got)                -- dtype too
--   assert.gradcheck(f, x, ... [, options])       -- nnlua/gradcheck.lua
--
-- As in busted, what is expected comes first.  A table of numbers may stand
-- for a tensor.  A failure shows both shapes and dtypes, how many elements
-- differ, the largest difference and where it is.

local assert = require 'luassert'
local compare = require 'nnlua.compare'

local NEAR = 1e-5

local function as_tensor (v, like)
  if type(v) == 'table' or type(v) == 'number' then
    local torch = require 'torch'
    local dtype = compare.is_tensor(like) and like:dtype() or nil
    if type(v) == 'number' then v = {v} end
    return torch.tensor(v, dtype)
  end
  return v
end

local function tolerance (v)
  if v == nil then return {atol = NEAR, rtol = NEAR} end
  if type(v) == 'number' then return {atol = v} end
  return v
end

local function check (state, want, got, options)
  want = as_tensor(want, got)
  if type(got) == 'number' and compare.is_tensor(want)
     and want:nElement() == 1 then
    got = as_tensor(got, want)
  end
  local same, text = compare.tensors(got, want, options)
  if not same then
    rawset(state, 'failure_message', text)
  elseif not state.mod then
    rawset(state, 'failure_message',
           'the tensors are equal within the tolerance: '
           .. compare.describe(got))
  end
  return same
end

local function tensor_near (state, arguments)
  return check(state, arguments[1], arguments[2], tolerance(arguments[3]))
end

local function tensor_equal (state, arguments)
  return check(state, arguments[1], arguments[2], {dtype = true})
end

local function gradcheck (state, arguments)
  local check_gradients = require 'nnlua.gradcheck'
  local ok, passed, text = pcall(check_gradients,
                                 table.unpack(arguments, 1, arguments.n))
  if ok and passed then return true end
  if not ok then text = passed end
  rawset(state, 'failure_message', 'gradcheck: ' .. tostring(text))
  return false
end

-- The messages are made above; luassert adds none of its own.
assert:register('assertion', 'tensor_near', tensor_near, '', '')
assert:register('assertion', 'tensor_equal', tensor_equal, '', '')
assert:register('assertion', 'gradcheck', gradcheck, '', '')

-- In other assertions' messages a tensor is shown as it prints.
assert:add_formatter(function (v)
  if compare.is_tensor(v) then return '(tensor)\n' .. tostring(v) end
end)

return assert
