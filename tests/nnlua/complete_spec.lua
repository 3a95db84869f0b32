-- What Tab offers at the prompt.
require 'torch'
local complete = require 'nnlua.complete'

local function has (word, ...)
  local list = complete(word)
  local all = {}
  for _, v in ipairs(list) do
    assert.equal(word, v:sub(1, #word))
    assert.is_nil(all[v])
    all[v] = true
  end
  for _, name in ipairs {...} do assert.is_true(all[name], name) end
  for i = 2, #list do assert.is_true(list[i - 1] < list[i]) end
end

describe('completion', function ()
  before_each(function ()
    rawset(_G, 'some_net', require 'nn'.Sequential())
    rawset(_G, 'some_tensor', require 'torch'.zeros(2))
    rawset(_G, 'some_table', {inner = {one = 1, two = 2, _hidden = 3}, [1] = 2})
  end)
  after_each(function ()
    for _, name in ipairs {'some_net', 'some_tensor', 'some_table'} do
      rawset(_G, name, nil)
    end
  end)

  it('of globals and words of Lua', function ()
    has('func', 'function')
    has('some_', 'some_net', 'some_tensor', 'some_table')
    has('pri', 'print')
    has('', 'torch', 'autograd', 'while')
  end)

  it('of fields, methods and what is not loaded yet', function ()
    has('some_table.inner.', 'some_table.inner.one', 'some_table.inner.two')
    assert.same({'some_table.inner.one'}, complete 'some_table.inner.o')
    has('some_net:for', 'some_net:forward')
    has('some_tensor:nar', 'some_tensor:narrow')
    rawset(_G, 'torch', require 'torch')
    rawset(_G, 'nn', require 'nn')
    has('torch.ran', 'torch.randn', 'torch.range')
    has('nn.Log', 'nn.LogSoftMax')
    has('nn.Spatial', 'nn.SpatialConvolution')
  end)

  it('of nothing where there is nothing, without an error', function ()
    for _, word in ipairs {'some_table.none.x', 'no_such.', 'some_table.1',
                           '..', ':', 'a.b:c.d', '1.', 'some_tensor.x.y.z'} do
      assert.same({}, complete(word))
    end
    local called = false
    local bad = setmetatable({}, {__index = function () called = true end})
    rawset(_G, 'some_table', bad)
    assert.same({}, complete 'some_table.x.y')
    assert.is_false(called)
  end)
end)
