-- Convolutions as products of windows: windows(x) is a view with a dimension
-- for each place of the kernel, its copy the matrix that the weight is
-- multiplied with.  Everything is made of differentiable views.

local torch = require 'torch'
local core = require 'nnlua.core'

local M = {}

-- How often a kernel of that size fits.
function M.count (size, kernel, stride, dilation)
  return (size - (kernel - 1) * (dilation or 1) - 1) // stride + 1
end

-- x [n x c x h x w] as a view [n x c x oH x oW x kH x kW]
function M.windows (x, kH, kW, dH, dW, dilH, dilW)
  x = x:contiguous()
  local n, c, h, w = x:size(1), x:size(2), x:size(3), x:size(4)
  dilH, dilW = dilH or 1, dilW or 1
  local oH, oW = M.count(h, kH, dH, dilH), M.count(w, kW, dW, dilW)
  return core.from_storage(x:storage(), x:storageOffset(),
    {n, c, oH, oW, kH, kW},
    {x:stride(1), x:stride(2), x:stride(3) * dH, x:stride(4) * dW,
     x:stride(3) * dilH, x:stride(4) * dilW})
end

-- x with zeros around it: padH rows above and below, padW columns left and
-- right (negative numbers cut).
function M.padded (x, padH, padW, value)
  local F = require 'nn.functional'
  if padH ~= 0 then x = F.pad(x, 3, padH, padH, value) end
  if padW ~= 0 then x = F.pad(x, 4, padW, padW, value) end
  return x
end

-- conv2d(x, weight[, bias[, o]]): x [n x c x h x w], weight
-- [out x c/groups x kH x kW], o {dH, dW, padH, padW, dilH, dilW, groups}.
function M.conv2d (x, weight, bias, o)
  o = o or {}
  local groups = o.groups or 1
  local out, part = weight:size(1), weight:size(2)
  local kH, kW = weight:size(3), weight:size(4)
  x = M.padded(x, o.padH or 0, o.padW or 0)
  local v = M.windows(x, kH, kW, o.dH or 1, o.dW or 1, o.dilH, o.dilW)
  local n, oH, oW = v:size(1), v:size(3), v:size(4)
  local y
  if groups == 1 then
    -- [c kH kW x n oH oW]
    local columns = v:permute(2, 5, 6, 1, 3, 4)
                    :reshape(part * kH * kW, n * oH * oW)
    y = weight:reshape(out, part * kH * kW) * columns
  else
    local columns = v:permute(2, 5, 6, 1, 3, 4)
                    :reshape(groups, part * kH * kW, n * oH * oW)
    y = torch.bmm(weight:reshape(groups, out // groups, part * kH * kW),
                  columns)
  end
  y = y:view(out, n, oH, oW):permute(2, 1, 3, 4)
  if bias then y = y + bias:view(1, out, 1, 1) end
  return y:contiguous()
end

-- x with d - 1 zeros between its elements in a dimension
local function spread (x, dim, d)
  if d == 1 then return x end
  local sizes = x:size():totable()
  table.insert(sizes, dim + 1, d - 1)
  local zeros = torch.zeros(sizes, {dtype = x:dtype()})
  local y = torch.cat({x:unsqueeze(dim + 1), zeros}, dim + 1)
  table.remove(sizes, dim + 1)
  local n = sizes[dim]
  sizes[dim] = n * d
  return y:reshape(table.unpack(sizes)):narrow(dim, 1, (n - 1) * d + 1)
end

local function flipped (x, dim)
  local n, order = x:size(dim), {}
  for i = 1, n do order[i] = n + 1 - i end
  return x:index(dim, torch.LongTensor(order))
end

-- full_conv2d(x, weight[, bias[, o]]): the transpose of conv2d, weight
-- [in x out/groups x kH x kW], o also {adjH, adjW}: how much larger the output
-- is.
function M.full_conv2d (x, weight, bias, o)
  o = o or {}
  local groups = o.groups or 1
  local cin, part = weight:size(1), weight:size(2)
  local kH, kW = weight:size(3), weight:size(4)
  local dilH, dilW = o.dilH or 1, o.dilW or 1
  local F = require 'nn.functional'
  x = spread(spread(x, 3, o.dH or 1), 4, o.dW or 1)
  local top = (kH - 1) * dilH - (o.padH or 0)
  local left = (kW - 1) * dilW - (o.padW or 0)
  x = F.pad(x, 3, top, top + (o.adjH or 0))
  x = F.pad(x, 4, left, left + (o.adjW or 0))
  -- [groups x in/g x out/g] to [out x in/g]
  local w = flipped(flipped(weight, 3), 4)
            :reshape(groups, cin // groups, part, kH, kW)
            :transpose(2, 3):reshape(groups * part, cin // groups, kH, kW)
  return M.conv2d(x, w, bias, {dilH = dilH, dilW = dilW, groups = groups})
end

return M
