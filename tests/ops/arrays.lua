-- Records of the primitives that are not elementwise: see check.lua.
local torch = require 'torch'
local autograd = require 'autograd'
local walk = require 'ops.walk'

local records = {}
local function add (r) records[#records + 1] = r end

local function input (...) return {shape = {...}} end
local function cube (more)
  local spec = {shape = {3, 4, 2}}
  for k, v in pairs(more or {}) do spec[k] = v end
  return spec
end

-- ---- dtypes and movement ----

add {
  name = 'cast', inputs = {{input(3, 4)}, {input(0)}}, unlike = true,
  call = function (x) return x:float():double() end, tolerance = 1e-7,
  each = function (x) return string.unpack('f', string.pack('f', x)) end,
}
add {
  name = 'stop_gradient', inputs = {{input(3, 4)}}, constant = true,
  call = autograd.stop_gradient, each = function (x) return x end,
}
add {
  name = 'within', inputs = {{input(3, 4), input(3, 4)}},
  dtypes = {'float32', 'int32'},
  call = function (x, of)
    return require 'nnlua.core'.within(x, of, -9, 9, 0, 'f: of: -9..9 expected')
  end,
  reference = function (lists, sizes) return lists[1], sizes[1] end,
}
add {
  name = 'view', inputs = {{cube()}},
  call = function (x)
    return x:transpose(1, 3):narrow(2, 2, 3):select(3, 2)
  end,
  reference = function (lists, sizes)
    local at = walk.reader(lists[1], sizes[1])
    return walk.make({2, 3}, function (i, j) return at(2, j + 1, i) end)
  end,
}
add {
  name = 'view_update', inputs = {{cube(), input(2, 2)}},
  call = function (x, y)
    x = x:clone()
    x[{{2, 3}, 4}] = y
    return x
  end,
  reference = function (lists, sizes)
    local x = walk.reader(lists[1], sizes[1])
    local y = walk.reader(lists[2], sizes[2])
    return walk.make({3, 4, 2}, function (i, j, k)
      if i >= 2 and j == 4 then return y(i - 1, k) end
      return x(i, j, k)
    end)
  end,
}
add { -- the gradient of a view that sees elements many times
  name = 'unview', inputs = {{input(6, 3)}},
  call = function (ct)
    local base = torch.zeros(8, 'float64')
    local _, back = autograd.vjp(function (x) return x:unfold(1, 3, 1) end,
                                 base)
    return back(ct)
  end,
  reference = function (lists, sizes)
    local ct = walk.reader(lists[1], sizes[1])
    return walk.make({8}, function (i)
      local sum = 0.0
      for k = 1, 3 do
        local j = i - k + 1
        if j >= 1 and j <= 6 then sum = sum + ct(j, k) end
      end
      return sum
    end)
  end,
}
add {
  name = 'concat', inputs = {{input(3, 2), input(3, 4)},
                             {input(2, 0), input(2, 3)}},
  call = function (x, y) return torch.cat({x, y}, 2) end,
  reference = function (lists, sizes)
    local x = walk.reader(lists[1], sizes[1])
    local y = walk.reader(lists[2], sizes[2])
    local m, n = sizes[1][2], sizes[2][2]
    return walk.make({sizes[1][1], m + n}, function (i, j)
      if j <= m then return x(i, j) end
      return y(i, j - m)
    end)
  end,
}

-- ---- reductions: over the second dimension, and over all ----

local function reduction (name, f, more)
  for _, all in ipairs {false, true} do
    local r = {
      name = name, inputs = {{cube()}, {input(2, 5, 1)}}, dtypes = {'float32'},
      threaded = true, direct = true,
      call = function (x)
        if all then return torch[name](x) end
        return (torch[name](x, 2))
      end,
      reference = function (lists, sizes)
        if all then return {f(lists[1])}, {} end
        return walk.along(lists[1], sizes[1], 2, function (row)
          return {f(row)}
        end)
      end,
    }
    for k, v in pairs(more or {}) do r[k] = v end
    add(r)
  end
end

local function fold (f, x)
  return function (list)
    local y = x
    for _, v in ipairs(list) do y = f(y, v) end
    return y
  end
end

local function first_of (better)
  return function (list)
    local at = 1
    for i, v in ipairs(list) do if better(v, list[at]) then at = i end end
    return at
  end
end

reduction('sum', fold(function (a, b) return a + b end, 0.0))
reduction('prod', fold(function (a, b) return a * b end, 1.0))
reduction('max', fold(math.max, -math.huge))
reduction('min', fold(math.min, math.huge))
reduction('argmax', first_of(function (a, b) return a > b end),
          {constant = true})
reduction('argmin', first_of(function (a, b) return a < b end),
          {constant = true})
for name, wanted in pairs {all = false, any = true} do
  reduction(name, function (list)
    for _, v in ipairs(list) do if v == wanted then return wanted end end
    return not wanted
  end, {
    inputs = {{cube {dtype = 'bool'}}, {{shape = {1, 3, 1}, dtype = 'bool'}}},
    only = {'bool'}, constant = true,
  })
end

-- ---- products, draws, graphs ----

add {
  name = 'matmul', inputs = {{input(3, 4), input(4, 2)},
                             {input(2, 3, 4), input(2, 4, 2)},
                             {input(3, 0), input(0, 2)}},
  call = torch.matmul, dtypes = {'float32'}, direct = true,
  reference = function (lists, sizes)
    local x = walk.reader(lists[1], sizes[1])
    local y = walk.reader(lists[2], sizes[2])
    local out = {table.unpack(sizes[1])}
    out[#out] = sizes[2][#out]
    return walk.make(out, function (...)
      local i = {...}
      local n, m, sum = i[#i], i[#i - 1], 0.0
      for k = 1, sizes[1][#i] do
        i[#i - 1], i[#i] = m, k
        local a = x(table.unpack(i))
        i[#i - 1], i[#i] = k, n
        sum = sum + a * y(table.unpack(i))
      end
      return sum
    end)
  end,
}
add { -- Philox4x32-10 with key 0 and counter 0: Random123's vector
  name = 'random', constant = true,
  inputs = {{{shape = {2}, from = 0, to = 0, dtype = 'int64'}}},
  call = function (key)
    return torch.rand(4, {key = key, dtype = 'float32'})
  end,
  reference = function ()
    local words = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}
    for i, w in ipairs(words) do words[i] = (w >> 8) / 2.0 ^ 24 end
    return words, {4}
  end,
  tolerance = 0,
}
local inner = autograd.jit(function (x, y)
  return torch.cmul(torch.tanh(x * 2), y)
end)
add {
  name = 'call', inputs = {{input(3, 4), input(3, 4)}}, tolerance = 1e-14,
  call = function (x, y) return inner(x, y) end,
  each = function (x, y) return (1 - 2 / (math.exp(4 * x) + 1)) * y end,

}

return records
