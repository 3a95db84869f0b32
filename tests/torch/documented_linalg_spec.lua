-- Torch7's documentation of linear algebra: the documented systems have the
-- documented solutions (four digits), and decompositions multiply back.
-- Signs of eigenvectors are free; what differs is in docs/torch7.md.
require 'nnlua.busted'
local torch = require 'torch'

local function D (t) return torch.DoubleTensor(t) end

local upper = D {{1.96, 0, 0, 0, 0}, {-6.49, 3.80, 0, 0, 0},
                 {-0.47, -6.39, 4.17, 0, 0}, {-7.20, 1.50, -1.51, 5.70, 0},
                 {-0.65, -6.34, 2.67, 1.80, -7.10}}:t()

describe('documented: linear algebra', function ()
  it('gesv', function ()
    local a = D {{6.80, -2.11, 5.66, 5.97, 8.23},
                 {-6.05, -3.30, 5.36, -4.44, 1.08},
                 {-0.45, 2.58, -2.70, 0.27, 9.04},
                 {8.32, 2.71, 4.35, -7.17, 2.14},
                 {-9.67, -5.14, -7.26, 6.08, -6.87}}:t()
    local b = D {{4.02, 6.19, -8.22, -7.57, -3.03},
                 {-1.56, 4.00, -8.67, 1.75, 2.86},
                 {9.81, -4.09, -4.57, -8.61, 8.99}}:t()
    local x = torch.gesv(b, a)
    assert.tensor_near(D {{-0.8007, -0.3896, 0.9555},
                          {-0.6952, -0.5544, 0.2207},
                          {0.5939, 0.8422, 1.9006},
                          {1.3217, -0.1038, 5.3577},
                          {0.5658, 0.1057, 4.0406}}, x, 1e-4)
    assert.is_true(b:dist(a * x) < 1e-12)
    assert.has_error(function () torch.gesv(b, torch.zeros(5, 5):double()) end)
  end)

  it('gels gives the solution alone', function ()
    local a = D {{1.44, -9.96, -7.55, 8.34, 7.08, -5.45},
                 {-7.84, -0.28, 3.24, 8.09, 2.52, -5.70},
                 {-4.39, -3.24, 6.27, 5.28, 0.74, -1.19},
                 {4.53, 3.83, -6.64, 2.06, -2.47, 4.70}}:t()
    local b = D {{8.58, 8.26, 8.48, -5.28, 5.72, 8.93},
                 {9.35, -4.43, -0.70, -0.26, -7.36, -2.52}}:t()
    local x = torch.gels(b, a)
    assert.tensor_near(D {{-0.4506, 0.2497}, {-0.8492, -0.9020},
                          {0.7066, 0.6323}, {0.1289, 0.1351}}, x, 1e-4)
    assert.near(17.390200628863, b:dist(a * x), 1e-10)
  end)

  it('symeig reads the upper triangle, or the lower', function ()
    local want = D {-11.0656, -6.2287, 0.8640, 8.8655, 16.0948}
    local e = torch.symeig(upper)
    assert.tensor_near(want, e, 1e-4)
    local v
    e, v = torch.symeig(upper, 'V')
    assert.tensor_near(want, e, 1e-4)
    local whole = v * torch.diag(e) * v:t()
    assert.is_true(upper:dist(torch.triu(whole)) < 1e-12)
    assert.tensor_near(torch.abs(D {0.2981, 0.6075, 0.4026, 0.3745, 0.4896}),
                       torch.abs(v[1]), 1e-4)
    e = torch.symeig(upper:t(), 'N', 'L')
    assert.tensor_near(want, e, 1e-4)
  end)

  it('svd', function ()
    local a = D {{8.79, 6.11, -9.15, 9.57, -3.49, 9.84},
                 {9.93, 6.91, -7.93, 1.64, 4.02, 0.15},
                 {9.83, 5.04, 4.86, 8.83, 9.80, -8.99},
                 {5.45, -0.27, 4.85, 0.74, 10.00, -6.02},
                 {3.16, 7.98, 3.01, 5.80, 4.27, -5.31}}:t()
    local u, s, v = torch.svd(a)
    assert.tensor_near(D {27.4687, 22.6432, 8.5584, 5.9857, 2.0149}, s, 1e-4)
    assert.same({6, 5}, u:size():totable())
    assert.same({5, 5}, v:size():totable())
    assert.tensor_near(D {0.5911, 0.2632, 0.3554, 0.3143, 0.2299},
                       torch.abs(u[1]), 1e-4)
    assert.is_true(a:dist(u * torch.diag(s) * v:t()) < 1e-12)
  end)

  it('inverse, qr, potrf', function ()
    local x = torch.eye(10):double() * 3 + torch.range(1, 100):double()
              :resize(10, 10):mul(0.01)
    local eye = torch.eye(10):double()
    assert.is_true((x * torch.inverse(x) - eye):abs():max() < 1e-12)
    local y = D {}
    torch.inverse(y, x)
    assert.is_true((x * y - eye):abs():max() < 1e-12)
    assert.tensor_equal(y, x:inverse())
    local q, r = torch.qr(x)
    assert.is_true((q * r - x):abs():max() < 1e-12)
    assert.is_true((q:t() * q - eye):abs():max() < 1e-12)
    assert.equal(0, torch.tril(r, -1):abs():max())
    local p = x * x:t()
    local u, l = torch.potrf(p), torch.potrf(p, 'L')
    assert.is_true((u:t() * u - p):abs():max() < 1e-10)
    assert.is_true((l * l:t() - p):abs():max() < 1e-10)
  end)
end)
