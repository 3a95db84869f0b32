-- Every class of nn gets inputs that it can't take: the answer is an error that
-- names the layer, what was expected and what came; never one of Lua's own or
-- of a kernel, never a crash.
require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
package.path = 'tests/nn/?.lua;tests/?.lua;' .. package.path
local layers = require 'every_layer'

local function pack (...) return {n = select('#', ...), ...} end

-- what no layer takes; the flags of a layer that takes it all the same
local nothing = {
  {'nil', pack(nil)}, {'a string', pack 'abc'}, {'a boolean', pack(true)},
  {'a function', pack(print)},
  {'a number', pack(3), {any = true, number = true}},
  {'an empty table', pack {}, {list = true, container = true}},
  {'a table of strings', pack {'a', 'b', 'c'}, {list = true}},
  {'an empty tensor', pack(torch.Tensor()), {any = true}},
  {'a tensor of a number', pack(torch.tensor(3)), {any = true, number = true}},
}

local function wrong (input)
  local cases = {table.unpack(nothing)}
  local function case (...) cases[#cases + 1] = {...} end
  if not torch.isTensor(input) then
    case('a tensor', pack(torch.rand(2, 4)))
    case('a table of one', pack {input[1]}, {fold = true, list = true})
    case('strings behind', pack {input[1], 'x', 'y'}, {list = true})
    case('sizes that do not fit', pack {input[1], torch.rand(3, 7, 9),
                                        torch.rand(3, 7, 9)}, {list = true})
    return cases
  end
  local sizes = input:size():totable()
  local n = #sizes
  local function resized (d, size)
    local s = {table.unpack(sizes)}
    s[d] = size
    return pack(torch.rand(table.unpack(s)))
  end
  case('8 dimensions', pack(torch.rand(1, 1, 1, 1, 1, 1, 1, 1)),
       {any = true, rank8 = true})
  case('1 dimension', pack(torch.rand(7)), {any = true, rank1 = true})
  case('another last size', resized(n, sizes[n] + 3),
       {any = true, sizes = true})
  if n == 4 then
    case('other planes', resized(2, 5), {planes = true})
    case('an image of one pixel', pack(torch.rand(2, 3, 1, 1)),
         {small = true})
  end
  return cases
end

-- layers whose behaviour is their own
local takes = {
  Identity = 'everything', Constant = 'everything',
  Activation = 'a table of strings, an empty table', -- its function's affair
  Contiguous = '', Copy = '', ReLU = '',
}

local function allowed (layer, case)
  local own = takes[layer.name]
  if own == 'everything' then return true end
  if own and (', ' .. own .. ','):find(', ' .. case[1] .. ',', 1, true) then
    return true
  end
  for flag in pairs(case[3] or {}) do
    if layer.takes[flag] then return true end
  end
  return false
end

local function message (f)
  local ok, text = pcall(f)
  if ok then return nil end
  return (tostring(text):gsub('^[^\n]-:%d+: ', ''))
end

local raw = {'attempt to', 'bad argument', 'object length', 'not an integer',
             "can't broadcast", '^view:', '^size:', 'arguments %('}

describe('a wrong input of', function ()
  for _, layer in ipairs(layers) do
    it('nn.' .. layer.name, function ()
      assert.has_no_error(function () layer.make():forward(layer.input()) end)
      for _, case in ipairs(wrong(layer.input())) do
        local text = message(function ()
          layer.make():forward(table.unpack(case[2], 1, case[2].n))
        end)
        local what = ('nn.%s with %s: %s'):format(layer.name, case[1],
                                                  tostring(text))
        if not text then
          assert.is_true(allowed(layer, case), what)
        elseif takes[layer.name] ~= 'everything'
               and not (allowed(layer, case) and layer.name == 'Activation')
        then
          for _, pattern in ipairs(raw) do
            assert.is_nil(text:find(pattern), what)
          end
          assert.matches('^nn%.%w+', text, what)
          assert.is_truthy(text:find(layer.name, 1, true)
                           or layer.name == 'CriterionTable', what)
          assert.is_truthy(text:find 'got' or text:find 'differ in shape',
                           what)
          assert.is_nil(text:find('?', 1, true), what)
        end
      end
    end)
  end
end)

-- the same texts where nothing is known but sizes, and where values are not
describe('under transforms the same input of', function ()
  local autograd = require 'autograd'
  local ways = {
    jit = function (f, x) autograd.jit(f)(x) end,
    vjp = function (f, x) autograd.vjp(f, x) end,
    vmap = function (f, x) autograd.vmap(f)(torch.stack {x, x}) end,
  }
  for _, layer in ipairs(layers) do
    local input = layer.input()
    if torch.isTensor(input) then
      it('nn.' .. layer.name, function ()
        for _, case in ipairs(wrong(input)) do
          local x = case[2][1]
          if torch.isTensor(x) and x:dim() > 0 and x:dim() < 8 then
            local want = message(function () layer.make():forward(x) end)
            for name, way in pairs(ways) do
              local m = layer.make()
              local got = message(function ()
                way(function (v) return m:forward(v) end, x)
              end)
              -- of values the first wrong one, not the least and the greatest
              if want and want:find('numbers 1..10', 1, true) then
                assert.matches('^' .. want:match '^.-got ', got, name)
              elseif want then
                assert.equal(want, got, name)
              end
            end
          end
        end
      end)
    end
  end
end)

describe('integers and float64 in', function ()
  -- they compute as the same numbers in float32 do
  local function each (y, f)
    if type(y) == 'number' then y = torch.tensor {y} end
    if torch.isTensor(y) then return f(y) end
    for _, t in ipairs(y) do each(t, f) end
  end
  for _, layer in ipairs(layers) do
    local input = layer.input()
    if torch.isTensor(input) and not layer.takes.int then
      it('nn.' .. layer.name, function ()
        local m = layer.make():evaluate()
        local x = torch.ceil(input * 3)
        local want = m:forward(x)
        for _, dtype in ipairs {'long', 'double'} do
          local got, list = m:forward(x[dtype](x)), {}
          each(want, function (t) list[#list + 1] = t:double() end)
          local i = 0
          each(got, function (t)
            i = i + 1
            assert.tensor_near(list[i], t:double(), 1e-4)
          end)
          assert.equal(#list, i)
        end
      end)
    end
  end
end)

describe('the walk', function ()
  it('has every module of nn', function ()
    local seen = {}
    for _, layer in ipairs(layers) do seen[layer.name] = true end
    local not_walked = { -- no forward of one input, or tests of their own
      Module = true, Container = true, HAM = true, Decorator = true,
    }
    local missing = {}
    local names = require 'names'
    for name in names.nn:gmatch '%S+' do
      local class = nn[name]
      local C = type(class) == 'table' and getmetatable(class)
      if type(C) == 'table' and C.__typename
         and torch.isTypeOf(setmetatable({}, C), 'nn.Module')
         and not seen[name] and not not_walked[name] then
        missing[#missing + 1] = name
      end
    end
    assert.same({}, missing)
  end)
end)

describe('errors in nested containers name the path:', function ()
  local function path (net, x)
    return (message(function () net:forward(x) end):match '^(.-):')
  end
  local function deep (wrap) return wrap(nn.Linear(4, 4)) end
  local x = torch.rand(2, 5)

  it('each container', function ()
    local cases = {
      {'Sequential', function (m) return nn.Sequential(nn.Identity(), m) end, x,
       2},
      {'Concat', function (m) return nn.Concat(2, m) end, x, 1},
      {'DepthConcat', function (m) return nn.DepthConcat(2, m) end, x, 1},
      {'Parallel', function (m) return nn.Parallel(1, 1, m) end,
       torch.rand(1, 5), 1},
      {'ConcatTable', function (m) return nn.ConcatTable(m) end, x, 1},
      {'ParallelTable', function (m)
        return nn.ParallelTable(nn.Identity(), m)
      end, {x, x}, 2},
      {'MapTable', function (m) return nn.MapTable(m) end, {x}, 1},
      {'Bottle', function (m) return nn.Bottle(m) end, torch.rand(2, 3, 5), 1},
      {'Bottle', function (m) return nn.Bottle(m) end, x, 1},
      {'Decorator', function (m) return nn.Decorator(m) end, x, 1},
      {'WeightNorm', function (m) return nn.WeightNorm(m) end, x, 1},
      {'gModule', function (m)
        local node = nn.Identity()()
        return nn.gModule({node}, {m(node)})
      end, x, 2},
    }
    for _, case in ipairs(cases) do
      local name, wrap, input, i = table.unpack(case)
      local want = ('nn.Linear #%d of %s'):format(i, name)
      local net = deep(wrap)
      assert.equal(want, path(net, input))
      assert.equal(want, path(net:evaluate(), input))
      local outer = nn.Sequential(nn.Identity(), nn.Identity(), deep(wrap))
      assert.equal(want .. ' #3 of Sequential', path(outer, input))
      assert.equal(want .. ' #3 of Sequential', path(outer:evaluate(), input))
    end
  end)

  it('under transforms', function ()
    local autograd = require 'autograd'
    local net = nn.Sequential(nn.ConcatTable(nn.Identity(), nn.Sequential(
      nn.Tanh(), nn.Linear(4, 4))))
    local want = 'nn.Linear #2 of Sequential #2 of ConcatTable #1 of '
                 .. 'Sequential: expected [*, 4], got [2 x 5]'
    local function f (v) return net:forward(v)[2]:sum() end
    for _, transform in ipairs {autograd.grad, autograd.jit} do
      local text = message(function () transform(f)(x) end)
      assert.is_truthy(text:find(want, 1, true), text)
    end
  end)
end)
