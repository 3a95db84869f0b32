-- Trees that do not match: wherever trees come together the error names the
-- path, what is there and what was expected.
require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local optim = require 'optim'
local random = require 'random'
local autograd = require 'autograd'
local jit = autograd.jit

local x = torch.Tensor {1, 2, 3}

-- Parameters with something else at layer2.weight.
local function params (other, key)
  local layer2 = {weight = x, bias = x}
  if other == 'nothing' then
    layer2.weight = nil
  elseif key then
    layer2[key] = other
  elseif other ~= nil then
    layer2.weight = other
  end
  return {layer1 = {weight = x, bias = x}, layer2 = layer2}
end

local function total (p)
  return p.layer1.weight:sum() + p.layer2.weight:sum()
end

local function twice (p)
  return {layer1 = {weight = p.layer1.weight * 2, bias = p.layer1.bias},
          layer2 = {weight = p.layer2.weight * 2, bias = p.layer2.bias}}
end

local function says (want, f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok, 'no error, but: ' .. want)
  assert.equal(want, (tostring(message):gsub('^[%w_./]+:%d+: ', '')))
  assert.is_false(autograd.tracing())
end

local wrong = { -- what is there: the tree
  nothing = params 'nothing', shape = params(torch.ones(4)),
  string = params 'a', table = params {x}, number = params(2.5),
  extra = params(x, 'wieght'), integers = params(torch.LongTensor {1, 2, 3}),
}

