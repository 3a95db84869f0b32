-- scripts/linear_regression.lua: its functions against the reference values,
-- in float64 along the whole run.

local torch = require 'torch'
local autograd = require 'autograd'
local random = require 'random'
require 'nnlua.busted'
local golden = dofile 'tests/nn/golden.lua'

local regression = dofile 'scripts/linear_regression.lua'

local function case (kind)
  return golden.case('notebooks', 'linear_regression/' .. kind)
end

describe('the regression has the reference values', function ()
  local given = golden.tensor(case 'mean'.inp)
  local x = given.x
  local y = 12 * torch.cat(x, x, 2) + 6 + given.noise

  -- The whole run against the reference.
  local function check (kind, update, loss_of)
    local c = case(kind)
    local out = golden.tensor(c.out)
    local params, losses = regression.train(update, given.params, x, y,
      c.args.lr, c.args.iterations, loss_of)
    assert.equal(c.args.iterations, #losses)
    assert.is_true(#out.update > 10)
    for i, k in ipairs(out.update) do
      golden.near(torch.item(out.loss[i]), losses[k], 'loss of update ' .. k)
    end
    for name, fields in pairs(out.final_params) do
      for field, want in pairs(fields) do
        golden.near(want, params[name][field], name .. '.' .. field)
      end
    end
    golden.near(out.final_loss, (loss_of or regression.square_loss)(
      params, regression.my_haiku_net, x, y), 'final loss')
    return out, losses
  end

  it('for the mean of squares, eager', function ()
    local out, losses = check('mean', regression.my_update)
    -- what the notebook prints, in float32: the loss of the update before
    for i = 1, out.printed_float32:nElement() do
      golden.near(torch.item(out.printed_float32[i]), losses[100 * i - 1],
                  'printed loss ' .. i, 1e-3)
    end
  end)

  it('for the mean of squares, jitted', function ()
    check('mean', autograd.jit(regression.my_update))
  end)

  it('for the root of the sum', function ()
    check('l2', regression.my_update, regression.norm_loss)
  end)
end)

it('the data are 12 [x, x] + 6 and noise of its own', function ()
  local x, y = regression.build_data(random.key(2), 2000)
  local noise = y - (12 * torch.cat(x, x, 2) + 6)
  assert.same({2000, 3}, x:size():totable())
  assert.same({2000, 6}, y:size():totable())
  assert.near(0, noise:mean(), 0.05)
  assert.near(1, noise:std(), 0.05)
  for k = 1, 3 do -- not the inputs again
    local a, b = x:select(2, k), noise:select(2, k)
    assert.near(0, torch.cmul(a, b):mean(), 0.1)
  end
end)
