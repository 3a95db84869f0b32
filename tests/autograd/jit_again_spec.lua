-- Calls of jitted functions that compile anew: which do, and that it is said.
require 'nnlua.busted'
local torch = require 'torch'
local autograd = require 'autograd'
local optim = require 'optim'

local x = torch.ones(3)

-- f's counts after `call` was called with 1..n
local function after (n, f, call)
  for i = 1, n do call(i) end
  return autograd.jit_info(f)
end

local function compiles (info, n, replays, why)
  assert.equal(n, info.captures)
  assert.equal(replays, info.replays)
  if why then
    assert.truthy(info.anew and info.anew:find(why, 1, true),
                  tostring(info.anew))
  else
    assert.is_nil(info.anew)
  end
end

describe('a traced value in a field', function ()
  it('is data where the function puts it there', function ()
    local config = {}
    local f = autograd.jit(function (v, rate)
      config.rate = rate
      return v * autograd.static(config, 'rate')
    end)
    local out = {}
    compiles(after(6, f, function (i) out[i] = f(x, i / 2) end), 2, 4)
    for i = 1, 6 do assert.tensor_equal(x * (i / 2), out[i]) end
  end)

  it('is data as the learning rate of an optimizer', function ()
    for _, name in ipairs {'sgd', 'adam', 'rmsprop', 'adagrad'} do
      local config, state = {}, {}
      local w = torch.ones(3)
      local f = autograd.jit(function (rate)
        config.learningRate = rate
        optim[name](function (v) return torch.dot(v, v), v * 2 end, w, config,
                    state)
      end)
      local other, mine = torch.ones(3), {}
      compiles(after(5, f, function (i)
        f(i / 100)
        optim[name](function (v) return torch.dot(v, v), v * 2 end, other,
                    {learningRate = i / 100}, mine)
        assert.tensor_equal(other, w)
      end), 2, 3)
    end
  end)

  it('is data in a nested function too, and guards the inner one', function ()
    local config = {}
    local inner = autograd.jit(function (v)
      return v * autograd.static(config, 'rate')
    end)
    local f = autograd.jit(function (v, rate)
      config.rate = rate
      return inner(v) + 1
    end)
    local out = {}
    compiles(after(6, f, function (i) out[i] = f(x, i / 2) end), 2, 4)
    for i = 1, 6 do assert.tensor_equal(x * (i / 2) + 1, out[i]) end
  end)

  it('is data under grad within', function ()
    local config = {}
    local f = autograd.jit(function (v, rate)
      return (autograd.grad(function (u)
        config.rate = u:sum() * rate
        return (u * autograd.static(config, 'rate')):sum()
      end)(v))
    end)
    local out = {}
    compiles(after(5, f, function (i) out[i] = f(x, i + 0.0) end), 2, 3)
    for i = 1, 5 do assert.tensor_equal(x * 6 * i, out[i]) end
  end)

  it('guards when it was put there before', function ()
    local config = {rate = 2}
    local f = autograd.jit(function (v)
      return v * autograd.static(config, 'rate')
    end)
    for _ = 1, 3 do assert.tensor_equal(x * 2, f(x)) end
    config.rate = 3
    for _ = 1, 3 do assert.tensor_equal(x * 3, f(x)) end
    compiles(autograd.jit_info(f), 4, 2,
             "the field 'rate', read through autograd.static, holds number 3 "
             .. 'now and held number 2')
  end)
end)

