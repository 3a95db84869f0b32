-- Pieces of random programs (../programs.lua): in place on z, a value of the
-- program's own, from x.
local torch = require 'torch'

local writes = {
  add = function (z, x) z:add(x):div(2) end,
  mul = function (z, x) z:cmul(torch.tanh(x)) end,
  element = function (z, x) z[2] = x[3] end,
  range = function (z, x) z[{{2, 4}}] = x[{{1, 3}}] end,
  narrow = function (z, x) z:narrow(1, 3, 2):add(x:narrow(1, 5, 2)) end,
  itself = function (z) z:narrow(1, 1, 3):copy(z:narrow(1, 4, 3)) end,
  strided = function (z, x) z:view(3, 2):select(2, 1):mul(x[1]) end,
  double = function (z) z:add(z):div(2) end,
  tanh = function (z) z:tanh() end,
  fill = function (z) z:narrow(1, 2, 1):fill(0.5) end,
  indexAdd = function (z, x)
    z:indexAdd(1, torch.LongTensor {1, 1, 4}, x:narrow(1, 2, 3)):div(2)
  end,
  masked = function (z, x) z:maskedFill(torch.gt(x, 0.7), 0.25) end,
}


return writes