describe('a tree that does not match', function ()
  it('as tangents of jvp', function ()
    local at = 'jvp: the tangent [1].layer2.weight is '
    for how, text in pairs {
      nothing = 'jvp: tree #2 has no [1].layer2.weight',
      extra = 'jvp: tree #2 has [1].layer2.wieght, tree #1 has not',
      shape = at .. '[4], its primal [3]',
      string = at .. "string 'a', a float tensor was expected",
      table = at .. 'table, a float tensor was expected',
      integers = at .. 'tensor of 3 int64, a float tensor was expected',
    } do says(text, autograd.jvp, total, {params()}, {wrong[how]}) end
  end)

  it('as cotangents of vjp', function ()
    local _, pull = autograd.vjp(twice, params())
    local at = 'vjp: the cotangent layer2.weight is '
    for how, text in pairs {
      nothing = 'vjp: tree #2 has no layer2.weight',
      extra = 'vjp: tree #2 has layer2.wieght, tree #1 has not',
      shape = at .. 'tensor of 4 float32, its output [3]',
      number = at .. 'number 2.5, its output [3]',
      string = at .. "string 'a', a tensor was expected",
    } do says(text, pull, wrong[how]) end
  end)

  it('as branches of cond', function ()
    local at = 'cond: where the condition holds result[1].layer2.'
    for how, text in pairs {
      nothing = 'weight is a tensor of 3 float32, else nil',
      extra = 'wieght is nil, else a tensor of 3 float32',
      shape = 'weight is a tensor of 3 float32, else a tensor of 4 float32',
      number = 'weight is a tensor of 3 float32, else a number',
      integers = 'weight is a tensor of 3 float32, else a tensor of 3 int64',
      table = 'weight is a tensor of 3 float32, else a table',
    } do
      says(at .. text .. '; both branches must return alike', jit(function (p)
        return autograd.cond(torch.gt(total(p), 0), twice, function ()
          return wrong[how]
        end, p)
      end), params())
    end
    says('cond: where the condition holds result[1] is a number, else a tensor '
         .. 'of 1 int64; both branches must return alike', jit(function (v)
      return autograd.cond(torch.gt(v:sum(), 0), torch.sum, function ()
        return torch.LongTensor {0}
      end, v)
    end), x)
  end)

  it('as carries of scan, fori and while_loop', function ()
    local loops = {
      scan = function (f, p) return autograd.scan(f, p, x) end,
      fori = function (f, p)
        return autograd.fori(1, 3, function () return f() end, p)
      end,
      while_loop = function (f, p)
        return autograd.while_loop(function (c)
          return torch.lt(c.layer1.weight:sum(), 3)
        end, f, p)
      end,
    }
    for name, loop in pairs(loops) do
      local at = name .. ': the carry.layer2.'
      for how, text in pairs {
        nothing = 'weight goes in as a tensor of 3 float32 and comes out as '
                  .. 'nil',
        extra = 'wieght goes in as nil and comes out as a tensor of 3 float32',
        shape = 'weight goes in as a tensor of 3 float32 and comes out as a '
                .. 'tensor of 4 float32',
        number = 'weight goes in as a tensor of 3 float32 and comes out as a '
                 .. 'number',
      } do
        says(at .. text .. '; it must stay alike', jit(function (p)
          return loop(function () return wrong[how] end, p)
        end), params())
      end
    end
    says('fori: the carry goes in as a number and comes out as a tensor of 3 '
         .. 'float32; it must stay alike', jit(function (v)
      return autograd.fori(1, 3, function (_, c) return c + v end, 0)
    end), x)
  end)

  it('as results of scan, and as what it goes along', function ()
    for how, text in pairs {
      nothing = 'result.layer2.weight is a tensor of 3 float32 at element 1 '
                .. 'and nil at element 2',
      shape = 'result.layer2.weight is a tensor of 3 float32 at element 1 and '
              .. 'a tensor of 4 float32 at element 2',
      string = 'result.layer2.weight is a tensor of 3 float32 at element 1 and '
               .. 'a string at element 2',
    } do
      local step = 0
      says('scan: the ' .. text .. '; it must stay alike', autograd.scan,
           function (c)
        step = step + 1
        return c, step == 2 and wrong[how] or params()
      end, 0.0, x)
    end
    local step = 0
    says('scan: the result is nil at element 1 and a number at element 2; it '
         .. 'must stay alike', autograd.scan, function (c, v)
      step = step + 1
      return c, step > 1 and v or nil
    end, 0.0, x)
    says('scan: lengths 3 and 4 differ', autograd.scan, function (c, v)
      return c, v
    end, 0.0, wrong.shape)
  end)

  it('as results of custom rules', function ()
    local function by_vjp (fwd, bwd)
      local f = autograd.custom_vjp(twice, fwd, bwd)
      autograd.grad(function (p) return total(f(p)) end)(params())
    end
    local function by_jvp (rule)
      local f = autograd.custom_jvp(twice, rule)
      autograd.jvp(function (p) return total(f(p)) end, {params()}, {params()})
    end
    for how, text in pairs {
      nothing = '.layer2.weight is nil, the %s [3]',
      extra = ' has layer2.wieght, the %s has not',
      shape = '.layer2.weight is [4], the %s [3]',
      number = '.layer2.weight is a number, the %s [3]',
      table = '.layer2.weight is a table, the %s [3]',
      string = '.layer2.weight is a string, the %s [3]',
      integers = '.layer2.weight is a tensor of 3 int64; a float tensor was '
                 .. 'expected',
    } do
      if how ~= 'nothing' then -- which means that there is no gradient
        says('custom_vjp: the gradient of argument #1'
             .. text:format 'argument', by_vjp, function (p)
          return twice(p), {}
        end, function () return wrong[how] end)
      end
      says('custom_jvp: the tangent' .. text:format 'result', by_jvp,
           function (p) return twice(p[1]), wrong[how] end)
    end
    for how, text in pairs {
      nothing = "layer2.weight is nil, the function's [3]",
      extra = "layer2.wieght is [3], the function's nil",
      shape = "layer2.weight is [4], the function's [3]",
      integers = "layer2.weight is a tensor of 3 int64, the function's a "
                 .. 'tensor of 3 float32',
    } do
      says("custom_vjp: the forward function's result." .. text, by_vjp,
           function () return wrong[how], {} end,
           function (_, ct) return ct end)
      says("custom_jvp: the rule's result." .. text, by_jvp, function (_, t)
        return wrong[how], twice(t[1])
      end)
    end
  end)

  it('as dimensions of vmap', function ()
    local function map (in_dims, out_dims, f)
      return autograd.vmap(f or function (p) return p end, in_dims, out_dims)
    end
    says('vmap: in_dims of argument #1 has layer2.wieght, the argument has not',
         map {{layer2 = {weight = 1, wieght = 1}}}, params())
    says('vmap: out_dims of result #1 has layer2.wieght, the result has not',
         map(1, {{layer2 = {wieght = 1}}}), params())
    says('vmap: in_dims at layer2.weight is number 3; a dimension 1..1, or 0 '
         .. 'for none, was expected', map {{layer2 = {weight = 3}}}, params())
    says('vmap: out_dims at layer2.weight is table; a dimension 1..1, or 0 for '
         .. 'none, was expected',
         map(1, {{layer1 = 1, layer2 = {weight = {1}, bias = 1}}}), params())
    says('vmap: in_dims has an entry layer2; it is a table of one entry for '
         .. 'each argument, in their order: a table for one that is a table, '
         .. 'as in {{layer2 = 1}}', map {layer2 = 1}, params())
    says('vmap: in_dims has an entry for argument #2, but there is 1 argument',
         map {1, 1}, x)
    says('vmap: out_dims has an entry for result #2, but there is 1 result',
         map(1, {1, 1}), x)
    says('vmap: in_dims is number 1 for a tensor without dimensions; 0, not '
         .. 'mapped, was expected', map(1), x, torch.tensor(3))
    says('vmap: the mapped sizes differ: 3 before, 4 in argument #1 at '
         .. 'layer2.weight', map(1), wrong.shape)
    assert.tensor_equal(x, map {1, 0}(x)) -- as if there were a second one
  end)

  it('as parameters of nn.transform and functionalize', function ()
    local net = nn.transform(function (v)
      return nn.PReLU():named 'last'(nn.Linear(3):named 'layer2'(v))
    end)
    local input = torch.ones(1, 3)
    local p = net.init(random.key(0), input)
    local function with (layer, key, value)
      local q = autograd.tree.map(function (v) return v end, p)
      q[layer][key] = value
      return q
    end
    for _, case in ipairs {
      {'layer2', 'w', 'a', 'a string', '3 x 3'},
      {'layer2', 'w', 2.5, 'a number', '3 x 3'},
      {'layer2', 'w', torch.ones(4, 4), 'a tensor of 4 x 4 float32', '4 x 3'},
      {'layer2', 'w', torch.LongTensor(3, 3), 'a tensor of 3 x 3 int64',
       '3 x 3'},
      {'layer2', 'b', torch.ones(4), 'a tensor of 4 float32', '3'},
      {'last', 'weight', {}, 'a table', '1'},
    } do
      local layer, key, value, is, wanted = table.unpack(case)
      says(('nn.transform: apply: the parameter %s.%s is %s; a float tensor '
            .. '[%s] was expected, as init of the same function makes it')
           :format(layer, key, is, wanted), net.apply, with(layer, key, value),
           nil, input)
    end
    local none = 'nn.transform: apply: the parameters have no layer2.w; they '
                 .. 'must come from init of the same function'
    says(none, net.apply, {layer2 = x}, nil, input)
    says(none, net.apply, {layer2 = 3}, nil, input)
    local f, list = autograd.functionalize(nn.Sequential(nn.Dense(3, 3),
                                                         nn.Dense(3, 2)))
    local own = "; parameters are trees like the second result"
    says("functionalize: the parameter [2].weight is a tensor of 4 float32, "
         .. "the module's own a tensor of 2 x 3 float32" .. own, f,
         {list[1], {weight = torch.ones(4), bias = list[2].bias}}, input)
    says("functionalize: the parameter [2].bias is a table, the module's own a "
         .. 'tensor of 2 float32' .. own, f,
         {list[1], {weight = list[2].weight, bias = {}}}, input)
    says('functionalize: the parameters have no [2].bias', f, {list[1], x},
         input)
    says('functionalize: argument #1: the tree of parameters expected, got a '
         .. 'tensor of 3 float32', f, x)
  end)

  it('as gradients of an optimizer', function ()
    for how, text in pairs {
      nothing = 'x has 4 tensors, its gradient 3: layer2.weight is missing',
      extra = 'x has 4 tensors, its gradient 5: layer2.wieght is too much',
      shape = 'layer2.weight is [3], its gradient [4]',
      number = 'layer2.weight is [3], its gradient the number 2.5',
    } do
      says('optim.adam: ' .. text, optim.adam, function ()
        return 0, wrong[how]
      end, params(), {}, {})
      local opt = optim.adam {}
      local state = opt:init(params())
      says('optim.adam: ' .. text, opt.update, opt, params(), wrong[how], state)
    end
  end)

  it('as arguments of what is called with trees and is none', function ()
    says('tree.map: tree #2 has no layer2.weight', autograd.tree.map,
         rawequal, params(), wrong.nothing)
    says('tree.leaves: a tree expected', autograd.tree.leaves)
    says('tree.keys: argument #1: a table expected, got number 3',
         autograd.tree.keys, 3)
    says('tree.unflatten: argument #2: a table of leaves expected, got nothing',
         autograd.tree.unflatten, {})
    says('tree.unflatten: 1 leaves for a tree of 2', autograd.tree.unflatten,
         {x, x}, {x})
    says('tree.reduce: argument #1: a function expected, got a number',
         autograd.tree.reduce, 3, {x})
    says('nn.without_apply_rng: argument #1: what nn.transform(f) made '
         .. 'expected, got a table of 0', nn.without_apply_rng, {})
  end)
end)

