-- The reference values of tests/golden/transforms.lua: every derivative and
-- composition that JAX computed.
require 'nnlua.busted'
local torch = require 'torch'
local autograd = require 'autograd'
local golden = dofile 'tests/golden/transforms.lua'
local ops = dofile 'tests/autograd/golden_ops.lua'
local compositions = dofile 'tests/autograd/golden_compositions.lua'
for name, f in pairs(dofile 'tests/autograd/golden_rules.lua') do
  compositions[name] = f
end

-- a few elements near saturation lose digits to cancellation in both
local RTOL = 1e-11

local function is_array (t) return type(t) == 'table' and t.dtype ~= nil end

local function tensor (t)
  if not is_array(t) then
    if type(t) ~= 'table' then return t end
    local tree = {}
    for k, v in pairs(t) do tree[k] = tensor(v) end
    return tree
  end
  if #t.shape == 0 then return t.data[1] end
  return torch.tensor(t.data, t.dtype):view(torch.LongStorage(t.shape))
end

local function largest (t)
  local m = 0
  for _, v in ipairs(t.data) do
    if type(v) == 'number' and math.abs(v) < math.huge then
      m = math.max(m, math.abs(v))
    end
  end
  return m
end

-- every array of want in got; what else got has is no matter
local function near (want, got, path)
  if type(want) ~= 'table' then return assert.equal(want, got, path) end
  if not is_array(want) then
    assert.equal('table', type(got), path)
    for k, v in pairs(want) do near(v, got[k], path .. '.' .. k) end
    return
  end
  assert.is_true(got ~= nil, path .. ' is missing')
  if type(got) == 'number' then got = torch.tensor({got}, 'float64')
  elseif #want.shape > 0 then assert.same(want.shape, got:size():totable())
  end
  assert.tensor_near(torch.tensor(want.data, want.dtype):double(),
                     got:double():contiguous():view(-1),
                     {rtol = RTOL, atol = 1e-13 * largest(want)})
end

local run = {}

function run.derivative (case, name)
  local f, g, vmap = ops.elementwise[name], autograd.grad, autograd.vmap
  if f then
    local x = tensor(case.inp.x)
    return {y = f(x), d1 = vmap(g(f))(x), d2 = vmap(g(g(f)))(x)}
  end
  f = assert(ops.binary[name], name)
  local x, y = tensor(case.inp.x), tensor(case.inp.y)
  local function by (h, i) return g(h, {argnums = i}) end
  local function at (h) return (vmap(h)(x, y)) end
  return {z = vmap(f)(x, y), dx = at(by(f, 1)), dy = at(by(f, 2)),
          dxx = at(by(by(f, 1), 1)), dxy = at(by(by(f, 1), 2)),
          dyy = at(by(by(f, 2), 2))}
end

function run.linearised (case, f)
  local free, fixed, tangent = {}, {}, {}
  for k, v in pairs(case.inp) do
    if case.inp.tangent[k] then free[k] = tensor(v)
    elseif k ~= 'ct' and k ~= 'tangent' then fixed[k] = tensor(v)
    end
  end
  for k, v in pairs(case.inp.tangent) do tangent[k] = tensor(v) end
  local function call (p)
    local all = {}
    for k, v in pairs(fixed) do all[k] = v end
    for k, v in pairs(p) do all[k] = v end
    return f(all)
  end
  local y, pull = autograd.vjp(call, free)
  local _, dy = autograd.jvp(call, {free}, {tangent})
  local ct = tensor(case.inp.ct)
  return {y = y, grad = pull(ct), jvp = dy}
end

-- what the case's function answers
local function answer (case)
  local family, name = case.name:match '^([^/]*)/?(.*)$'
  local f = ops.linearised[case.name]
  if family == 'derivative' then return run.derivative(case, name) end
  if f and case.inp.tangent then return run.linearised(case, f) end
  f = f or compositions[case.name]
  if f then return f(tensor(case.inp)) end
  f = assert(ops.at_a_point[name], 'no function for ' .. case.name)
  local g, y = autograd.grad(f)(tensor(case.inp.x))
  local chosen = ops.chosen[case.name]
  if chosen then
    assert.tensor_equal(torch.tensor(g) * 0 + chosen, torch.tensor(g))
    case.out.grad = nil
  end
  return {y = y, grad = g}
end

describe('golden transforms', function ()
  local default = torch.getdefaulttensortype()
  setup(function () torch.setdefaulttensortype 'torch.DoubleTensor' end)
  for _, case in ipairs(golden.cases) do
    it(case.name, function () near(case.out, answer(case), case.name) end)
    local f = compositions[case.name]
    if f then
      it(case.name .. ' under jit', function ()
        local jitted, inp = autograd.jit(f), tensor(case.inp)
        for _ = 1, 3 do near(case.out, jitted(inp), case.name) end
      end)
    end
  end
  teardown(function () torch.setdefaulttensortype(default) end)
end)
