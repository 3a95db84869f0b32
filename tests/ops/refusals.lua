-- Wrong arguments: an error that says what came, in words.
local torch = require 'torch'
local C = require 'ops.cases'

local M = {}

local function refused (what, words, f, ...)
  local ok, message = pcall(f, ...)
  if ok then error(what .. ': was accepted', 0) end
  if type(message) ~= 'string' then error(what .. ': no text', 0) end
  local text = message:gsub('^[^:]*:%d+: ', '')
  if text:find '%?' or text:find 'userdata' or text:find 'nil value' then
    error(what .. ': unclear: ' .. text, 0)
  end
  for _, w in ipairs(words) do
    if not text:find(w, 1, true) then
      error(('%s: no "%s" in: %s'):format(what, w, text), 0)
    end
  end
end

-- Each input in turn is something that no tensor is.
function M.arguments (record)
  local case = record.inputs[1]
  for i = 1, #case do
    for _, wrong in ipairs {'a string', {}, print} do
      local inputs = C.make(case, 1)
      inputs[i] = wrong
      refused(('input %d a %s'):format(i, type(wrong)), {}, record.call,
              table.unpack(inputs))
    end
  end
end

-- Shapes that can't be broadcast together: both are named.
function M.shapes (record)
  local case = record.inputs[1]
  for i = 1, #case do
    local inputs = C.make(case, 1)
    for k, v in ipairs(inputs) do
      inputs[k] = torch.zeros(k == i and {7} or {2, 3}, v:dtype())
    end
    refused('sizes', {'[7]', '[2 x 3]'}, record.call, table.unpack(inputs))
  end
end

return M
