-- optim.Logger and optim.ConfusionMatrix.

local torch = require 'torch'
local optim = require 'optim'
require 'nnlua.busted'

describe('optim.Logger', function ()
  it('writes columns in order', function ()
    local name = os.tmpname()
    local log = optim.Logger(name)
    log:setNames {'loss', 'accuracy'}
    log:add {0.5, 0.25}
    log:add {accuracy = 0.75, loss = 0.125}
    log:close()
    local text = io.open(name):read 'a'
    os.remove(name)
    assert.equal('loss\taccuracy\n 5.0000e-01\t 2.5000e-01\n'
                 .. ' 1.2500e-01\t 7.5000e-01\n', text)
    assert.same({{0.5, 0.125}, {0.25, 0.75}}, log.symbols)
    log = optim.Logger()
    log:add {b = 1, a = 2}
    assert.same({'a', 'b'}, log.names)
  end)

  it('tells of files that it can not write, and of values', function ()
    local ok, text = pcall(optim.Logger, '/nowhere/x.log')
    assert.is_false(ok)
    assert.is_truthy(text:find('/nowhere/x.log', 1, true))
    local log = optim.Logger()
    log:setNames {'loss'}
    ok, text = pcall(log.add, log, {{}})
    assert.is_false(ok)
    assert.equal('optim.Logger: add: a number or a string for loss '
                 .. 'expected, got a table of 0',
                 (text:gsub('^[^:]*:%d+: ', '')))
  end)
end)

describe('optim.ConfusionMatrix', function ()
  it('counts', function ()
    local c = optim.ConfusionMatrix {'cat', 'dog', 'cow'}
    c:add(1, 1)
    c:add(torch.tensor {0.1, 0.7, 0.2}, 1)
    c:batchAdd(torch.tensor {{0, 1, 0}, {0, 0, 1}, {1, 0, 0}},
               torch.LongTensor {2, 3, 3})
    assert.tensor_equal(torch.LongTensor {{1, 1, 0}, {0, 1, 0}, {1, 0, 1}},
                        c.mat)
    c:updateValids()
    assert.near(3 / 5, c.totalValid, 1e-12)
    assert.tensor_near({0.5, 1, 0.5}, c.valids:float())
    assert.near(2 / 3, c.averageValid, 1e-12)
    assert.near((1 / 3 + 1 / 2 + 1 / 2) / 3, c.averageUnionValid, 1e-12)
    assert.equal([==[
ConfusionMatrix:
[[       1       1       0]   50.000% 	[class: cat]
 [       0       1       0]   100.000% 	[class: dog]
 [       1       0       1]]  50.000% 	[class: cow]
 + average row correct: 66.6667%
 + average rowUcol correct (VOC measure): 44.4444%
 + global correct: 60%]==], tostring(c))
    c:zero()
    assert.equal(0, c.mat:sum())
  end)

  it('refuses other classes', function ()
    local c = optim.ConfusionMatrix(3)
    local ok, text = pcall(c.add, c, 4, 1)
    assert.is_false(ok)
    assert.equal('optim.ConfusionMatrix: prediction: a class 1..3 expected, '
                 .. 'got the number 4', (text:gsub('^[^:]*:%d+: ', '')))
  end)
end)
