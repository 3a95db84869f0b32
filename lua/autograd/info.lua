-- What autograd.jit_info returns: the graphs of a jitted function before and
-- after simplification, how they are replayed, and all of it as text.

local function equations (text)
  local _, n = text:gsub('%) ?[^\n]*', '')
  return n == 1 and '1 equation' or n .. ' equations'
end

local shown = {}

function shown:__tostring ()
  local out = {}
  for i, captured in ipairs(self.captured) do
    local graph = self.graphs[i]
    out[#out + 1] = ('signature %d of %d'):format(i, #self.captured)
    out[#out + 1] = ('captured, %s:\n%s'):format(equations(captured), captured)
    out[#out + 1] = ('simplified, %s:\n%s'):format(equations(graph), graph)
    out[#out + 1] = 'replayed:\n' .. self.plans[i]
  end
  if #out == 0 then return 'not called yet' end
  return (table.concat(out, '\n'):gsub('\n+$', ''))
end

return function (captured, graphs, plans)
  local arena = {}
  for i, plan in ipairs(plans) do
    arena[i] = math.tointeger(plan:match 'arena (%d+) bytes') or 0
  end
  return setmetatable({captured = captured, graphs = graphs, plans = plans,
                       arena = arena}, shown)
end