describe('why a function is compiled anew:', function ()
  it('an integer argument', function ()
    local f = autograd.jit(function (v, i) return v * i end)
    compiles(after(3, f, function (i) f(x, i) end), 3, 0,
             'argument #2 is 3 now and was 2; integers are part of what is '
             .. 'compiled. Pass it as a float')
    f = autograd.jit(function (v, o) return v * o.step end)
    compiles(after(3, f, function (i) f(x, {step = i, a = {}}) end), 3, 0,
             "the field 'step' of argument #2 is 3 now and was 2")
    f = autograd.jit(function (v, o) return v * o[1][2] end)
    compiles(after(3, f, function (i) f(x, {{2.5, i}}) end), 3, 0,
             'a part of argument #2 is 3 now and was 2')
  end)

  it('numbers and strings', function ()
    local n = 0
    local f = autograd.jit(function (v) return v * n end)
    compiles(after(3, f, function (i) n = i f(x) end), 3, 0,
             "its upvalue 'n' is 3 now and was 2")
    compiles(after(3, f, function (i) n = i + 0.5 f(x) end), 6, 0,
             "its upvalue 'n' is 3.5 now and was 2.5")
    local s = ''
    f = autograd.jit(function (v) return v * #s end)
    compiles(after(3, f, function (i) s = 'a' .. i f(x) end), 3, 0,
             "its upvalue 's' is 'a3' now and was 'a2'")
    f = autograd.jit(function (v, name) return v * #name end)
    compiles(after(3, f, function (i) f(x, 'b' .. i) end), 3, 0,
             "argument #2 is 'b3' now and was 'b2'")
  end)

  it('functions, tables and tensors of their own', function ()
    local g
    local f = autograd.jit(function (v) return g(v) end)
    compiles(after(3, f, function (i)
      g = function (v) return v * i end
      f(x)
    end), 3, 0, "its upvalue 'g' is another function, table or object")
    f = autograd.jit(function (v, h) return h(v) end)
    compiles(after(3, f, function (i)
      f(x, function (v) return v * i end)
    end), 3, 0, 'argument #2 is another function')
    local w = torch.ones(3)
    f = autograd.jit(function (v) return v * w end)
    compiles(after(3, f, function () w = w * 2 f(x) end), 3, 0,
             "its upvalue 'w' is another tensor than it was")
  end)

  it('not shapes, dtypes and modes', function ()
    local f = autograd.jit(function (v) return v * 2 end)
    compiles(after(4, f, function (i) f(torch.ones(i)) end), 4, 0)
    f = autograd.jit(function (v) return v * 2 end)
    compiles(after(4, f, function (i)
      f(i % 2 == 0 and x or x:double())
    end), 4, 0)
  end)
end)

describe('the log', function ()
  -- what the code writes to stderr under the program
  local function log (code)
    local name = os.tmpname()
    local file = assert(io.open(name, 'w'))
    file:write("local torch, autograd = require 'torch', require 'autograd'\n",
               'local x = torch.ones(3)\n', code)
    file:close()
    local program = os.getenv 'NNLUA_PROGRAM' or 'build/nnlua'
    local pipe = assert(io.popen(("'%s' %s 2>&1"):format(program, name)))
    local text = pipe:read 'a'
    assert(pipe:close(), text)
    os.remove(name)
    return (text:gsub(name:gsub('%p', '%%%0'), 'script'))
  end

  it('says so once for a function', function ()
    assert.equal('nnlua: jit: the function of script:3 was compiled for 11 '
      .. 'signatures in 11 calls: argument #2 is 11 now and was 10; integers '
      .. 'are part of what is compiled. Pass it as a float (an argument), or '
      .. 'as a tensor (said once)\n', log [[
local f = autograd.jit(function (v, i) return v * i end)
for i = 1, 40 do f(x, i) end]])
  end)

  it('is silent where replays are the rule', function ()
    assert.equal('', log [[
local rate
local f = autograd.jit(function (v) return v * rate end)
for i = 1, 300 do rate = (i // 20) / 10 f(x) end
for _ = 1, 3 do for i = 1, 20 do f(torch.ones(i)) end end]])
  end)

  it('says that the cache is full', function ()
    assert.equal('nnlua: jit: the function of script:3 was compiled for 257 '
      .. 'signatures in 257 calls: its arguments have ever other shapes: pad '
      .. 'them to a few. Its compiled forms are forgotten now (said once)\n',
      log [[
local f = autograd.jit(function (v) return v * 2 end)
for i = 1, 600 do f(torch.ones(i)) end]])
  end)

  it('says that functions are made anew and never replayed', function ()
    assert.equal('nnlua: jit: the function of script:4 was made and compiled '
      .. 'anew 20 times, and never replayed. Call autograd.jit once, outside '
      .. 'of the loop, and keep what it returns\n', log [[
for i = 1, 50 do
  autograd.jit(function (v) return v * i end)(x)
end
for i = 1, 50 do
  local f = autograd.jit(function (v) return v * i end)
  for _ = 1, 3 do f(x) end
end]])
  end)
end)
