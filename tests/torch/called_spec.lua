-- An error of an operation begins with the name that the script called,
-- whatever the operation is made of.
require 'nnlua.busted'
local torch = require 'torch'
local core = require 'nnlua.core'
local F = require 'nn.functional'

local a, b = torch.ones(2, 3), torch.ones(4, 5)
local v, n = torch.ones(7), torch.ones(3, 3):long()

-- of wrong sizes, dtypes and kinds
local wrong = {
  {a, b}, {a, v}, {a, b, v}, {a, v, b}, {a, b, b}, {a, 2, b, v}, {a, a, b},
  {a, 'x'}, {a, {}}, {a}, {a, n, v}, {n}, {a, 99}, {a, 99, 99}, {a:gt(0), b},
  {a, torch.ones(2, 3, 4), torch.ones(2, 3, 4)}, {b, b, b}, {v, v, v},
  {a, 1, b}, {a, 1, v:long()}, {torch.ones(2, 3, 4, 5), b},
}

local function run (code, x)
  local copy = {}
  for i, y in ipairs(x) do copy[i] = torch.isTensor(y) and y:clone() or y end
  local f = assert(load(code, '=script', 't', {torch = torch, F = F, x = copy,
                                               unpack = table.unpack}))
  local ok, text = pcall(f)
  return not ok and text:match '^[^\n]*'
end

-- How many errors there were; those that begin with other names.
local function others (code, wanted)
  local count, list = 0, {}
  for _, x in ipairs(wrong) do
    local text = run(code, x)
    if text then
      count = count + 1
      local start = 'script:1: ' .. wanted .. ':'
      if text:sub(1, #start) ~= start then list[#list + 1] = text end
    end
  end
  return count, list
end

local function all (functions, form, prefix)
  local count, list = 0, {}
  for name, f in pairs(functions) do
    if type(f) == 'function' then
      local n1, l = others(form:format(name), prefix .. name)
      count = count + n1
      table.move(l, 1, #l, #list + 1, list)
    end
  end
  return count, table.concat(list, '\n')
end

describe('the name in an error', function ()
  it('is that of the method', function ()
    local count, list = all(core.methods,
                            'local r = x[1]:%s(unpack(x, 2))', '')
    assert.equal('', list)
    assert.is_true(count > 500)
  end)

  it('is that of the function', function ()
    local functions = {}
    for name in pairs(core.methods) do functions[name] = torch[name] end
    local count, list = all(functions, 'local r = torch.%s(unpack(x))', '')
    assert.equal('', list)
    assert.is_true(count > 500)
  end)

  it('is that of a function of nn', function ()
    local functions = {}
    for _, name in ipairs {'elu', 'celu', 'hard_tanh', 'leaky_relu',
                           'threshold', 'softplus', 'soft_shrink', 'sqrt'} do
      functions[name] = F[name]
    end
    local count, list = all(functions, 'local r = F.%s(unpack(x))',
                            'nn.functional.')
    assert.equal('', list)
    assert.is_true(count > 30)
  end)

  it('is the operation itself where a script composes', function ()
    assert.equal("script:1: mul: can't broadcast [2 x 3] with [4 x 5]: sizes 2 "
                 .. 'and 4 at dimension 1',
                 run('local function f (p, q) local r = p:mul(q) return r end '
                     .. 'return f(unpack(x))', {a, b}))
  end)

  it('stays that of a transform', function ()
    local autograd = require 'autograd'
    local kept
    autograd.jit(function (z) kept = {z * 2} return z end)(a)
    local ok, message = pcall(function () return kept[1]:add(1) end)
    assert.is_false(ok)
    assert.truthy(message:find ': escaped tracer: ')
  end)
end)
