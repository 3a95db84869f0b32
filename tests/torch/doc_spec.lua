-- Help has a text for every function of torch that is written in C, and none
-- for what is not there.
local torch = require 'torch'
local doc = require 'torch.doc'

describe('torch.doc', function ()
  it('knows every function in C', function ()
    for name, f in pairs(torch) do
      if type(f) == 'function' and debug.getinfo(f, 'S').what == 'C' then
        local text = doc['torch.' .. name]
        assert.is_string(text, 'no text for torch.' .. name)
        assert.matches('^torch%.' .. name .. '%(', text)
        assert.matches('\n  %S', text)
      end
    end
  end)

  it('knows nothing else', function ()
    for name in pairs(doc) do
      assert.is_not_nil(torch[name:match '^torch%.(.*)'], name)
    end
  end)
end)
