-- backward of every layer with something that is no gradient of its output: an
-- error that names the layer, what was expected and what came.

require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
package.path = 'tests/nn/?.lua;tests/?.lua;' .. package.path
local every = require 'every'

describe('gradients of the output that are none', function ()
  -- pass whatever has the right number of elements
  local flat = {Embedding = true, LookupTable = true}

  local names = {}
  for name in pairs(every.modules) do names[#names + 1] = name end
  table.sort(names)

  -- name -> gradOutput for an output
  local function wrong (name, output)
    local list = {['nil'] = false, text = 'one'}
    if not torch.isTensor(output) then
      list.tensor = torch.ones(2, 7):double()
      return list
    end
    list.table = {torch.ones(2)}
    for d = 1, output:dim() do
      local sizes = output:size():totable()
      sizes[d] = sizes[d] + 1
      list['more of ' .. d] = torch.ones(table.unpack(sizes)):double()
    end
    if output:dim() > 1 and not flat[name] then
      list.flat = torch.ones(output:nElement()):double()
    end
    return list
  end

  for _, name in ipairs(names) do
    it('nn.' .. name, function ()
      local m, x = every.modules[name]()
      m:double()
      for what, g in pairs(wrong(name, m:forward(x))) do
        m:forward(x)
        local ok, text = pcall(m.backward, m, x, g or nil)
        assert.is_false(ok, what)
        assert.is_truthy(text:find('nn%.%w+.*: backward: gradOutput.*expected, '
                                   .. 'like the output; got'), text)
      end
    end)
  end

  it('are found at their place in a network', function ()
    local net = nn.Sequential(nn.ConcatTable(nn.Linear(3, 2), nn.Tanh()))
    local x = torch.ones(4, 3)
    net:forward(x)
    local function text (g)
      return (select(2, pcall(net.backward, net, x, g)):gsub('^[^:]*:%d+: ',
                                                              ''))
    end
    assert.equal('nn.Linear #1 of ConcatTable #1 of Sequential: backward: '
                 .. 'gradOutput: [4 x 2] expected, like the output; got '
                 .. '[4 x 3]', text {x, x})
    assert.equal('nn.Tanh #2 of ConcatTable #1 of Sequential: backward: '
                 .. 'gradOutput: [4 x 3] expected, like the output; got nil',
                 text {torch.ones(4, 2)})
    assert.equal('nn.ConcatTable #1 of Sequential: backward: gradOutput: a '
                 .. 'table of 2 expected, like the output; got [4 x 3]',
                 text(x))
  end)

  it('are asked for after forward', function ()
    local x, net = torch.ones(2, 3), nn.Linear(3, 2)
    for _, c in ipairs {nn.Sequential(net, nn.Tanh()), nn.Concat(2, net, net),
                        nn.Sequential(net, nn.Tanh()):clone(),
                        nn.ConcatTable(net, net)} do
      local ok, text = pcall(c.backward, c, x, torch.ones(2, 2))
      assert.is_false(ok)
      assert.equal(torch.type(c) .. ': backward: forward has not run; call it '
                   .. 'first, with the same input',
                   (text:gsub('^[^:]*:%d+: ', '')))
    end
  end)
end)
