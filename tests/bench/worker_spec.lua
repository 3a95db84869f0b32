-- The benchmark's contestants: processes that answer, and those that don't.
local worker = dofile 'bench/worker.lua'

describe('a contestant', function ()
  local log
  before_each(function () log = os.tmpname() end)
  after_each(function () os.remove(log) end)

  it('answers', function ()
    local w = worker.start("sh -c 'while read x; do echo $x$x; done'", log)
    assert.equal('11', w:ask '1')
    assert.equal('22', w:ask '2')
    w:stop()
    assert.is_nil((w:ask '3'))
  end)

  it('that is missing is a message', function ()
    local w = worker.start('/nowhere/python work.py', log)
    for _ = 1, 3 do -- a line to nobody would end this process
      local answer, why = w:ask 'work'
      assert.is_nil(answer)
      assert.equal('error: the program ended with code 127, see ' .. log, why)
    end
    w:stop()
    local file = assert(io.open(log))
    assert.is_truthy(file:read 'a':find('/nowhere/python', 1, true))
    file:close()
  end)

  it('that is missing stops while a later one goes on', function ()
    local missing = worker.start('/nowhere/python work.py', log)
    local other = worker.start("sh -c 'while read x; do echo $x; done'", log)
    -- the other one holds the pipe open: the shell has to end by the word
    missing.works:write 'quit\n'
    assert.is_truthy(missing.answers:read 'a':find('code 127', 1, true))
    assert.equal('1', other:ask '1')
    other:stop()
  end)

  it('that ends too early is one too', function ()
    local w = worker.start("sh -c 'read x; echo 1.5; read x; exit 3'", log)
    assert.equal('1.5', w:ask 'work')
    for _ = 1, 3 do
      local answer, why = w:ask 'work'
      assert.is_nil(answer)
      assert.equal('error: the program ended with code 3, see ' .. log, why)
    end
    w:stop()
  end)
end)
