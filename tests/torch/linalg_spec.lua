-- Linear algebra against tests/golden/ops.lua, and what it refuses.
require 'nnlua.busted'
local torch = require 'torch'
local autograd = require 'autograd'

local golden = {}
for _, case in ipairs(dofile('tests/golden/ops.lua').cases) do
  golden[case.name] = case
end

local function tensor (array)
  return torch.tensor(array.data, array.dtype):view(array.shape)
end

local function inputs (name)
  local case = golden['linalg/' .. name]
  local inp = {}
  for k, v in pairs(case.inp) do inp[k] = tensor(v) end
  return inp, case.out
end

local function near (want, got, tolerance)
  if type(want) == 'table' then want = tensor(want) end
  tolerance = tolerance or 1e-12
  assert.tensor_near(want, got, {rtol = tolerance, atol = tolerance})
end

local function refuses (text, f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok)
  assert.equal(text, (message:gsub('^[^:]*:%d+: ', '')))
end

describe('linear algebra', function ()
  it('cholesky and potrf', function ()
    local inp, out = inputs 'cholesky'
    near(out.lower, torch.cholesky(inp.a))
    near(out.lower, torch.cholesky(inp.a, 'L'))
    near(out.upper, torch.cholesky(inp.a, 'U'))
    near(out.upper, torch.potrf(inp.a))
    near(out.lower, torch.potrf(inp.a, 'L'))
    local res = torch.DoubleTensor()
    assert.is_true(torch.cholesky(res, inp.a) == res)
    near(out.lower, res)
    refuses('cholesky: the matrix is not positive definite (its leading '
            .. 'minor of order 2 is not positive)', torch.cholesky,
            inputs('cholesky_error').a)
  end)

  it('reads one triangle', function ()
    local a = torch.tensor({{4, 100}, {2, 5}}, 'float64')
    near(torch.tensor({{2, 0}, {1, 2}}, 'float64'), torch.cholesky(a))
    near(torch.tensor({3, 6}, 'float64') - 0,
         (torch.symeig(torch.tensor({{4, 77}, {math.sqrt(2), 5}}, 'float64'),
                       'N', 'L')))
  end)

  for _, what in ipairs {'square', 'tall', 'wide'} do
    it('qr of a ' .. what .. ' matrix', function ()
      local inp, out = inputs('qr_' .. what)
      local q, r = torch.qr(inp.a)
      near(out.q, q)
      near(out.r, r)
      near(inp.a, q * r)
    end)

    it('svd of a ' .. what .. ' matrix', function ()
      local inp, out = inputs('svd_' .. what)
      local u, s, v = torch.svd(inp.a)
      near(out.s, s)
      near(inp.a, u * torch.diag(s) * v:t())
      near(torch.eye(s:size(1)):double(), u:t() * u)
      near(torch.eye(s:size(1)):double(), v:t() * v)
    end)
  end

  it('svd of a matrix of rank 1', function ()
    local inp, out = inputs 'svd_rank_deficient'
    local _, s = torch.svd(inp.a)
    near(out.s, s)
  end)

  it('symeig', function ()
    local inp, out = inputs 'eigvalsh'
    near(out.w, (torch.symeig(inp.a)))
    assert.equal(1, select('#', torch.symeig(inp.a)))
    local w, v = torch.symeig(inp.a, 'V')
    near(out.w, w)
    near(inp.a * v, v * torch.diag(w))
    local e, vectors = torch.DoubleTensor(), torch.DoubleTensor()
    assert.equal(2, select('#', torch.symeig(e, vectors, inp.a, 'V')))
    near(w, e)
    near(v, vectors)
  end)

  it('gesv, inverse and det', function ()
    local inp, out = inputs 'solve'
    near(out.matrix, (torch.gesv(inp.b, inp.a)))
    near(out.vector, (torch.gesv(inp.v, inp.a)))
    inp, out = inputs 'inverse_det'
    near(out.inverse, torch.inverse(inp.a))
    near(torch.tensor({out.det}, 'float64'),
         torch.tensor({torch.det(inp.a)}, 'float64'))
    assert.equal(-1.0, torch.det(inputs('det_permutation').a))
    assert.is_true(math.abs(torch.det(inputs('det_singular').a)) < 1e-14)
    assert.equal(1.0, torch.det(torch.zeros(0, 0)))
    inp, out = inputs 'batched'
    near(out.solve, (torch.gesv(inp.b, inp.a)))
    near(out.inverse, torch.inverse(inp.a))
    near(out.det, torch.det(inp.a))
    near(out.cholesky_lower, torch.cholesky(inp.s))
    inp, out = inputs 'hilbert6'
    near(out.inverse, torch.inverse(inp.a), 1e-15 * out.condition)
    near(out.solve, (torch.gesv(inp.b, inp.a)), 1e-15 * out.condition)
  end)

  it('lstsq and gels', function ()
    for _, what in ipairs {'tall', 'wide'} do
      local inp, out = inputs('lstsq_' .. what)
      near(out.x, torch.lstsq(inp.a, inp.b))
      near(out.x, torch.gels(inp.b, inp.a))
    end
  end)

  it('float32 keeps its dtype', function ()
    local a = torch.FloatTensor {{2, 1}, {1, 3}}
    assert.equal('float32', torch.inverse(a):dtype())
    assert.tensor_near(torch.FloatTensor {{0.6, -0.2}, {-0.2, 0.4}},
                       torch.inverse(a))
  end)

  it('refuses what has no answer', function ()
    local inp = inputs 'solve_error'
    refuses('gesv: the matrix is singular (pivot 2 is zero)', torch.gesv,
            inp.b, inp.a)
    refuses('inverse: the matrix is singular (pivot 1 is zero)',
            torch.inverse, torch.zeros(2, 2))
    refuses('inverse: a square matrix of floats expected, got 2 x 3 float32',
            torch.inverse, torch.zeros(2, 3))
    refuses('gesv: the matrix is 3 x 3 float32, the right side 2 x 1 float32',
            torch.gesv, torch.zeros(2, 1), torch.eye(3, 3))
    refuses('svd: a matrix of floats expected, got 3 float32', torch.svd,
            torch.zeros(3))
    refuses('svd: the matrix has NaN or inf', torch.svd,
            torch.tensor {{1, 0 / 0}, {2, 3}})
    refuses('symeig: a square matrix of floats expected, got 2 x 3 float32',
            torch.symeig, torch.LongTensor {{1, 2, 3}, {2, 1, 3}})
    refuses("symeig: argument #2: 'N' or 'V' expected, got string 'X'",
            torch.symeig, torch.eye(2, 2), 'X')
    refuses("svd: argument #2: only the thin decomposition, 'S', is computed",
            torch.svd, torch.eye(2, 2), 'A')
    refuses('lstsq: the matrix is 3 x 2 float32, the right side 2 x 1 float32',
            torch.lstsq, torch.zeros(3, 2), torch.zeros(2, 1))
    refuses('lstsq: the matrix is not of full rank (2 is the first of its '
            .. 'columns, or rows, that depends on others)', torch.lstsq,
            torch.tensor {{1, 1}, {1, 1}, {1, 1}}, torch.ones(3, 1))
    refuses('qr: argument #1: tensor expected, got number 3', torch.qr, 3)
  end)

  it('has zero gradient through equal eigenvalues', function ()
    local g = autograd.grad(function (a)
      return torch.sum((torch.symeig(a, 'V')))
    end)(torch.eye(3, 3):double())
    near(torch.eye(3, 3):double(), g)
  end)
end)
