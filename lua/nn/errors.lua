-- Errors of modules, which say where the module stands:
--   train.lua:12: nn.Dense #3 of Sequential: expected [*, 784], got [...]
-- and the checks that raise them.

local class = require 'torch.class'
local core = require 'nnlua.core'
local place = require 'nn.error_place'

local M = {loop = place.loop, path = place.path, position = place.position}

-- Raises "POSITION: PATH: message" for a module (or a criterion).
function M.fail (module, message, ...)
  if select('#', ...) > 0 then message = message:format(...) end
  error(M.position() .. M.path(module) .. ': ' .. message, 0)
end

-- Raises "POSITION: message".
function M.raise (message, ...)
  if select('#', ...) > 0 then message = message:format(...) end
  error(M.position() .. message, 0)
end

-- "[200 x 28 x 28]", "a number", "a table of 2", "nil": what came.
function M.shape (x)
  local kind = class.type(x)
  if kind:find '^torch%..*Tensor$' then
    if x:dim() == 0 then
      return x:nElement() == 1 and 'a number' or 'an empty tensor'
    end
    return '[' .. table.concat(x:size():totable(), ' x ') .. ']'
  elseif kind == 'table' then
    return 'a table of ' .. #x
  elseif x ~= x then
    return 'the number NaN'
  elseif kind == 'number' or kind == 'string' or kind == 'boolean' then
    return ('the %s %s'):format(kind, tostring(x))
  end
  return kind
end

-- Checks that input is a tensor with one of these numbers of dimensions;
-- `wanted` is the shape in words.
function M.check (module, input, low, high, wanted)
  if not class.type(input):find '^torch%..*Tensor$' then
    M.fail(module, 'expected %s, got %s', wanted, M.shape(input))
  end
  local n = input:dim()
  if n < low or n > high then
    M.fail(module, 'expected %s, got %s', wanted, M.shape(input))
  end
  return n
end

-- Checks that input is a table whose first `least` entries are tensors.
function M.tensors (module, input, least)
  local what = ('a table of %d tensors'):format(least)
  if type(input) ~= 'table' then
    M.fail(module, 'expected %s, got %s', what, M.shape(input))
  end
  for i = 1, least do
    if not class.type(input[i]):find '^torch%..*Tensor$' then
      M.fail(module, 'expected %s, got %s with %s as #%d', what,
             M.shape(input), M.shape(input[i]), i)
    end
  end
  return table.unpack(input)
end

-- Checks that b's last sizes are a's, or where `either` any of both is 1.
function M.broadcasts (module, a, b, either)
  local n, m = a:dim(), b:dim()
  if m == 0 and (b:nElement() ~= 1 or not either and a:nElement() > 1) then
    M.fail(module, 'expected %s, got %s', M.shape(a), M.shape(b))
  end
  for d = 0, math.min(n, m) - 1 do
    local p, q = a:size(n - d), b:size(m - d)
    if p ~= q and p ~= 1 and not (either and q == 1) then
      M.fail(module, 'expected sizes that fit %s, got %s', M.shape(a),
             M.shape(b))
    end
  end
end

-- Is g a gradient of the output?  Else where not, "" or "[2]", and both there.
local function misfit (output, g, where)
  if core.torch.isTensor(output) then
    if core.torch.isTensor(g) and output:isSameSizeAs(g) then return end
    if g == nil and not output:dtype():find '^float' then return end -- an index
    return where, output, g
  elseif type(output) == 'table' then
    if type(g) ~= 'table' then return where, output, g end
    for key, value in next, output do
      local at, o, got = misfit(value, g[key], ('%s[%s]'):format(where, key))
      if at then return at, o, got end
    end
  elseif type(output) == 'number' and type(g) ~= 'number'
         and not (core.torch.isTensor(g) and g:nElement() == 1) then
    return where, true, g
  end
end

-- Checks a gradOutput: tensors of the output's sizes, tables like its tables.
function M.gradient (module, output, gradOutput)
  if core.same_size(output, gradOutput) then return end
  local at, wanted, got = misfit(output, gradOutput, '')
  if at then
    M.fail(module, 'backward: gradOutput%s: %s expected, like the output; got '
           .. '%s', at, wanted == true and 'a number' or M.shape(wanted),
           M.shape(got))
  end
end

-- Checks that a container, whose backward needs what its modules gave, ran.
function M.ran (module)
  local y = module.output
  if y == nil or core.torch.isTensor(y) and y:dim() == 0
     and y:nElement() == 0 then
    M.fail(module, 'backward: forward has not run; call it first, with the '
           .. 'same input')
  end
end

-- x, all of whose elements are 1..n; where they can't be read (under vmap and
-- jit) that is found when they are used.
function M.labels (module, x, n)
  local torch = require 'torch'
  if x:nElement() == 0 then return x end
  local low, high = x:min(), x:max()
  if core.tracer_kind(x) -- and under jit all that is computed is a tracer
     or torch.isTensor(low) and core.tracer_kind(low) then
    return core.within(x, x, 1, n, 0, ('%s: expected numbers 1..%d'):format(
                       M.path(module), n))
  end
  low, high = torch.item(low), torch.item(high)
  if not (low >= 1 and high <= n) then
    M.fail(module, 'expected numbers 1..%d, got %g to %g', n, low, high)
  end
  if x:dtype():find '^float' then
    local broken = torch.ne(x, torch.floor(x)):reshape(-1)
    if torch.item(broken:any()) then
      local at = torch.item(broken:long():argmax())
      M.fail(module, 'expected whole numbers 1..%d, got %g', n,
             torch.item(x:reshape(-1)[at]))
    end
  end
  return x
end

-- Checks a constructor's argument: an integer >= least.
function M.integer (name, argument, value, least)
  local n = math.tointeger(value)
  if type(value) == 'string' then n = nil end
  if not n or n < (least or 1) then
    M.raise('%s: %s: an integer of at least %d expected, got %s', name,
            argument, least or 1, M.shape(value))
  end
  return n
end

return M
