-- Torch7's documentation of storages, random numbers, utilities, files,
-- serialization, CmdLine, Timer and Tester: documented calls and results.
require 'nnlua.busted'
local torch = require 'torch'

local function with_file (f)
  local path = os.tmpname()
  local ok, err = pcall(f, path)
  os.remove(path)
  if not ok then error(err, 0) end
end

describe('documented: storages', function ()
  it('sizes, elements, copies', function ()
    local s = torch.IntStorage {1, 2, 3, 4}
    assert.equal(4, s:size())
    assert.equal(4, #s)
    assert.equal(3, s[3])
    s[3] = 7
    assert.same({1, 2, 7, 4}, torch.totable(s))
    assert.equal(' 1\n 2\n 7\n 4\n[torch.IntStorage of size 4]', tostring(s))
    local d = torch.DoubleStorage(10):copy(torch.IntStorage(10):fill(1))
    assert.equal(1, d[10])
    d = torch.DoubleStorage():resize(d:size()):copy(d:fill(2))
    assert.equal(2, d[1])
    assert.equal('torch.DoubleStorage', torch.type(d))
    assert.has_error(function () return s[5] end)
    for _, name in ipairs {'Byte', 'Char', 'Short', 'Int', 'Float',
                           'Double'} do
      assert.equal('torch.' .. name .. 'Storage',
                   torch.type(torch[name .. 'Storage'](2)))
    end
  end)

  it('string of bytes', function ()
    local s = torch.CharStorage():string 'blah blah'
    assert.same({98, 108, 97, 104, 32, 98, 108, 97, 104}, s:totable())
    assert.equal('blah blah', s:string())
    assert.equal('\0\xff', torch.ByteStorage():string '\0\xff':string())
    assert.same({0, -1}, torch.CharStorage():string '\0\xff':totable())
    assert.error_matches(function () torch.IntStorage(1):string() end,
                         'a ByteStorage or a CharStorage expected')
  end)

  it('what is not there is said', function ()
    assert.error_matches(function () torch.CharStorage 'hello.txt' end,
                         'files are not mapped')
    assert.error_matches(function ()
      torch.DoubleStorage(torch.DoubleStorage(10), 3, 5)
    end, 'no view of another')
  end)
end)

describe('documented: random numbers', function ()
  it('a seed gives the sequence again', function ()
    torch.manualSeed(123)
    local a, b, c = torch.uniform(), torch.uniform(), torch.uniform()
    torch.manualSeed(123)
    assert.same({a, b, c}, {torch.uniform(), torch.uniform(),
                            torch.uniform()})
    torch.manualSeed(torch.initialSeed())
    assert.equal(a, torch.uniform())
    assert.equal(123, torch.initialSeed())
    local seed = torch.seed()
    assert.equal(seed, torch.initialSeed())
    local state = torch.getRNGState()
    a = torch.uniform()
    torch.setRNGState(state)
    assert.equal(a, torch.uniform())
  end)

  it('a generator has a stream of its own', function ()
    local g = torch.Generator()
    torch.manualSeed(g, 5)
    local x = torch.rand(g, 3)
    torch.rand(2)
    torch.manualSeed(g, 5)
    assert.tensor_equal(x, torch.rand(g, 3))
    assert.equal(5, torch.initialSeed(g))
  end)

  it('distributions, as numbers and as fills', function ()
    torch.manualSeed(1)
    for _ = 1, 50 do
      local n = torch.random()
      assert.is_true(math.type(n) == 'integer' and n >= 0 and n < 2 ^ 32)
      assert.is_true(torch.random(3) <= 3 and torch.random(4, 6) >= 4)
      local u = torch.uniform(2, 3)
      assert.is_true(u >= 2 and u < 3)
      local b = torch.bernoulli()
      assert.is_true(b == 0 or b == 1)
    end
    local n = 40000
    local x = torch.DoubleTensor(n)
    local function mean (t, want, sd)
      assert.near(want, t:mean(), 5 * sd / math.sqrt(n))
    end
    mean(x:normal(3, 2), 3, 2)
    mean(x:exponential(4), 1 / 4, 1 / 4)
    mean(x:uniform(-1, 3), 1, 1.2)
    mean(x:bernoulli(0.3), 0.3, 0.5)
    mean(x:geometric(0.5), 2, 1.5) -- (1 - p) p^(i - 1): mean 1 / (1 - p)
    mean(x:random(5, 7), 6, 0.9)
    mean(x:logNormal(2, 1), 2, 1) -- mean and deviation of the result
    local middle = torch.median(x:cauchy(1.5, 0.2))[1]
    assert.near(1.5, middle, 0.02)
  end)
end)

describe('documented: classes and utilities', function ()
  it('the example of torch.class', function ()
    local M = {}
    local Foo = torch.class('documented.Foo', nil, M)
    function Foo:__init () self.contents = 'this is some text' end
    function Foo:say () return self.contents end
    function Foo.bip () return 'bip' end
    local Bar, parent = torch.class('documented.Bar', 'documented.Foo', M)
    function Bar:__init (stuff)
      parent.__init(self)
      self.stuff = stuff
    end
    function Bar.boing () return 'boing!' end
    function Bar:say () return self.contents .. self.stuff end
    local foo, bar = M.Foo(), M.Bar 'ha ha!'
    assert.equal('this is some text', foo:say())
    assert.equal('this is some textha ha!', bar:say())
    assert.equal('boing!bip', bar:boing() .. bar:bip())
    assert.equal('documented.Bar', torch.typename(bar))
    assert.is_true(torch.isTypeOf(bar, 'documented.Foo'))
    assert.is_true(torch.isTypeOf(bar, M.Foo))
    assert.is_false(torch.isTypeOf(foo, M.Bar))
    assert.is_true(torch.isTypeOf(bar, 'documented%.'))
    local empty = torch.factory 'documented.Bar' ()
    assert.is_nil(empty.contents)
    assert.equal('boing!', empty:boing())
    assert.is_nil(torch.factory 'documented.None')
    assert.equal(1, torch.getmetatable 'documented.Foo'.__version)
    assert.is_nil(torch.getmetatable 'documented.None')
  end)

  it('a class without a package is a global', function ()
    local G = torch.class('DocumentedGlobal')
    function G:__init (n) self.n = n end
    local made = rawget(_G, 'DocumentedGlobal')(3)
    rawset(_G, 'DocumentedGlobal', nil)
    assert.equal(3, made.n)
  end)

  it('type, isequal, pointer, totable', function ()
    assert.equal('torch.FloatTensor', torch.type(torch.Tensor()))
    assert.equal('table', torch.type {})
    assert.equal('number', torch.type(7))
    assert.is_nil(torch.typename(7))
    local t = {}
    assert.is_true(torch.isequal(t, t))
    assert.is_false(torch.isequal(t, {}))
    assert.is_false(torch.isequal(1, 1))
    assert.equal(torch.pointer(t), torch.pointer(t))
    assert.not_equal(torch.pointer(t), torch.pointer {})
    local x = torch.Tensor(4)
    assert.equal(torch.pointer(x:storage()),
                 torch.pointer(x:narrow(1, 2, 2):storage()))
    assert.same({1, 2, 3}, torch.totable(torch.Tensor {1, 2, 3}))
    assert.same({{1}, {2}}, torch.totable(torch.Tensor {{1}, {2}}))
    local kind = torch.getdefaulttensortype()
    torch.setdefaulttensortype 'torch.DoubleTensor'
    local d = torch.Tensor(1):type()
    torch.setdefaulttensortype(kind)
    assert.equal('torch.DoubleTensor', d)
  end)
end)

describe('documented: files', function ()
  it('an object twice in a table is one object after loading', function ()
    with_file(function (path)
      local x = torch.Tensor(1)
      local array = {x, x}
      array[1][1] = 3.14
      local file = torch.DiskFile(path, 'w')
      file:writeObject(array)
      file:close()
      local again = torch.DiskFile(path, 'r'):readObject()
      assert.near(3.14, again[2][1], 1e-6)
      again[1][1] = 2.72
      assert.near(2.72, again[2][1], 1e-6)
    end)
  end)

  it('a MemoryFile clones', function ()
    local object = {a = torch.randn(3), b = {'x', true, 7}}
    local file = torch.MemoryFile()
    file:writeObject(object)
    file:seek(1)
    local clone = file:readObject()
    assert.tensor_equal(object.a, clone.a)
    assert.same(object.b, clone.b)
  end)

  it('numbers, booleans and strings in text', function ()
    local file = torch.MemoryFile()
    file:writeInt(3.14)
    file:writeBool(true)
    file:writeBool(nil)
    assert.equal(2, file:writeDouble(torch.DoubleStorage {1.5, -2}))
    assert.equal(6, file:writeString 'line\nx')
    file:seek(1)
    assert.equal('3\n1\n0\n1.5 -2\nline\nx', file:readString '*a')
    file:seek(1)
    assert.equal(3, file:readInt())
    assert.is_true(file:readBool())
    assert.is_false(file:readBool())
    assert.same({1.5, -2}, file:readDouble(2):totable())
    assert.equal('line', file:readString '*l')
    assert.equal('x', file:readString '*a')
  end)

  it('binary; positions; quiet errors', function ()
    local file = torch.MemoryFile():binary()
    file:writeByte(torch.ByteStorage {1, 2, 255})
    file:writeFloat(0.5)
    assert.equal(8, file:position())
    file:seek(3)
    assert.equal(255, file:readByte())
    assert.equal(0.5, file:readFloat())
    assert.has_error(function () file:readByte() end)
    file:quiet()
    assert.is_true(file:isQuiet())
    file:readByte()
    assert.is_true(file:hasError())
    file:clearError()
    assert.is_false(file:hasError())
    assert.equal('', file:readString '*l')
    file:pedantic()
    assert.is_false(file:isQuiet())
    file:seekEnd()
    assert.equal(8, file:position())
    assert.is_true(file:isReadable())
    assert.is_true(file:isWritable())
    file:ascii()
    assert.is_true(file:isAutoSpacing())
    file:noAutoSpacing()
    assert.is_false(file:isAutoSpacing())
    file:close()
    assert.has_error(function () file:writeInt(1) end)
  end)

  it('save, load, serialize, deserialize', function ()
    local object = {mat = torch.randn(10, 10), name = '10',
                    test = {entry = 1}}
    with_file(function (path)
      for _, format in ipairs {'binary', 'ascii'} do
        torch.save(path, object, format)
        local back = torch.load(path, format)
        assert.tensor_equal(object.mat, back.mat)
        assert.equal('10', back.name)
        assert.equal(1, back.test.entry)
      end
    end)
    local back = torch.deserialize(torch.serialize(object))
    assert.tensor_equal(object.mat, back.mat)
  end)
end)

describe('documented: CmdLine', function ()
  local function command ()
    local cmd = torch.CmdLine()
    cmd:text()
    cmd:text 'Training a simple network'
    cmd:option('-seed', 123, 'initial random seed')
    cmd:option('-booloption', false, 'boolean option')
    cmd:option('-stroption', 'mystring', 'string option')
    cmd:text()
    return cmd
  end

  it('the documented options and names', function ()
    local cmd = command()
    local params = cmd:parse {}
    assert.same({seed = 123, booloption = false, stroption = 'mystring'},
                params)
    assert.equal('experiment', cmd:string('experiment', params, {dir = true}))
    params = cmd:parse {'-seed', '456', '-stroption', 'mycustomstring'}
    assert.equal('experiment,seed=456,stroption=mycustomstring',
                 cmd:string('experiment', params, {dir = true}))
    assert.equal('experiment,stroption=mycustomstring',
                 cmd:string('experiment', params, {seed = true}))
  end)

  it('the documented log', function ()
    with_file(function (path)
      local cmd = command()
      local before = print
      cmd:silent()
      cmd:addTime('project', '%Y')
      local file = cmd:log(path, cmd:parse {'-seed', '7'})
      print 'Your log message'
      _G.print = before
      file:close()
      local text = assert(io.open(path)):read 'a'
      assert.matches('%[program started on .-%]\n', text)
      assert.matches('%[command line arguments%]\n', text)
      assert.matches('booloption\tfalse\n', text)
      assert.matches('seed\t7\n', text)
      assert.matches('%[%-+%]\n', text)
      assert.matches('%d%d%d%d%[project%]: Your log message\n', text)
    end)
  end)
end)

describe('documented: Timer', function ()
  it('stops, resumes, resets', function ()
    local timer = torch.Timer()
    timer:stop()
    local t = timer:time()
    assert.is_true(t.real >= 0 and t.user >= 0 and t.sys >= 0)
    assert.equal(t.real, timer:time().real)
    timer:reset()
    assert.equal(0, timer:time().real)
    timer:resume()
    assert.is_true(timer:time().real >= 0)
  end)
end)
