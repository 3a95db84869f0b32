-- Triangular systems, torch.trtrs and torch.potrs: made of the mask of a
-- triangle and of gesv, which needs no pivots there; so every transform works.

local fail = require 'nnlua.fail'
local with_result = require 'torch.result'

local MOST = 10000000 -- pieces, as of torch.split

return function (torch, core)
  -- `v`, or the default; one of two letters.
  local function one_of (name, what, v, default, other)
    if v == nil then v = default end
    if v ~= default and v ~= other then
      fail("%s: %s: '%s' or '%s' expected, got %s", name, what, default,
           other, tostring(v))
    end
    return v
  end

  local function square (name, b, a)
    local function text (x)
      return torch.isTensor(x) and '[' .. table.concat(x:size():totable(),
                                                       ' x ') .. ']'
             or torch.type(x)
    end
    if not torch.isTensor(a) or not torch.isTensor(b) or a:dim() ~= 2
       or a:size(1) ~= a:size(2) or b:dim() < 1 or b:dim() > 2
       or b:size(1) ~= a:size(1) then
      fail('%s: a matrix [n x n] and a right side [n x k] or [n] expected, '
           .. 'got %s and %s', name, text(a), text(b))
    end
  end

  local function triangle (a, upper, unit)
    a = upper and torch.triu(a) or torch.tril(a)
    if not unit then return a end
    return upper and torch.triu(a, 1) + torch.eye(a:size(1)):type(a:type())
           or torch.tril(a, -1) + torch.eye(a:size(1)):type(a:type())
  end

  -- trtrs([res,] b, a[, 'U' or 'L'[, 'N' or 'T'[, 'N' or 'U']]])
  local function trtrs (b, a, uplo, trans, diag)
    square('trtrs', b, a)
    local upper = one_of('trtrs', 'triangle', uplo, 'U', 'L') == 'U'
    local turn = one_of('trtrs', 'transposed', trans, 'N', 'T') == 'T'
    local unit = one_of('trtrs', 'unit diagonal', diag, 'N', 'U') == 'U'
    a = triangle(a, upper, unit)
    return (torch.gesv(b, turn and a:t() or a))
  end
  torch.trtrs = with_result(trtrs, 2)
  core.methods.trtrs = torch.trtrs

  -- potrs([res,] b, factor[, 'U' or 'L']): of potrf's factor
  local function potrs (b, factor, uplo)
    square('potrs', b, factor)
    local upper = one_of('potrs', 'triangle', uplo, 'U', 'L') == 'U'
    local f = triangle(factor, upper, false)
    if upper then return (torch.gesv(torch.gesv(b, f:t()), f)) end
    return (torch.gesv(torch.gesv(b, f), f:t()))
  end
  torch.potrs = with_result(potrs, 2)
  core.methods.potrs = torch.potrs

  -- array_split(x, n[, dim]): n views, the first ones one longer
  function torch.array_split (x, n, dim)
    if not torch.isTensor(x) or x:dim() == 0 then
      error('array_split: argument #1: a tensor with dimensions expected, got '
            .. torch.type(x), 2)
    end
    if not math.tointeger(n) or n < 1 then
      error('array_split: argument #2: a positive integer expected, got '
            .. tostring(n), 2)
    end
    if n > MOST then
      error(('array_split: argument #2: 1..%d pieces expected, got %d')
            :format(MOST, n), 2)
    end
    dim = dim or 1
    if not math.tointeger(dim) or dim < 1 or dim > x:dim() then
      error(('array_split: dimension 1..%d expected, got %s'):format(x:dim(),
            tostring(dim)), 2)
    end
    local parts, at, all = {}, 1, x:size(dim)
    for i = 1, n do
      local size = all // n + (i <= all % n and 1 or 0)
      parts[i] = x:narrow(dim, size > 0 and at or 1, size)
      at = at + size
    end
    return parts
  end
  core.methods.array_split = torch.array_split
end
