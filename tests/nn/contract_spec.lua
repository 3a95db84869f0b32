-- nn.Module's contract: classes as Torch7's users write them work unchanged in
-- every container and under every transform.  Each is compared with its twin
-- that says only compute.
require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
package.path = 'tests/nn/?.lua;' .. package.path
local C = require 'contract_classes'

local N = 4 -- columns of every input

-- a module of tables between tensors
local function between (m)
  return nn.Sequential(nn.ConcatTable(nn.Identity(), nn.MulConstant(0.5)), m,
                       nn.CAddTable())
end

-- name -> maker of the module, and of its twin
local classes = {
  {'parameters and a buffer', function () return C.Scale(N) end,
   function () return C.NewScale(N) end},
  {'tables', function () return between(C.Pair()) end,
   function () return between(C.NewPair()) end},
  {'no state', function () return C.Cube() end,
   function () return C.NewCube() end},
}

local function graph (m)
  local x, y = nn.Identity()(), nn.Identity()()
  local h = m()(x) -- shared by both outputs
  return nn.gModule({x, y}, {nn.CAddTable()({h, m()(y)}), nn.Tanh()(h)})
end

local function rows (...) return torch.randn(...):double() end

-- name -> the container around what make() gives, and an input
local containers = {
  {'Sequential', function (m) return nn.Sequential(m(), nn.Linear(N, N), m())
   end, function () return rows(3, N) end},
  {'Concat', function (m) return nn.Concat(2, m(), nn.Tanh(), m()) end,
   function () return rows(3, N) end},
  {'Parallel', function (m) return nn.Parallel(2, 1, m(), m()) end,
   function () return rows(3, 2, N) end},
  {'DepthConcat', function (m)
    return nn.DepthConcat(1, m(), nn.Sequential(m(), nn.Narrow(2, 2, 2)))
  end, function () return rows(3, N) end},
  {'ConcatTable', function (m) return nn.ConcatTable(m(), m()) end,
   function () return rows(3, N) end},
  {'ParallelTable', function (m)
    return nn.ParallelTable(m(), nn.Sequential(m(), nn.Linear(N, 2)))
  end, function () return {rows(3, N), rows(2, N)} end},
  {'MapTable', function (m) return nn.MapTable(m()) end,
   function () return {rows(3, N), rows(2, N), rows(1, N)} end},
  {'Bottle', function (m) return nn.Bottle(m()) end,
   function () return rows(2, 3, N) end},
  {'Decorator', function (m) return nn.Decorator(m()) end,
   function () return rows(3, N) end},
  {'gModule', graph, function () return {rows(3, N), rows(3, N)} end},
  {'nested', function (m)
    return nn.Sequential(
      nn.ConcatTable(nn.Sequential(m(), nn.Decorator(nn.Bottle(m()))), m()),
      nn.MapTable(nn.Sequential(m(), nn.Linear(N, N))), nn.JoinTable(2))
  end, function () return rows(3, N) end},
}

-- ---- tensors and tables of them ----

