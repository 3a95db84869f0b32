-- torch.class and its relatives, as Torch7 has them.
local T = require 'torch.class'

local function fresh () -- a package of classes of its own for each test
  local pkg = {}
  return pkg, function (name, parent)
    return T.class('spec.' .. name, parent and 'spec.' .. parent, pkg)
  end
end

describe('torch.class', function ()
  it('makes objects with __init and inherits', function ()
    local pkg, class = fresh()
    local A = class 'A1'
    function A:__init (x) self.x = x end
    function A:double () return 2 * self.x end
    local B, parent = class('B1', 'A1')
    assert.equal(A, parent)
    function B:__init (x, y) parent.__init(self, x); self.y = y end
    function B:sum () return self:double() + self.y end
    local b = pkg.B1(3, 4)
    assert.equal(10, b:sum())
    assert.equal(3, b.x)
    function A:double () return 10 * self.x end -- children see a late change
    assert.equal(34, b:sum())
    pkg.A1.triple = function (self) return 3 * self.x end
    assert.equal(9, b:triple())
    assert.equal(B, getmetatable(pkg.B1))
    assert.equal(A, getmetatable(B))
    assert.equal(B.sum, pkg.B1.sum)
  end)

  it('names types', function ()
    local pkg, class = fresh()
    local A = class 'A2'
    class('B2', 'A2')
    class 'A22'
    local b = pkg.B2()
    assert.equal('spec.B2', T.type(b))
    assert.equal('spec.B2', T.typename(b))
    assert.is_nil(T.typename({}))
    assert.is_nil(T.typename(3))
    assert.is_nil(T.typename(pkg.B2))
    assert.is_nil(T.typename(A))
    assert.equal('number', T.type(3))
    assert.equal('table', T.type(pkg.B2))
    assert.is_true(T.isTypeOf(b, 'spec.A2'))
    assert.is_true(T.isTypeOf(b, pkg.A2))
    assert.is_true(T.isTypeOf(b, A))
    assert.is_true(T.isTypeOf(b, 'spec%..*'))
    assert.is_false(T.isTypeOf(pkg.A2(), 'spec.B2'))
    assert.is_false(T.isTypeOf(pkg.A22(), 'spec.A2')) -- whole names only
    assert.is_false(T.isTypeOf({}, 'spec.A2'))
    assert.is_false(T.isTypeOf(nil, 'spec.A2'))
    assert.is_false(T.isTypeOf('spec.A2', 'spec.A2'))
  end)

  it('has factories and metatables by name', function ()
    local _, class = fresh()
    local A = class 'A3'
    function A.__init () error 'not called' end
    local a = T.factory('spec.A3')()
    assert.equal('spec.A3', T.type(a))
    assert.equal(A, T.getmetatable('spec.A3'))
    assert.is_nil(T.factory('spec.none'))
    assert.is_nil(T.getmetatable('spec.none'))
    assert.equal('spec.A3', T.type(T.setmetatable({}, 'spec.A3')))
    assert.has_error(function () T.setmetatable({}, 'spec.none') end,
      "torch.setmetatable: there is no class 'spec.none'")
    assert.has_error(function () T.setmetatable(1, 'spec.A3') end,
      'torch.setmetatable: argument #1 (object): table expected, got number')
    assert.has_error(function () T.newmetatable() end,
      'torch.newmetatable: argument #1 (name): string expected, got nil')
  end)

  it('calls the __name__ metamethods, inherited too', function ()
    local pkg, class = fresh()
    local A = class 'A4'
    class('B4', 'A4')
    function A.__tostring__ () return 'an A' end
    function A.__call__ (_, x) return x + 1 end
    function A.__len__ () return 7 end
    function A.__add__ () return 'added' end
    function A.__unm__ () return 'minus' end
    function A.__eq__ () return true end
    function A.__lt__ () return true end
    local b = pkg.B4()
    assert.equal('an A', tostring(b))
    assert.equal(3, b(2))
    assert.equal(7, #b)
    assert.equal('added', b + 1)
    assert.equal('added', 1 + b)
    assert.equal('minus', -b)
    assert.is_true(b == pkg.B4())
    assert.is_true(b < pkg.B4())
  end)

  it('says what an object lacks', function ()
    local pkg, class = fresh()
    class 'A5'
    local a = pkg.A5()
    assert.matches('^spec%.A5 %[', tostring(a))
    assert.is_false(a == pkg.A5())
    assert.equal(0, #a)
    assert.error_matches(function () return a + 1 end,
                         'spec%.A5 and number have no operator __add__')
    assert.error_matches(function () return a() end,
                         'an object of spec%.A5 can not be called')
  end)

  it('honours __index__ and __newindex__, also when set late', function ()
    local pkg, class = fresh()
    local A = class 'A6'
    class('B6', 'A6')
    function A.__index__ (_, key)
      if key == 'magic' then return 42, true end
    end
    function A.method () return 'found' end
    local b = pkg.B6()
    assert.equal(42, b.magic)
    assert.equal('found', b:method())
    assert.is_nil(b.other)
    function A.__newindex__ (self, key, value)
      if key == 'twice' then rawset(self, key, 2 * value); return true end
    end
    b.twice, b.once = 4, 4
    assert.equal(8, b.twice)
    assert.equal(4, b.once)
  end)

  it('puts classes where their name says', function ()
    local pkg = {}
    package.loaded['spec.package'] = pkg
    T.class 'spec.package.Thing'
    assert.equal('spec.package.Thing', T.type(pkg.Thing()))
    package.loaded['spec.package'] = nil
    assert.error_matches(function () T.class 'nowhere.Thing' end,
      "there is no table 'nowhere' to put class 'nowhere.Thing' into")
    assert.error_matches(function () T.class('spec.C', 'spec.none', {}) end,
      "'spec.C' shall inherit from 'spec.none', which is no class")
    assert.error_matches(function () T.class(3) end,
      'name%): string expected, got number')
    local module = {}
    T.class('Plain', module) -- a module as second argument
    assert.equal('Plain', T.type(module.Plain()))
  end)
end)
