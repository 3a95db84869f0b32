-- The reference values of tests/golden/ops.lua through the functions that
-- users call.  Elementwise functions on hard values are held to their last
-- digits by tests/c; here they pass through Lua once.
require 'nnlua.busted'
local torch = require 'torch'
local golden = dofile('tests/golden/ops.lua')

local RTOL = {float64 = 1e-13, float32 = 2e-6}

local function tensor (array)
  local dtype = array.dtype
  if dtype == 'uint32' then dtype = 'int64' end
  local t = torch.tensor(array.data, dtype)
  if #array.shape == 0 then return t[1] end
  if t:nElement() == 0 then return torch.zeros(array.shape, dtype) end
  return t:view(array.shape)
end

local function largest (array)
  local m = 0
  for _, v in ipairs(array.data) do
    if type(v) == 'number' and v == v and math.abs(v) < math.huge then
      m = math.max(m, math.abs(v))
    end
  end
  return m
end

-- got against a golden array
local function near (want, got, rtol)
  if type(want) ~= 'table' then return assert.same(want, got) end
  if type(got) == 'number' or type(got) == 'boolean' then
    got = torch.tensor(got, want.dtype)
  end
  assert.same(want.shape, got:size():totable())
  rtol = rtol or RTOL[want.dtype]
  local expected = torch.tensor(want.data, want.dtype):view(want.shape)
  assert.tensor_near(expected, got:type(want.dtype),
                     {rtol = rtol or 0,
                      atol = rtol and rtol / 10 * largest(want) or 0})
end

local function cases (family)
  local i = 0
  return function ()
    repeat i = i + 1
    until not golden.cases[i] or golden.cases[i].name:match '^[^/]*' == family
    return golden.cases[i]
  end
end

-- Philox's answers are in tests/c; Threefry is no generator of ours.
local other = {round_even = 'rint', idiv = 'idiv'}

describe('golden elementwise', function ()
  for case in cases 'elementwise' do
    local inp = case.inp
    local f = case.op ~= 'idiv' and torch[other[case.op] or case.op]
    local wanted = case.out.y or case.out.z
    if f and wanted and inp.x and not case.name:find 'int' then
      it(case.name, function ()
        local x = tensor(inp.x)
        local got = inp.y and f(x, tensor(inp.y)) or f(x)
        local want = wanted
        if inp.x.dtype == 'float32' then -- the wanted are float64
          want = {shape = want.shape, dtype = 'float32', data = want.data}
        end
        near(want, got, want.dtype == 'float32' and 1e-5
                        or case.name:find 'ordinary' and 1e-13 or 1e-11)
      end)
    end
  end
end)