local function near (want, got, what)
  if torch.isTensor(want) then
    assert.tensor_near(want, got, {atol = 1e-10, rtol = 1e-10}, what)
    return
  end
  assert.equal(#want, #got, what)
  for i, v in ipairs(want) do near(v, got[i], what) end
end

local function copy (x)
  if torch.isTensor(x) then return x:clone() end
  local out = {}
  for i, v in ipairs(x) do out[i] = copy(v) end
  return out
end

local function like (x)
  if torch.isTensor(x) then return rows(x:size()) end
  local out = {}
  for i, v in ipairs(x) do out[i] = like(v) end
  return out
end

-- a number of the outputs that has second derivatives
local function score (y)
  if torch.isTensor(y) then return torch.cmul(torch.sin(y), y):sum() end
  local sum = 0
  for i, v in ipairs(y) do sum = sum + i * score(v) end
  return sum
end

-- The net of Torch7's classes, that of their twins, with equal parameters.
local function pair (class, container)
  torch.manualSeed(11)
  local old = container[2](class[2]):double()
  local new = container[2](class[3]):double()
  local p, q = old:parameters(), new:parameters()
  assert.equal(#(q or {}), #(p or {}))
  for i, w in ipairs(p or {}) do q[i]:copy(w) end
  old:zeroGradParameters()
  new:zeroGradParameters()
  return old, new, container[3]()
end

local function grads_of (net)
  local _, g = net:parameters()
  return g or {}
end

-- ---- checks, each of (old, new, x) ----

local checks = {}

function checks.forward_and_backward (old, new, x)
  for _ = 1, 2 do -- buffers are there the second time
    near(new:forward(x), old:forward(x))
    local g = like(new:forward(x))
    near(copy(new:backward(x, g)), old:backward(x, g))
    near(copy(new:backward(x, g, 0.5)), old:backward(x, g, 0.5))
    near(grads_of(new), grads_of(old))
    x = copy(x)
  end
end

checks['updateGradInput_and_accGradParameters'] = function (old, new, x)
  near(new:forward(x), old:forward(x))
  local g = like(new:forward(x))
  near(copy(new:updateGradInput(x, g)), old:updateGradInput(x, g))
  new:accGradParameters(x, g, 2)
  old:accGradParameters(x, g, 2)
  near(grads_of(new), grads_of(old))
end

checks['zeroGradParameters_and_updateParameters'] = function (old, new, x)
  for _, net in ipairs {old, new} do
    torch.manualSeed(5)
    local g = like(net:forward(x))
    net:backward(x, g)
    net:updateParameters(0.1)
    net:zeroGradParameters()
    for _, t in ipairs(grads_of(net)) do assert.equal(0, t:norm()) end
  end
  near(new:parameters() or {}, old:parameters() or {})
end

function checks.getParameters (old, new, x)
  if #(old:parameters() or {}) == 0 then
    assert.equal(0, old:getParameters():nElement())
    return
  end
  local w, dw = old:getParameters()
  local w2, dw2 = old:getParameters()
  assert.is_true(rawequal(w, w2) and rawequal(dw, dw2))
  local v, dv = new:getParameters()
  near(v, w)
  near(new:forward(x), old:forward(x))
  local g = like(new:forward(x))
  new:backward(x, g)
  old:backward(x, g)
  near(dv, dw)
  w:mul(0.5)
  v:mul(0.5)
  near(new:forward(x), old:forward(x))
end

function checks.clone_and_share (old, new, x)
  local y = copy(old:forward(x))
  local twin = old:clone()
  near(y, twin:forward(x))
  for _, p in ipairs(twin:parameters() or {}) do p:add(0.25) end
  near(y, old:forward(x)) -- on its own
  local tied = old:clone('weight', 'bias', 'v', 'g')
  for _, net in ipairs {old, new} do
    for _, p in ipairs(net:parameters() or {}) do p:add(0.25) end
  end
  near(copy(new:forward(x)), tied:forward(x))
  twin:share(old, 'weight', 'bias', 'v', 'g')
  near(tied:forward(x), twin:forward(x))
end

checks['apply_training_evaluate'] = function (old, new, x)
  local n = {old = 0, new = 0}
  old:apply(function () n.old = n.old + 1 end)
  new:apply(function () n.new = n.new + 1 end)
  assert.equal(n.new, n.old)
  old:evaluate()
  new:evaluate()
  old:apply(function (m) assert.is_false(m.train) end)
  near(copy(new:forward(x)), old:forward(x))
  local g = like(new:forward(x))
  near(copy(new:backward(x, g)), old:backward(x, g)) -- in evaluate() too
  old:training()
  old:apply(function (m) assert.is_true(m.train) end)
  near(copy(new:forward(x)), old:forward(x))
end

function checks.save_and_load (old, new, x)
  local path = os.tmpname()
  old:forward(x)
  torch.save(path, old)
  local back = torch.load(path)
  os.remove(path)
  near(copy(new:forward(x)), back:forward(x))
  local g = like(new:forward(x))
  near(copy(new:backward(x, g)), back:backward(x, g))
  near(grads_of(new), grads_of(back))
  local text = torch.serialize(old:clearState())
  near(copy(new:forward(x)), torch.deserialize(text):forward(x))
end

-- ---- transforms ----

-- losses and gradients of both nets by `transform` of (params, x)
local function functions (old, new)
  local f, p = autograd.functionalize(old)
  local h, q = autograd.functionalize(new)
  return f, p, h, q
end

local function leaves (t) return autograd.tree.leaves(t) end

local function near_trees (want, got) near(leaves(want), leaves(got)) end

function checks.functionalize_and_grad (old, new, x)
  local f, p, h, q = functions(old, new)
  near(h(q, x), f(p, x))
  local function gradient (run, params)
    return (autograd.grad(function (w, v) return score(run(w, v)) end,
                          {argnums = {1, 2}})(params, x))
  end
  near_trees(gradient(h, q), gradient(f, p))
  for _, g in ipairs(grads_of(old)) do assert.equal(0, g:norm()) end
end

function checks.grad_through_the_closure (old, new, x)
  local function gradient (net)
    return (autograd.grad(function (v) return score(net:forward(v)) end)(x))
  end
  near_trees(gradient(new), gradient(old))
end

function checks.jit (old, new, x)
  local function both (net)
    return autograd.jit(function (v) return net:forward(v) end)
  end
  local f, want = both(old), new:forward(x)
  for _ = 1, 3 do near(copy(want), f(x)) end
  local y = copy(x)
  y = torch.isTensor(y) and y:mul(0.5) or y
  near(copy(new:forward(y)), f(y))
end

function checks.jit_of_grad (old, new, x)
  local f, p, h, q = functions(old, new)
  local function gradient (run)
    return function (w, v)
      return (autograd.grad(function (u, z) return score(run(u, z)) end,
                            {argnums = {1, 2}})(w, v))
    end
  end
  local want, g = gradient(h)(q, x), autograd.jit(gradient(f))
  for _ = 1, 3 do near_trees(want, g(p, x)) end
end

function checks.grad_of_jit (old, new, x)
  local j = autograd.jit(function (v) return score(old:forward(v)) end)
  local want = autograd.grad(function (v) return score(new:forward(v)) end)(x)
  for _ = 1, 3 do near_trees(want, (autograd.grad(j)(x))) end
end

local function stacked (x)
  return autograd.tree.map(function (t)
    return torch.stack({t, t * 0.5, t - 1}, 1)
  end, x)
end

function checks.vmap (old, new, x)
  local many = stacked(x)
  near_trees(autograd.vmap(function (v) return new:forward(v) end)(many),
             autograd.vmap(function (v) return old:forward(v) end)(many))
end

function checks.vmap_of_grad (old, new, x)
  local function gradients (net)
    local f, p = autograd.functionalize(net)
    local g = autograd.grad(function (w, v) return score(f(w, v)) end,
                            {argnums = {1, 2}})
    return autograd.vmap(function (v) return (g(p, v)) end)(stacked(x))
  end
  near_trees(gradients(new), gradients(old))
end

function checks.jvp (old, new, x)
  local t = like(x)
  local function derivative (net)
    local _, dy = autograd.jvp(function (v) return net:forward(v) end, {x},
                               {t})
    return dy
  end
  near_trees(derivative(new), derivative(old))
end

function checks.second_derivatives (old, new, x)
  local t = like(x)
  local function second (net)
    local first = autograd.grad(function (v) return score(net:forward(v)) end)
    return (autograd.grad(function (v)
      local g, sum = leaves(first(v)), 0
      for i, d in ipairs(leaves(t)) do
        sum = sum + torch.cmul(g[i], d):sum()
      end
      return sum
    end)(x))
  end
  near_trees(second(new), second(old))
end

local names = {}
for name in pairs(checks) do names[#names + 1] = name end
table.sort(names)

for _, class in ipairs(classes) do
  for _, container in ipairs(containers) do
    describe(class[1] .. ' in ' .. container[1] .. ':', function ()
      for _, name in ipairs(names) do
        it((name:gsub('_', ' ')), function ()
          checks[name](pair(class, container))
        end)
      end
    end)
  end
end

-- WeightNorm takes a module with a weight
describe('a class with parameters in WeightNorm:', function ()
  for _, name in ipairs(names) do
    it((name:gsub('_', ' ')), function ()
      checks[name](pair(classes[1], {'WeightNorm', function (m)
        return nn.WeightNorm(m())
      end, function () return rows(3, N) end}))
    end)
  end
end)

-- ---- what else Torch7's users write ----

local P = {}

-- parameters under other names, one of them in a table
local Named, named_parent = torch.class('contract.Named', 'nn.Module', P)

function Named:__init (n)
  named_parent.__init(self)
  self.alpha, self.dAlpha = torch.rand(n), torch.zeros(n)
  self.more, self.dMore = {torch.rand(n)}, {torch.zeros(n)}
end

function Named:parameters ()
  return {self.alpha, self.more[1]}, {self.dAlpha, self.dMore[1]}
end

function Named:updateOutput (input)
  self.output:resizeAs(input):copy(input):cmul(self.alpha:view(1, -1)
                                               :expandAs(input))
  self.output:add(self.more[1]:view(1, -1):expandAs(input))
  return self.output
end

function Named:updateGradInput (input, gradOutput)
  self.gradInput:resizeAs(input):copy(gradOutput)
  self.gradInput:cmul(self.alpha:view(1, -1):expandAs(input))
  return self.gradInput
end

function Named:accGradParameters (input, gradOutput, scale)
  self.dAlpha:add(scale, torch.cmul(input, gradOutput):sum(1):view(-1))
  self.dMore[1]:add(scale, gradOutput:sum(1):view(-1))
end

-- a container by hand
local Residual, residual_parent = torch.class('contract.Residual',
                                              'nn.Module', P)

function Residual:__init (inner)
  residual_parent.__init(self)
  self.inner = inner
end

function Residual:updateOutput (input)
  self.output:resizeAs(input):add(input, self.inner:updateOutput(input))
  return self.output
end

function Residual:updateGradInput (input, gradOutput)
  local g = self.inner:updateGradInput(input, gradOutput)
  self.gradInput:resizeAs(input):add(gradOutput, g)
  return self.gradInput
end

function Residual:accGradParameters (input, gradOutput, scale)
  self.inner:accGradParameters(input, gradOutput, scale)
end

-- noise that backward needs
local Mask, mask_parent = torch.class('contract.Mask', 'nn.Module', P)

function Mask:__init ()
  mask_parent.__init(self)
  self.noise = torch.Tensor()
end

function Mask:updateOutput (input)
  self.output:resizeAs(input):copy(input)
  if self.train then
    self.noise:resizeAs(input):bernoulli(0.5)
    self.output:cmul(self.noise)
  end
  return self.output
end

function Mask:updateGradInput (_, gradOutput)
  self.gradInput:resizeAs(gradOutput):copy(gradOutput)
  if self.train then self.gradInput:cmul(self.noise) end
  return self.gradInput
end

describe('a class that overrides parameters', function ()
  local function twin (m, x)
    return torch.cmul(x, m.alpha:view(1, -1):expandAs(x))
           + m.more[1]:view(1, -1):expandAs(x)
  end

  it('has gradients, in a container and by transforms', function ()
    local m = P.Named(N)
    local net, x = nn.Sequential(m, nn.Tanh()):double(), rows(3, N)
    assert.near(0, (torch.tanh(twin(m, x)) - net:forward(x)):norm(), 1e-12)
    local g = rows(3, N)
    net:backward(x, g)
    local f, p = autograd.functionalize(net)
    local d = autograd.grad(function (w)
      return torch.cmul(f(w, x), g):sum()
    end)(p)
    local by_hand = leaves(d)
    near({m.dAlpha, m.dMore[1]}, by_hand)
    local w, dw = net:getParameters()
    assert.equal(2 * N, w:nElement())
    assert.near(dw:norm()^2, m.dAlpha:norm()^2 + m.dMore[1]:norm()^2, 1e-9)
    w:fill(2)
    assert.tensor_near(torch.tanh(x * 2 + 2), net:forward(x), 1e-12)
    assert.tensor_near(torch.tanh(x * 2 + 2), autograd.jit(function (v)
      return net:forward(v)
    end)(x), 1e-12)
  end)

  it('has accUpdateGradParameters', function ()
    local a = P.Named(N):double()
    local b, x, g = a:clone(), rows(3, N), rows(3, N)
    a:forward(x)
    a:backward(x, g)
    a:updateParameters(0.1)
    b:forward(x)
    b:updateGradInput(x, g)
    b:accUpdateGradParameters(x, g, 0.1)
    near(a:parameters(), b:parameters())
    assert.equal(0, b.dAlpha:norm())
  end)
end)

describe('a container written by hand', function ()
  local function nets ()
    torch.manualSeed(4)
    local inner = nn.Sequential(nn.Linear(N, N), C.Scale(N), nn.Tanh())
    local old = nn.Sequential(P.Residual(inner)):double()
    local same = old:get(1).inner:clone()
    return old, nn.Sequential(nn.ConcatTable(nn.Identity(), same),
                              nn.CAddTable()):double(), rows(3, N)
  end
  for _, name in ipairs(names) do
    if not name:find 'apply' then -- it has fewer modules than its twin
      it((name:gsub('_', ' ')), function () checks[name](nets()) end)
    end
  end
end)

describe('noise in a buffer', function ()
  it('is the same in forward and backward, under every transform',
     function ()
    local m, x = P.Mask(), rows(20, N)
    local function both (v)
      local g, _, y = autograd.grad(function (u)
        local out = m:forward(u)
        return out:sum(), out
      end)(v)
      return g, y
    end
    for _, f in ipairs {both, autograd.jit(both)} do
      for _ = 1, 3 do
        local g, y = f(x)
        assert.tensor_near(torch.cmul(g, x), y, 1e-12)
        assert.is_true(g:sum() > 10 and g:sum() < 70) -- of 80
      end
    end
    local g, y = autograd.vmap(both)(torch.stack {x, x, x})
    assert.tensor_near(torch.cmul(g, torch.stack {x, x, x}), y, 1e-12)
    assert.is_true((g[1] - g[2]):norm() > 0) -- each draws its own
    m:evaluate()
    assert.tensor_near(torch.ones(20, N):double(), (both(x)))
  end)
end)
