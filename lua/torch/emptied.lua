-- emptied(x): what is left of a buffer that nobody needs: for a tensor an
-- empty one of its type, for a table (of tables) of tensors one of those, for
-- anything else nil.
local function emptied (x)
  local torch = require 'torch'
  if torch.isTensor(x) then return x.new() end
  if type(x) ~= 'table' or debug.getmetatable(x) then return nil end
  local out = {}
  for key, value in next, x do out[key] = emptied(value) end
  return out
end

return emptied
