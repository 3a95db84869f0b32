-- scan in segments that are computed again in the backward pass.
--
-- Reverse mode keeps what the steps of one segment save and the carries between
-- segments: of n steps, in segments of sqrt(n), about 2 sqrt(n).
local core = require 'nnlua.core'
local tree = require 'autograd.tree'

local is_tensor = core.torch.isTensor

-- Steps first .. first + n - 1 of xs; of `rows` segments at once, as rows.
local function part (xs, first, n, rows)
  if xs == nil then return nil end
  return (tree.map(function (x)
    if not is_tensor(x) then return x end
    local y = x:narrow(1, first, n * (rows or 1))
    if not rows then return y end
    local sizes = y:size():totable()
    sizes[1] = n
    return y:reshape(rows, table.unpack(sizes))
  end, xs))
end

-- (rows x n x ...) -> (rows n x ...)
local function flattened (ys)
  return ys and (tree.map(function (y)
    local sizes = y:size():totable()
    sizes[2] = sizes[1] * sizes[2]
    return y:reshape(table.unpack(sizes, 2))
  end, ys))
end

local function joined (a, b)
  if a == nil then return b elseif b == nil then return a end
  return (tree.map(function (x, y)
    return require 'torch'.cat(x, y, 1)
  end, a, b))
end

-- run(f, carry, xs, n, reverse) is the plain scan.
return function (run, f, carry, xs, n, opts)
  local size = opts.checkpoint
  if size == true then size = math.max(1, math.ceil(math.sqrt(n))) end
  local rows, rest = n // size, n % size
  local checkpoint = require('autograd.custom').checkpoint
  local function segment (steps)
    return checkpoint(function (c, x)
      return run(f, c, x, steps, opts.reverse)
    end)
  end
  local ys, tail
  local function whole ()
    if rows == 0 then return end
    carry, ys = run(segment(size), carry, part(xs, 1, size, rows), rows,
                    opts.reverse)
    ys = flattened(ys)
  end
  local function ragged ()
    if rest == 0 then return end
    carry, tail = segment(rest)(carry, part(xs, n - rest + 1, rest))
  end
  if opts.reverse then
    ragged()
    whole()
  else
    whole()
    ragged()
  end
  return carry, joined(ys, tail)
end
