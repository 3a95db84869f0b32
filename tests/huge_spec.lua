-- No count in an argument makes a call build until memory ends: the calls of
-- tests/huge.lua in a process that may have 4 GiB.
local outside = dofile 'tests/nnlua/run.lua'

describe('counts of 2^40', function ()
  -- a sanitizer's shadow memory does not go with a limit
  it('are refused or cost nothing #release', function ()
    local out, err = outside.shell(('ulimit -v 4194304; %s tests/huge.lua')
                                   :format(outside.quote(outside.program)))
    assert.equal('', err)
    assert.equal('done\n', out)
  end)
end)