describe('a cycle', function ()
  local t = {}
  t.a, t.b = t, t

  it('is an error of the function that meets it', function ()
    local function f () return t end
    local function g (v) return v:sum() end
    for name, run in pairs {
      jvp = function () autograd.jvp(f, {x}, {x}) end,
      vjp = function () autograd.vjp(f, x) end,
      vmap = function () autograd.vmap(f)(x) end,
      jit = function () jit(f)(x) end,
      grad = function () autograd.grad(g)(t) end,
      checkpoint = function () autograd.grad(autograd.checkpoint(f))(x) end,
      custom_vjp = function ()
        autograd.grad(autograd.custom_vjp(f, f, f))(x)
      end,
      custom_jvp = function ()
        autograd.grad(autograd.custom_jvp(f, f))(x)
      end,
      scan = function ()
        jit(function (v) return autograd.scan(g, t, v) end)(x)
      end,
      fori = function ()
        jit(function () return autograd.fori(1, 2, g, t) end)(x)
      end,
      while_loop = function ()
        jit(function () return autograd.while_loop(f, f, t) end)(x)
      end,
      cond = function ()
        jit(function (v)
          return autograd.cond(torch.gt(v:sum(), 0), f, f)
        end)(x)
      end,
      ['tree.map'] = function () autograd.stop_gradient(t) end,
    } do
      says(name .. ': tables nested deeper than 100, perhaps a cycle', run)
    end
  end)
end)
