-- torch.conv2 and torch.xcorr2, for images that Lua code filters by hand; the
-- layers of nn have kernels of their own.

local with_result = require 'torch.result'
local fail = require 'nnlua.fail'

return function (torch, methods)

local function flip (k)
  local d = k:dim()
  if d < 2 then return k end -- refused by correlate
  local function back (n) return torch.range(n, 1, -1):long() end
  return k:index(d - 1, back(k:size(d - 1))):index(d, back(k:size(d)))
end

-- x with rows and columns of zeros around its last two dimensions
local function pad (x, rows, columns)
  local sizes = x:size()
  local d = #sizes
  sizes[d - 1], sizes[d] = sizes[d - 1] + 2 * rows, sizes[d] + 2 * columns
  local y = torch.zeros(sizes, x:dtype())
  y:narrow(d - 1, rows + 1, x:size(d - 1))
   :narrow(d, columns + 1, x:size(d)):copy(x)
  return y
end

-- Valid correlation of planes (p, h, w) with kernels (..., kh, kw), all of
-- them as columns: (p, out rows, out columns, kh * kw) times (kh * kw, q).
local function windows (x, kh, kw)
  local w = x:unfold(2, kh, 1):unfold(3, kw, 1)
  return w:contiguous():view(x:size(1), w:size(2), w:size(3), kh * kw)
end

local function correlate (name, x, k, mode)
  if not torch.isTensor(x) or not torch.isTensor(k) then
    fail('%s: an image and a kernel expected', name)
  end
  for _, t in ipairs {x, k} do
    if t:dim() < 2 then
      fail('%s: an image and a kernel of at least 2 dimensions expected, got '
           .. '%d and %d', name, x:dim(), k:dim())
    end
  end
  mode = mode or 'V'
  local kh, kw = k:size(k:dim() - 1), k:size(k:dim())
  if mode == 'F' then
    x = pad(x, kh - 1, kw - 1)
  elseif mode ~= 'V' then
    fail("%s: 'V' (valid) or 'F' (full) expected, got %s", name,
         tostring(mode))
  end
  local d = x:dim()
  if x:size(d - 1) < kh or x:size(d) < kw then
    fail('%s: a kernel of %d x %d is larger than the image of %d x %d', name,
         kh, kw, x:size(d - 1), x:size(d))
  end
  if x:dim() == 2 and k:dim() == 2 then
    local w = windows(x:view(1, x:size(1), x:size(2)), kh, kw)
    return torch.matmul(w, k:contiguous():view(-1)):select(1, 1)
  elseif x:dim() == 3 and k:dim() == 3 and k:size(1) == x:size(1) then
    local w = windows(x:contiguous(), kh, kw) -- each plane with its kernel
    local y = torch.matmul(w, k:contiguous():view(-1, 1, kh * kw, 1))
    return y:select(4, 1)
  elseif x:dim() == 3 and k:dim() == 4 and k:size(2) == x:size(1) then
    local w = windows(x:contiguous(), kh, kw)
    local out
    for p = 1, x:size(1) do -- (q, kh, kw) of plane p, summed over the planes
      local part = k:select(2, p):contiguous():view(-1, kh * kw)
      local y = torch.matmul(w:select(1, p), part:t())
      out = out and out + y or y
    end
    return out:permute(3, 1, 2):contiguous()
  end
  fail('%s: an image (h, w) and a kernel (kh, kw), or planes (p, h, w) and '
       .. 'kernels (p, kh, kw) or (q, p, kh, kw) expected, got %s and %s',
       name, table.concat(x:size(), ' x '), table.concat(k:size(), ' x '))
end

-- xcorr2([res,] x, k[, 'V' or 'F']): correlation where the kernel fits ('V', valid),
-- or of the image with zeros around it ('F', full)
torch.xcorr2 = with_result(function (x, k, mode)
  return correlate('xcorr2', x, k, mode)
end, 2)

-- conv2([res,] x, k[, 'V' or 'F']): the same with the kernel turned round
torch.conv2 = with_result(function (x, k, mode)
  return correlate('conv2', x, torch.isTensor(k) and flip(k), mode)
end, 2)

methods.xcorr2, methods.conv2 = torch.xcorr2, torch.conv2

end