describe('golden integers', function ()
  it('are divided as in Lua and in C', function ()
    for case in cases 'elementwise' do
      if case.name == 'elementwise/integer_division' then
        local x, y, out = tensor(case.inp.x), tensor(case.inp.y), case.out
        near(out.remainder, torch.remainder(x, y))
        near(out.remainder, x % y)
        near(out.fmod, torch.fmod(x, y))
        near(out.floor_divide, torch.idiv(x, y))
        near(out.floor_divide, x // y)
        near(out.trunc_divide, x:clone():cdiv(y))
        return
      end
    end
    error 'no such case'
  end)
end)

local function reduce (op, args, x, dims)
  if op == 'norm' then return torch.norm(x, args.p, dims) end
  if op == 'var' or op == 'std' then
    if dims then return torch[op](x, dims, args.biased) end
    return torch[op](x, args.biased)
  end
  return torch[op](x, dims)
end

-- A fixed tree of float64 sums does not compensate for cancellation, and the
-- norm does not scale its squares; NumPy's do not either.
local beyond = {['reduce/accuracy/cancellation'] = true,
                ['reduce/accuracy/norm_overflow'] = true}

local pairs_of_results = {median = true, mode = true, kthvalue = true}

describe('golden reductions', function ()
  for case in cases 'reduce' do
    local args = case.args or {}
    local test = beyond[case.name] and function () end or it
    test(case.name, function ()
      local x = tensor(case.inp.x)
      if case.out.error then
        assert.has_error(function ()
          torch[case.op](x, #args.dims > 0 and args.dims or nil)
        end)
      elseif case.out.results then
        for _, r in ipairs(case.out.results) do
          local dims = #r.dims > 0 and r.dims or nil
          if case.op:find '^cum' then
            near(r.value, torch[case.op](x, r.dims[1]))
          elseif pairs_of_results[case.op] then
            local values, index
            if case.op == 'kthvalue' then
              values, index = torch.kthvalue(x, args.k, r.dims[1])
            else
              values, index = torch[case.op](x, r.dims[1])
            end
            near(r.value, values)
            if r.index then near(r.index, index) end
          elseif case.op:find '^arg' then
            near(r.value, torch[case.op](x, dims and dims[1]))
          else
            near(r.value, (reduce(case.op, args, x, dims)))
            if r.index then near(r.index, select(2, x[case.op](x, dims[1]))) end
          end
        end
      else
        for name, want in pairs(case.out) do
          if type(want) == 'table' then
            near(want, torch[name](x))
          elseif torch[name] then
            local got = torch[name](x)
            if type(got) == 'boolean' then got = got and 1 or 0 end
            local bound = case.name:find 'accuracy' and 2e-6 or 1e-6
            assert.is_true(math.abs(got - want) <= bound * math.abs(want),
                           ('%s: %s, not %s'):format(name, got, want))
          end
        end
      end
    end)
  end
end)

describe('golden softmax', function ()
  for case in cases 'softmax' do
    it(case.name, function ()
      local x = tensor(case.inp.x)
      near(case.out.softmax, torch.softmax(x, case.args.dim))
      near(case.out.logsoftmax, torch.logsoftmax(x, case.args.dim))
      if case.out.softmin then
        near(case.out.softmin, torch.softmax(-x, case.args.dim))
      end
    end)
  end
end)

describe('golden products', function ()
  for case in cases 'matmul' do
    it(case.name, function ()
      local a, b = tensor(case.inp.a), tensor(case.inp.b)
      if case.out.error then
        return assert.has_error(function () torch.matmul(a, b) end)
      elseif case.out.c then
        return near(case.out.c, torch.matmul(a, b), 1e-13)
      end
      local alpha, beta, m = case.args.alpha, case.args.beta, tensor(case.inp.m)
      local out = case.out
      if out.bmm then
        near(out.bmm, torch.bmm(a, b))
        near(out.addbmm, torch.addbmm(beta, m, alpha, a, b))
        local batch = torch.repeatTensor(m, a:size(1), 1, 1)
        near(out.baddbmm, torch.baddbmm(beta, batch, alpha, a, b))
        return
      end
      local v, w = tensor(case.inp.v), tensor(case.inp.w)
      near(out.mm, a * b)
      near(out.mv, torch.mv(a, v))
      near(out.ger, torch.ger(w, v))
      assert.is_true(math.abs(torch.dot(v, v) - out.dot) < 1e-14)
      near(out.addr, torch.addr(beta, a, alpha, w, v))
      near(out.addmm, m:clone():addmm(beta, alpha, a, b))
      near(out.addmv, torch.addmv(beta, w, alpha, a, v))
    end)
  end
end)

local function index_case (case)
  local inp, out, args = case.inp, case.out, case.args or {}
  local x, op = tensor(inp.x or inp.labels), case.op:match '^%S+'
  local dim = args.dim
  local i, src = inp.index and tensor(inp.index), inp.src and tensor(inp.src)
  if op == 'gather' or op == 'index' then
    near(out.y, torch[op](x, dim, i))
    near(out.y, x[op](x, dim, i))
  elseif op == 'scatter' or op == 'indexCopy' then
    near(out.y, torch[op](x, dim, i, src))
    local fill = op == 'scatter' and 'scatter' or 'indexFill'
    near(out.fill, torch[fill](x, dim, i, args.value))
    near(out.fill, x[fill](x:clone(), dim, i, args.value))
  elseif op == 'scatterAdd' or op == 'indexAdd' then
    near(out.y, torch[op](x, dim, i, src))
    near(out.y, x[op](x:clone(), dim, i, src))
  elseif op == 'maskedSelect' then
    local mask = tensor(inp.mask)
    near(out.select, torch.maskedSelect(x, mask))
    near(out.select, x[mask])
    if out.fill then
      near(out.fill, x:clone():maskedFill(mask, args.value))
      near(out.copy, x:clone():maskedCopy(mask, src))
      local y = x:clone()
      y[mask] = src
      near(out.copy, y)
    end
  elseif op == 'where' then
    near(out.z, torch.where(tensor(inp.mask), x, tensor(inp.y)))
  elseif op == 'nonzero' then
    near(out.index, torch.nonzero(x))
  elseif op == 'onehot' then
    near(out.y, torch.onehot(x, args.classes, 'float64'))
  end
end

describe('golden indexing', function ()
  for case in cases 'index' do
    it(case.name, function ()
      if not case.out.error then return index_case(case) end
      for op in case.op:gmatch '%S+' do
        assert.has_error(function ()
          local x = tensor(case.inp.x or case.inp.labels)
          local i = case.inp.index and tensor(case.inp.index)
          if op == 'onehot' then
            torch.onehot(x, case.args.classes)
          elseif op == 'indexAdd' then
            x:indexAdd(case.args.dim, i, torch.index(x, 1, i:clone():fill(1)))
          else
            torch[op](x, case.args.dim, i:view(-1, 1):expand(2, 5))
          end
        end)
      end
    end)
  end
end)

describe('golden sorting', function ()
  for _, family in ipairs {'sort', 'topk'} do
    for case in cases(family) do
      it(case.name, function ()
        local x, args = tensor(case.inp.x), case.args
        for _, r in ipairs(case.out.results or {case.out}) do
          local values, index
          if family == 'sort' then
            values, index = torch.sort(x, args.dim, r.descending)
            near(r.index, torch.argsort(x, args.dim, r.descending))
          else
            values, index = torch.topk(x, args.k, args.dim, r.largest)
          end
          near(r.value, values)
          near(r.index, index)
        end
      end)
    end
  end
end)

describe('golden triangles', function ()
  local ops = {diag = true, tril = true, triu = true}
  for case in cases 'linalg' do
    local op = case.op:match '^%S+'
    if ops[op] then
      it(case.name, function ()
        local x, k = tensor(case.inp.x), case.args and case.args.k
        if op == 'diag' then
          local v, out = tensor(case.inp.v), case.out
          near(out.matrix, torch.diag(v))
          near(out.of_matrix, torch.diag(x))
          near(out.above, torch.diag(v, 1))
          return near(out.of_matrix_below, torch.diag(x, -1))
        end
        for name, want in pairs(case.out) do
          near(want, torch[name](x, k))
        end
      end)
    end
  end
end)

describe('golden triangular systems', function ()
  for case in cases 'linalg' do
    if case.op == 'trtrs' then
      local a, b, out = tensor(case.inp.a), tensor(case.inp.b), case.out
      it(case.name, function ()
        near(out.upper, torch.trtrs(b, a), 1e-12)
        near(out.upper_transposed, torch.trtrs(b, a, 'U', 'T'), 1e-12)
        near(out.lower, torch.trtrs(b, a:t(), 'L'), 1e-12)
      end)
    end
  end

  it('have unit diagonals, factors, gradients', function ()
    local a, b = torch.randn(4, 4):double(), torch.randn(4, 2):double()
    a = a + torch.eye(4):double() * 4
    local unit = torch.tril(a, -1) + torch.eye(4):double()
    assert.tensor_near(b, unit * torch.trtrs(b, a, 'L', 'N', 'U'), 1e-12)
    local r = torch.DoubleTensor()
    torch.trtrs(r, b, a)
    assert.tensor_near(b, torch.triu(a) * r, 1e-12)
    local p = a * a:t()
    for _, side in ipairs {'U', 'L'} do
      assert.tensor_near(b, p * torch.potrs(b, torch.potrf(p, side), side),
                         1e-11)
    end
    assert.gradcheck(function (v, m) return torch.trtrs(v, m, 'L', 'T') end,
                     b, a)
    assert.gradcheck(function (v, m) return torch.potrs(v, m) end, b, a)
    local y = require 'autograd'.vmap(function (v)
      return torch.trtrs(v, a)
    end)(torch.stack {b, b * 2})
    assert.tensor_near(torch.trtrs(b, a) * 2, y[2], 1e-12)
  end)

  it('refuse what they are not', function ()
    local function refuses (text, ...)
      local ok, message = pcall(...)
      assert.is_false(ok)
      assert.truthy(message:find(text, 1, true), message)
    end
    local b = torch.ones(4, 2)
    refuses("trtrs: triangle: 'U' or 'L' expected, got X", torch.trtrs, b,
            torch.eye(4), 'X')
    refuses('trtrs: a matrix [n x n] and a right side [n x k] or [n] expected, '
            .. 'got [4 x 3] and [4 x 2]', torch.trtrs, b, torch.ones(4, 3))
    refuses('the matrix is singular', torch.trtrs, b, torch.zeros(4, 4))
    refuses("potrs: triangle: 'U' or 'L' expected, got 3", torch.potrs, b,
            torch.eye(4), 3)
  end)
end)

describe('array_split', function ()
  local sizes
  for _, case in ipairs(dofile('tests/golden/notebooks.lua').cases) do
    if case.op == 'array_split' then sizes = case.out end
  end
  it('has the reference\'s sizes', function ()
    local n = 0
    for name, want in pairs(sizes) do
      local all, parts = name:match '^(%d+)_by_(%d+)$'
      local x, at = torch.range(1, math.tointeger(all)), 0
      local got = torch.array_split(x, math.tointeger(parts))
      assert.equal(#want, #got)
      for i, part in ipairs(got) do
        assert.equal(want[i], part:nElement())
        if want[i] > 0 then assert.equal(at + 1, part[1]) end
        at = at + want[i]
      end
      n = n + 1
    end
    assert.is_true(n > 3)
    assert.same({2, 3}, torch.ones(2, 5):array_split(2, 2)[1]:size():totable())
  end)
  it('refuses numbers of parts and dimensions', function ()
    assert.has_error(function () torch.array_split(torch.ones(3), 0) end,
                     'array_split: argument #2: a positive integer expected, '
                     .. 'got 0')
    assert.has_error(function () torch.array_split(torch.ones(3), 2^40) end,
                     'array_split: argument #2: 1..10000000 pieces expected, '
                     .. 'got 1099511627776')
    assert.has_error(function () torch.array_split(torch.ones(3), 2, 2) end,
                     'array_split: dimension 1..1 expected, got 2')
  end)
end)

describe('golden convolution', function ()
  for case in cases 'conv2' do
    it(case.name, function ()
      local x, k = tensor(case.inp.x), tensor(case.inp.k)
      if case.out.error then
        return assert.has_error(function () torch.conv2(x, k, 'V') end)
      end
      for name, want in pairs(case.out) do
        local f, mode = name:match '(%w+)_(%w)'
        near(want, torch[f](x, k, mode))
      end
    end)
  end
end)
