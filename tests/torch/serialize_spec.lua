-- torch.save, load, serialize, deserialize: what comes back, what is refused,
-- what damaged files do.
local torch = require 'torch'
local core = require 'nnlua.core'
local compare = require 'nnlua.compare'

local path = os.tmpname()

local function through_file (object)
  torch.save(path, object)
  return torch.load(path)
end

local function through_text (object)
  return torch.deserialize(torch.serialize(object))
end

local ways = {file = through_file, text = through_text}

local function same (want, got)
  local equal, why = compare.values(got, want)
  assert(equal, why)
end

for name, pass in pairs(ways) do
  describe('through a ' .. name, function ()
    it('numbers, strings, booleans and tables come back', function ()
      local object = {1, 2.5, 'x', true, false, {}, {a = {b = {c = 'deep'}}},
        [-3] = 'negative', [2.5] = 'float key', [true] = 'yes',
        ['with space'] = 1, s = 'zero \0 byte\n', empty = ''}
      same(object, pass(object))
      for _, v in ipairs {3, 'text', true, false, -0.0, 1 / 3} do
        assert.equal(v, pass(v))
      end
      assert.is_nil(pass(nil))
    end)

    it('integers stay integers, floats keep their bits', function ()
      local t = pass {math.maxinteger, math.mininteger, 1, 1.0, -0.0, 5e-324,
                      math.huge, -math.huge, 0 / 0}
      assert.equal(math.maxinteger, t[1])
      assert.equal(math.mininteger, t[2])
      assert.equal('integer', math.type(t[3]))
      assert.equal('float', math.type(t[4]))
      assert.equal('-0.0', tostring(t[5]))
      assert.equal(5e-324, t[6])
      assert.equal(math.huge, t[7])
      assert.is_true(t[9] ~= t[9])
    end)

    it('tensors of each type come back with type, sizes and bits', function ()
      for _, dtype in ipairs {'bool', 'uint8', 'int8', 'int16', 'int32',
                              'int64', 'float32', 'float64'} do
        local values = {{0, 1, 1}, {1, 0, 1}}
        if dtype == 'bool' then
          values = {{false, true, true}, {true, false, true}}
        end
        local x = torch.tensor(values, dtype)
        local y = pass(x)
        assert.equal(dtype, y:dtype())
        same(x:totable(), y:totable())
      end
      local big = torch.range(1, 1000):view(10, 100)
      same(big:totable(), pass(big):totable())
      local odd = torch.tensor({0.1, 1 / 0, -1 / 0, 0 / 0, 1e-40})
      assert.is_true(compare.tensors(pass(odd), odd))
    end)

    it('empty tensors, tensors without elements and 0-d ones', function ()
      local x = pass {torch.Tensor(), torch.zeros(0, 3), torch.LongTensor()}
      assert.equal(0, x[1]:nElement())
      assert.equal(torch.Tensor():dim(), x[1]:dim())
      assert.equal('int64', x[3]:dtype())
      assert.same({0, 3}, {x[2]:size(1), x[2]:size(2)})
    end)

    it('shared tables, tensors and cycles stay so', function ()
      local t, x = {1}, torch.rand(3)
      local object = {t, t, x, x, {t}}
      object.self = object
      local back = pass(object)
      assert.equal(back[1], back[2])
      assert.equal(back[1], back[5][1])
      assert.equal(back.self, back)
      assert.is_true(rawequal(back[3], back[4]))
    end)

    it('views of one storage stay views of it', function ()
      local x = torch.range(1, 12):view(3, 4)
      local back = pass {x = x, t = x:t(), row = x[2], s = x:storage()}
      back.x:fill(7)
      assert.equal(7, back.t[4][3])
      assert.equal(7, back.row[1])
      assert.equal(7, back.s[12])
      assert.is_false(back.t:isContiguous())
    end)

    it('a view alone takes no more than its elements', function ()
      local x = torch.range(1, 1e5):view(1000, 100)
      local column = pass {x:narrow(2, 3, 1)}[1]
      assert.equal(1000, #column:storage())
      assert.is_true(compare.tensors(column, x:narrow(2, 3, 1)))
      local rows = pass {x[5], x[7]}
      assert.equal(100, #rows[1]:storage())
      assert.is_true(compare.tensors(rows[2], x[7]))
      local wide = torch.zeros(3):view(1, 3):expand(1000, 3)
      local back = pass {wide}
      assert.is_true(compare.tensors(back[1], wide))
    end)

    it('parts of a flat tensor that touch stay one storage', function ()
      local flat = torch.range(1, 10)
      local back = pass {a = flat:narrow(1, 1, 4):view(2, 2),
                         b = flat:narrow(1, 5, 6)}
      assert.equal(core.storage_id(back.a), core.storage_id(back.b))
      assert.equal(5, back.b:storageOffset())
      assert.same({{1, 2}, {3, 4}}, back.a:totable())
      assert.equal(10, back.b[6])
    end)

    it('sizes and storages', function ()
      local x = torch.zeros(2, 3)
      local back = pass {size = x:size(), storage = x:storage()}
      assert.equal('torch.LongStorage', torch.type(back.size))
      assert.same({2, 3}, {back.size[1], back.size[2]})
      assert.equal('torch.FloatStorage', torch.type(back.storage))
      assert.equal(6, #back.storage)
    end)

    it('objects of classes, without what is transient', function ()
      local pkg = {}
      local Net = torch.class('spec' .. name .. '.Net', pkg)
      Net.__transient = {'output', cache = true}
      function Net:__init () self.weight = torch.ones(2); self.me = self end
      function Net:double () return 2 * self.weight[1] end
      local net = pkg.Net()
      net.output, net.cache, net.kept = torch.rand(3), print, 'kept'
      local back = pass {net = net}.net
      assert.equal('spec' .. name .. '.Net', torch.type(back))
      assert.equal(2, back:double())
      assert.equal(back, back.me)
      assert.is_nil(back.output)
      assert.is_nil(back.cache)
      assert.equal('kept', back.kept)
    end)

    it('refuses code, with the path', function ()
      local function message (object)
        local ok, err = pcall(pass, object)
        assert.is_false(ok)
        return (err:gsub('^.-: can', 'can'))
      end
      assert.equal('can not save model.modules[3].f: it is a function; files '
        .. 'hold data, never code',
        message {model = {modules = {1, 2, {f = print}}}})
      assert.equal('can not save object: it is a function; files hold data, '
                   .. 'never code', message(print))
      assert.equal('can not save ["a b"]: it is a thread; files hold data, '
        .. 'never code', message {['a b'] = coroutine.create(print)})
      assert.equal('can not save t: it is a table with a metatable of its '
        .. 'own; only objects of torch.class keep theirs',
        message {t = setmetatable({}, {})})
      assert.equal('can not save f: it is an object that is no data; files '
        .. 'hold data, never code', message {f = io.stdout})
      assert.equal('can not save c: it is a class; files hold data, never '
        .. 'code', message {c = torch.getmetatable 'torch.Timer'})
    end)

    it('says which class is missing', function ()
      local pkg = {}
      torch.class('spec' .. name .. '.Gone', pkg)
      local object = pkg.Gone()
      rawset(torch.getmetatable('spec' .. name .. '.Gone'), '__typename',
             'elsewhere.Gone')
      assert.error_matches(function () pass(object) end,
        "class 'elsewhere.Gone' is unknown: run the file that defines it "
        .. 'first')
    end)

    it('goes deep, and says when it is too deep', function ()
      local function chain (n)
        local t = {}
        for _ = 1, n do t = {t} end
        return t
      end
      local t, n = pass(chain(5000)), 0
      while t[1] do t, n = t[1], n + 1 end
      assert.equal(5000, n)
      assert.error_matches(function () pass(chain(30000)) end,
                           'nested more than 20000 deep')
    end)
  end)
end

describe('torch.save', function ()
  it('writes the same bytes for the same contents', function ()
    local function bytes ()
      torch.save(path, {b = 1, a = 2, c = {x = torch.ones(3)}, [3] = 'x'})
      local file = assert(io.open(path, 'rb'))
      local text = file:read 'a'
      file:close()
      return text
    end
    assert.equal(bytes(), bytes())
  end)
  it('names its arrays by their paths', function ()
    torch.save(path, {model = {modules = {{weight = torch.ones(2)}}}})
    local arrays = core.safetensors_load(path)
    assert.is_truthy(arrays['model.modules[1].weight'])
  end)
  it('keeps the old file when the object can not be saved', function ()
    torch.save(path, {1})
    assert.is_false(pcall(torch.save, path, {print}))
    assert.same({1}, torch.load(path))
  end)
  it('checks its path', function ()
    assert.error_matches(function () torch.save({}, 3) end,
      'torch.save: argument #1 %(path%): string expected, got table')
    assert.error_matches(function () torch.save('/nowhere/x', 3) end,
      'torch.save: .*/nowhere/x.*No such file')
    assert.error_matches(function () torch.load '/nowhere/x' end,
      'torch.load: cannot open "/nowhere/x": No such file')
  end)
  it('tells other files from its own', function ()
    core.safetensors_save(path, {x = torch.ones(2)}, {})
    assert.error_matches(function () torch.load(path) end,
      'was not written by torch.save; data.read reads other formats')
    core.safetensors_save(path, {['nnlua.tree'] = torch.ByteTensor(4)},
                          {format = 'nnlua', version = '9'})
    assert.error_matches(function () torch.load(path) end,
      'has version 9 of the format, this nnlua reads version 1')
  end)
end)

describe('damage', function ()
  local object = {a = torch.range(1, 6):view(2, 3), n = 5, s = 'text',
                  t = {1.5, true, {}}, z = torch.zeros(2):size()}

  local function read (text)
    return pcall(torch.deserialize, text)
  end

  it('of any prefix is an error', function ()
    local text = torch.serialize(object)
    for n = 0, #text - 1 do
      local ok, err = read(text:sub(1, n))
      assert.is_false(ok)
      assert.matches('torch.deserialize: the text', (err:gsub(
        'the file is damaged', 'the text is damaged')))
    end
    assert.error_matches(function () torch.deserialize(text .. 'x') end,
                         'there is more than one object in it')
  end)

  it('of any byte never crashes', function ()
    local text = torch.serialize(object)
    for n = 1, #text do
      for _, byte in ipairs {0, 1, 127, 128, 255} do
        read(text:sub(1, n - 1) .. string.char(byte) .. text:sub(n + 1))
      end
    end
  end)

  it('of a saved file is an error or other data, never a crash', function ()
    torch.save(path, object)
    local file = assert(io.open(path, 'rb'))
    local text = file:read 'a'
    file:close()
    math.randomseed(1)
    for _ = 1, 300 do
      local n = math.random(#text)
      local damaged = text:sub(1, n - 1) .. string.char(math.random(0, 255))
                      .. text:sub(n + 1)
      if math.random() < 0.3 then damaged = damaged:sub(1, n) end
      local out = assert(io.open(path, 'wb'))
      out:write(damaged)
      out:close()
      local ok, err = pcall(torch.load, path)
      if not ok then
        assert.is_nil(tostring(err):find('userdata', 1, true))
        assert.matches('torch.load: ', err)
      end
    end
  end)

  it('is told in letters that a terminal can show', function ()
    torch.save(path, {a = torch.ones(2)})
    local file = assert(io.open(path, 'rb'))
    local text, named = file:read 'a', false
    file:close()
    for n = 1, #text do
      local out = assert(io.open(path, 'wb'))
      out:write(text:sub(1, n - 1), '\1', text:sub(n + 1))
      out:close()
      local ok, err = pcall(torch.load, path)
      if not ok then
        assert.is_nil(tostring(err):find '[\1-\8]')
        named = named or tostring(err):find 'it has no array "\\x01"' ~= nil
      end
    end
    assert.is_true(named)
  end)

  it('by views outside their array is refused', function ()
    local decode = require 'torch.decode'
    local function view (offset, sizes, strides)
      local out = {('x' .. ('<I4i8B'):pack(1, offset, #sizes))}
      for _, list in ipairs {sizes, strides} do
        for _, v in ipairs(list) do out[#out + 1] = ('<i8'):pack(v) end
      end
      return table.concat(out)
    end
    local array = {torch.range(1, 6)}
    assert.same({4, 6}, decode(view(3, {2}, {2}), array):totable())
    local big = math.maxinteger
    for _, v in ipairs {
      view(6, {1}, {1}), view(0, {7}, {1}), view(-1, {1}, {1}),
      view(0, {2}, {6}), view(0, {2, 2}, {big, big}), view(0, {big}, {1}),
      view(big, {1}, {1}), view(0, {-1}, {1}), view(0, {2}, {-1}),
      view(0, {big, big}, {0, 0}),
    } do
      assert.error_matches(function () decode(v, array) end, 'damaged')
    end
    assert.error_matches(function ()
      decode('x' .. ('<I4i8B'):pack(1, 0, 9), array)
    end, 'a tensor of 9 dimensions')
    assert.error_matches(function () decode('g' .. ('<I4'):pack(2), array) end,
                         'there is no array 2')
    assert.error_matches(function () decode('r' .. ('<I4'):pack(1), array) end,
                         'there is no record 1')
    assert.error_matches(function ()
      decode('t' .. ('<I4'):pack(0xffffffff) .. 'NN', array)
    end, 'it promises 4294967295 entries')
    assert.error_matches(function ()
      decode('t' .. ('<I4'):pack(1) .. 'NT', array)
    end, 'a key that can be none')
    assert.error_matches(function () decode('Q', array) end,
                         'no record begins with byte 81')
  end)

  it('never loads a module that a file names', function ()
    local decode = require 'torch.decode'
    local loaded = false
    package.preload['evil'] = function () loaded = true return {} end
    assert.error_matches(function ()
      decode('o' .. ('<s4'):pack 'evil.Class' .. ('<I4'):pack(0), {})
    end, "class 'evil.Class' is unknown")
    assert.is_false(loaded)
    package.preload['evil'] = nil
  end)
end)

os.remove(path)
