-- How tensors, storages and tables look when printed.
local torch = require 'torch'
local print_module = require 'torch.print'

local function lines (text)
  return (text:gsub('^\n', ''):gsub('\n +$', ''))
end

local function shows (want, x) assert.equal(lines(want), tostring(x)) end

describe('a tensor prints', function ()
  after_each(function () torch.setprintoptions {profile = 'default'} end)

  it('whole numbers without digits', function ()
    shows([=[
 1  2
 3  4
[torch.FloatTensor of size 2x2]]=], torch.tensor {{1, 2}, {3, 4}})
    shows('   1\n-200\n[torch.LongTensor of size 2]',
          torch.tensor({1, -200}, 'int64'))
    shows(' 0\n 0\n[torch.FloatTensor of size 2]', torch.zeros(2))
  end)
  it('with four digits', function ()
    shows(' 0.5000\n-0.2500\n[torch.FloatTensor of size 2]',
          torch.tensor {0.5, -0.25})
    shows(' 12.5000\n  1.0000\n[torch.DoubleTensor of size 2]',
          torch.tensor({12.5, 1}, 'float64'))
  end)
  it('with a scale or exponents', function ()
    shows('0.001 *\n 1.0000\n 2.5000\n[torch.DoubleTensor of size 2]',
          torch.tensor({0.001, 0.0025}, 'float64'))
    shows(' 1.0000e-05\n 1.0000e+05\n[torch.DoubleTensor of size 2]',
          torch.tensor({1e-5, 1e5}, 'float64'))
    shows(' 1.0000e+20\n[torch.DoubleTensor of size 1]',
          torch.tensor({1e20}, 'float64'))
    shows(' 1.0000e-300\n  1.0000e+00\n[torch.DoubleTensor of size 2]',
          torch.tensor({1e-300, 1}, 'float64'))
  end)
  it('with nan and inf', function ()
    shows(' nan\n inf\n-inf\n   1\n[torch.FloatTensor of size 4]',
          torch.tensor {0 / 0, 1 / 0, -1 / 0, 1})
    shows(' nan\n[torch.FloatTensor of size 1]', torch.tensor {0 / 0})
  end)
  it('booleans', function ()
    shows('  true\n false\n[torch.BoolTensor of size 2]',
          torch.tensor({true, false}, 'bool'))
    shows('  true  false\n false   true\n[torch.BoolTensor of size 2x2]',
          torch.tensor({{true, false}, {false, true}}, 'bool'))
  end)
  it('columns that fit the line', function ()
    local text = tostring(torch.range(1, 90):view(3, 30))
    assert.is_truthy(text:find('^Columns 1 to 20\n  1   2   3 '))
    assert.is_truthy(text:find('\n\nColumns 21 to 30\n 21  22  23 '))
    for line in text:gmatch '[^\n]+' do assert.is_true(#line <= 80) end
  end)
  it('matrix after matrix', function ()
    shows([=[
(1,1,.,.) =
  1  2
  3  4

(1,2,.,.) =
  5  6
  7  8
[torch.FloatTensor of size 1x2x2x2]]=],
      torch.range(1, 8):view(1, 2, 2, 2))
  end)
  it('empty and 0-d', function ()
    shows('[torch.FloatTensor with no dimension]', torch.Tensor())
    shows('[torch.FloatTensor of size 0x3]', torch.zeros(0, 3))
  end)
  it('only its edges when it is large', function ()
    shows([=[
    1     2     3   ...    98    99   100
  101   102   103   ...   198   199   200
  201   202   203   ...   298   299   300
  ...
 9701  9702  9703   ...  9798  9799  9800
 9801  9802  9803   ...  9898  9899  9900
 9901  9902  9903   ...  9998  9999  9999
[torch.FloatTensor of size 100x100]]=], (function ()
      local x = torch.range(1, 10000):view(100, 100)
      x[100][100] = 9999
      return x
    end)())
    shows('    1\n    2\n    3\n  ...\n 1999\n 2000\n 2001\n'
          .. '[torch.FloatTensor of size 2001]', torch.range(1, 2001))
    local text = tostring(torch.zeros(8, 8, 8, 8, 8))
    local _, count = text:gsub('\n', '\n')
    assert.is_true(count < 70)
  end)
  it('both ends of a large storage', function ()
    assert.equal(' 1\n 2\n 3\n ...\n 1999\n 2000\n 2001\n'
                 .. '[torch.LongStorage of size 2001]',
                 tostring(torch.range(1, 2001):long():storage()))
    assert.equal(' 1\n 2\n 3\n[torch.LongStorage of size 3]',
                 tostring(torch.LongStorage{1, 2, 3}))
    assert.equal('[torch.LongStorage of size 0]',
                 tostring(torch.LongStorage()))
  end)
  it('at once, however large', function ()
    local huge = torch.zeros(1):expand(1 << 40)
    local before = os.clock()
    assert.matches('of size 1099511627776]$', tostring(huge))
    assert.is_true(os.clock() - before < 1)
  end)
  it('as its options say', function ()
    torch.setprintoptions {precision = 2}
    shows(' 0.50\n[torch.FloatTensor of size 1]', torch.tensor {0.5})
    torch.setprintoptions {threshold = 5, edgeitems = 1}
    shows('   1\n ...\n   6\n[torch.FloatTensor of size 6]', torch.range(1, 6))
    assert.equal(1, torch.getprintoptions().edgeitems)
    torch.setprintoptions {profile = 'full'}
    assert.equal(math.maxinteger, torch.getprintoptions().threshold)
    assert.error_matches(function () torch.setprintoptions {precison = 2} end,
      "unknown option 'precison'; there are precision, threshold")
    assert.error_matches(function ()
      torch.setprintoptions {precision = 'x'}
    end, 'precision: an integer from 0 on expected, got x')
  end)
end)

describe('a table prints', function ()
  it('as trepl shows it', function ()
    local t = {1, 'two', {3}, x = torch.zeros(2, 3), s = 'say "hi"\n',
               e = {}, [2.5] = true}
    assert.equal(lines [=[
{
  1 : 1
  2 : "two"
  3 :
    {
      1 : 3
    }
  2.5 : true
  e : {}
  s : "say \"hi\"\n"
  x : FloatTensor - size: 2x3
}]=], print_module.show(t))
  end)
  it('with cycles, depth and many entries', function ()
    local t = {}
    t.self = t
    assert.equal('{\n  self : { the table above }\n}', print_module.show(t))
    local deep = {}
    for _ = 1, 50 do deep = {deep} end
    assert.is_truthy(print_module.show(deep):find('{ ... }', 1, true))
    local many = {}
    for i = 1, 1500 do many[i] = i end
    assert.is_truthy(print_module.show(many):find('... (500 more)', 1, true))
  end)
  it('by its own __tostring', function ()
    local object = setmetatable({}, {__tostring = function ()
      return 'an\nobject'
    end})
    assert.equal('an\nobject', print_module.show(object))
    assert.equal('{\n  1 : an\n  object\n}', print_module.show {object})
  end)
end)
