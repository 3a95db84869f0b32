-- The noise of modules in a container that a user wrote for Torch7: under every
-- transform backward sees what forward drew.

require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local random = require 'random'

local own = {}
local Own, parent = torch.class('noise.Sequential', 'nn.Module', own)

function Own:__init (...)
  parent.__init(self)
  self.modules = {...}
end

function Own:updateOutput (input)
  for _, m in ipairs(self.modules) do input = m:forward(input) end
  self.output = input
  return self.output
end

local function before (self, i, input)
  return i == 1 and input or self.modules[i - 1].output
end

function Own:updateGradInput (input, g)
  for i = #self.modules, 1, -1 do
    g = self.modules[i]:updateGradInput(before(self, i, input), g)
  end
  self.gradInput = g
  return g
end

function Own:accGradParameters (input, g, scale)
  for i = #self.modules, 1, -1 do
    local m = self.modules[i]
    m:accGradParameters(before(self, i, input), g, scale)
    g = m.gradInput
  end
end

-- different noise in each: exchanged masks are seen
local function noisy ()
  torch.manualSeed(3)
  return nn.Dropout(0.2), nn.Linear(6, 6), nn.Ternary {noise_sd = 2},
         nn.Sequential(nn.MulConstant(3), nn.Dropout(0.7)),
         nn.RReLU(), nn.WhiteNoise and nn.WhiteNoise(0, 1) or nn.Dropout(0.4),
         nn.Activation(function (x) return torch.cmul(x, torch.rand(6)) end),
         nn.Binary {noise_sd = 1}, nn.Dropout(0.5)
end

local x = torch.randn(4, 6)
local many = torch.randn(3, 4, 6)

-- output, gradients of a module f(params, x)
local function gradients (f, params, v)
  local grads, _, y = autograd.grad(function (both)
    local out = f(both[1], both[2])
    return torch.cmul(out, torch.sin(out)):sum(), out
  end)({params, v})
  return y, grads
end

local ways = {
  grad = function (f, params) return gradients(f, params, x) end,
  vjp = function (f, params)
    local y, pull = autograd.vjp(f, params, x)
    return y, {pull(torch.ones(4, 6))}
  end,
  jvp = function (f, params)
    return autograd.jvp(function (v) return f(params, v) end, {x},
                        {torch.ones(4, 6)})
  end,
  jit = function (f, params)
    local step = autograd.jit(function (p, v) return gradients(f, p, v) end)
    step(params, x)
    step(params, x)
    torch.manualSeed(9)
    return step(params, x)
  end,
  ['grad of jit'] = function (f, params)
    return gradients(autograd.jit(f), params, x)
  end,
  vmap = function (f, params)
    return autograd.vmap(function (v) return gradients(f, params, v) end)(many)
  end,
  ['grad of vmap'] = function (f, params)
    local g = autograd.vmap(f, {nil, 1})
    local grads, _, y = autograd.grad(function (both)
      local out = g(both[1], both[2])
      return torch.cmul(out, torch.sin(out)):sum(), out
    end)({params, many})
    return y, grads
  end,
  ['vmap of vmap'] = function (f, params)
    return autograd.vmap(autograd.vmap(function (v)
      return f(params, v)
    end))(torch.stack({many, many}))
  end,
  ['jit of vmap'] = function (f, params)
    return autograd.jit(autograd.vmap(function (v)
      return gradients(f, params, v)
    end))(many)
  end,
}

local function equal (want, got)
  want, got = autograd.tree.leaves {want}, autograd.tree.leaves {got}
  assert.equal(#want, #got)
  for i, t in ipairs(want) do assert.tensor_near(t, got[i], 1e-6) end
end

describe('noise in a container by hand', function ()
  for name, way in pairs(ways) do
    it('is the same forward and backward under ' .. name, function ()
      local f, params = autograd.functionalize(own.Sequential(noisy()))
      local g, same = autograd.functionalize(nn.Sequential(noisy()))
      torch.manualSeed(9)
      local y, grads = way(f, params)
      local state = torch.getRNGState()
      torch.manualSeed(9)
      local want, wanted = way(g, same)
      equal(want, y)
      equal(wanted, grads)
      assert.tensor_equal(torch.getRNGState(), state) -- backward draws nothing
    end)
  end

  it('is that of the mask', function ()
    local net = own.Sequential(nn.Dropout(0.2), nn.Dropout(0.7))
    local y, g = ways.jit(function (_, v) return net:forward(v) end, {})
    -- d (y sin y) / d x = (sin y + y cos y) m, with y = m x
    local m = torch.cdiv(y, x)
    assert.tensor_near(torch.cmul(torch.sin(y) + torch.cmul(y, torch.cos(y)), m),
                       g[2], 1e-5)
    assert.is_true(torch.gt(torch.abs(m), 0):any())
  end)

  it('is drawn anew by each call', function ()
    local net = own.Sequential(nn.Dropout(0.5))
    local f = autograd.jit(function (v) return net:forward(v) end)
    local first = f(torch.ones(100)):clone()
    for _ = 1, 3 do
      assert.is_false(torch.equal(first, f(torch.ones(100))))
    end
    local all = autograd.vmap(function (v) return net:forward(v) end)(
      torch.ones(2, 100))
    assert.is_false(torch.equal(all[1], all[2]))
  end)
end)

describe('a class by hand in nn.transform', function ()
  local Scale, scale_parent = torch.class('noise.Scale', 'nn.Module', own)
  function Scale:__init (n)
    scale_parent.__init(self)
    self.weight, self.gradWeight = torch.ones(n), torch.zeros(n)
  end
  function Scale:updateOutput (input)
    self.output = torch.cmul(input, self.weight:expandAs(input))
    return self.output
  end
  function Scale:updateGradInput (input, g)
    self.gradInput = torch.cmul(g, self.weight:expandAs(input))
    return self.gradInput
  end
  function Scale:accGradParameters (input, g, scale)
    self.gradWeight:add(scale or 1, torch.cmul(input, g):sum(1):view(-1))
  end

  it('gets its parameters', function ()
    local t = nn.without_apply_rng(nn.transform(function (v)
      return own.Scale(6)(v)
    end))
    local params = t.init(random.key(0), x)
    assert.same({6}, params.scale.weight:size():totable())
    params.scale.weight:fill(2)
    assert.tensor_equal(x * 2, t.apply(params, x))
    local g = autograd.grad(function (p) return t.apply(p, x):sum() end)(params)
    assert.tensor_near(x:sum(1):view(-1), g.scale.weight, 1e-6)
  end)

  it('is refused with modules in it', function ()
    local t = nn.transform(function (v)
      return own.Sequential(nn.Linear(2))(v)
    end)
    local ok, message = pcall(t.init, random.key(0), x)
    assert.is_false(ok)
    assert.truthy(message:find('noise.Sequential: it is written with '
                               .. 'updateOutput and holds other modules', 1,
                               true), message)
  end)
end)
