-- scripts/denoise_cosine.lua: its functions against the reference values, in
-- float64 along the whole run.

local torch = require 'torch'
local autograd = require 'autograd'
local random = require 'random'
require 'nnlua.busted'
local golden = dofile 'tests/nn/golden.lua'

local cosine = dofile 'scripts/denoise_cosine.lua'

local function case (name)
  return golden.case('notebooks', 'denoise_cosine/' .. name)
end

describe('the noisy cosine', function ()
  local c = case 'fresh_noise'
  local n, hidden, rate = c.args.n, c.args.hidden, c.args.lr
  local y, noise = golden.tensor(c.inp.y), golden.tensor(c.inp.noise)
  local given = golden.tensor(c.inp.params)

  it('has the samples of the reference', function ()
    golden.near(y, torch.cos(torch.linspace(-3 * math.pi, 3 * math.pi, n,
                                            {dtype = 'float64'})), 'cosine')
    assert.tensor_near(y:float(), cosine.cosine(n), 2e-6)
  end)

  it('is learned from fresh noise as in the reference', function ()
    local params, costs = cosine.train(given, function (k)
      return y + noise[k]
    end, y, rate, c.args.iterations)
    golden.near(golden.tensor(c.out.loss), torch.tensor(costs, 'float64'),
                'costs')
    for name, want in pairs(golden.tensor(c.out.final_params)) do
      golden.near(want, params[name], name)
    end
    golden.near(golden.tensor(c.out.output), cosine.net(params, y + noise[1]),
                'output')
  end)

  it('is learned from one signal as in the reference', function ()
    local one = case 'one_signal'
    local x = y + noise[1]
    local params, costs = cosine.train(given, function () return x end, y,
                                       rate, one.args.iterations)
    golden.near(golden.tensor(one.out.loss), torch.tensor(costs, 'float64'),
                'costs')
    golden.near(golden.tensor(one.out.final_b), params.b, 'b')
    golden.near(golden.tensor(one.out.final_W_1_row_1), params.W_1[1], 'W_1')
    golden.near(golden.tensor(one.out.final_W_2_row_1), params.W_2[1], 'W_2')
    golden.near(golden.tensor(one.out.output), cosine.net(params, x), 'output')
  end)

  it('has the same bits eager and jitted', function ()
    local x = y + noise[2]
    local jitted = autograd.jit(cosine.update)
    for _ = 1, 3 do
      local a, p = cosine.update(given, x, y, rate)
      local b, q = jitted(given, x, y, rate)
      assert.equal(a, b)
      for name in pairs(p) do assert.tensor_equal(p[name], q[name]) end
    end
  end)

  it('has the gradient of differences', function ()
    local p = cosine.init(random.key(3), 5, 4)
    local x = torch.randn(5):double()
    assert.gradcheck(function (w)
      return cosine.net_cost({W_1 = w, W_2 = p.W_2:double(),
                              b = p.b:double()}, x, x)
    end, p.W_1:double())
  end)

  it('begins with weights in [-0.1, 0.1]', function ()
    local p = cosine.init(random.key(0), n, hidden)
    assert.same({hidden, n}, p.W_1:size():totable())
    assert.same({n, hidden}, p.W_2:size():totable())
    assert.same({hidden}, p.b:size():totable())
    for _, w in pairs(p) do
      assert.is_true(torch.abs(w):max() <= 0.1)
      assert.is_true(w:max() > 0 and w:min() < 0)
    end
  end)
end)
