-- Activations of each element for itself, and the few functions that Torch7
-- has as modules.  The formulas stand in nn.functional; a pair here is a name
-- and its default, in the order of the constructor's arguments.

local define = require 'nn.elementwise'
local F = require 'nn.functional'

local function ordered (low, high)
  if low > high or low ~= low or high ~= high then
    return ('min_val: at most max_val (%g) expected, got %g'):format(high, low)
  end
end

local function not_0 (field)
  return function (value)
    if value == 0 or value ~= value then
      return ('%s: a number other than 0 expected, got %g'):format(field, value)
    end
  end
end

-- nn.ReLU(): max(x, 0)
define('ReLU', {}, F.relu)
-- nn.ReLU6(): min(max(x, 0), 6)
define('ReLU6', {}, F.relu6)
-- nn.LeakyReLU([0.01]): x where x > 0, else negval x
define('LeakyReLU', {{'negval', 0.01}}, F.leaky_relu)
-- nn.ELU([1]): x where x > 0, else alpha (exp(x) - 1)
define('ELU', {{'alpha', 1}}, F.elu)
-- nn.SELU(): ELU with the scale that keeps mean 0 and variance 1
define('SELU', {}, F.selu)
-- nn.CELU([1]): x where x > 0, else alpha (exp(x / alpha) - 1)
define('CELU', {{'alpha', 1}}, F.celu, not_0 'alpha')
-- nn.GELU(['none']): x times the normal distribution function; 'tanh': its
-- approximation
define('GELU', {{'approximate', 'none', 'string'}}, F.gelu)
-- nn.SiLU(), nn.Swish(): x sigmoid(x)
define('SiLU', {}, F.silu)
define('Swish', {}, F.silu)
-- nn.Mish(): x tanh(softplus(x))
define('Mish', {}, F.mish)
-- nn.HardSigmoid(): min(max(x + 3, 0), 6) / 6
define('HardSigmoid', {}, F.hard_sigmoid)
-- nn.HardSwish(): x times that
define('HardSwish', {}, F.hard_swish)
-- nn.Sigmoid(): 1 / (1 + exp(-x))
define('Sigmoid', {}, F.sigmoid)
-- nn.LogSigmoid(): log of it
define('LogSigmoid', {}, F.log_sigmoid)
-- nn.Tanh()
define('Tanh', {}, F.tanh)
-- nn.HardTanh([-1[, 1]]), nn.Clamp(min, max): x within the two
define('HardTanh', {{'min_val', -1}, {'max_val', 1}}, F.hard_tanh,
       ordered)
define('Clamp', {{'min_val'}, {'max_val'}}, F.hard_tanh, ordered)
-- nn.HardShrink([0.5]): x where |x| > lambda, else 0
define('HardShrink', {{'lambda', 0.5}}, F.hard_shrink)
-- nn.SoftShrink([0.5]): x moved by lambda towards 0
define('SoftShrink', {{'lambda', 0.5}}, F.soft_shrink)
-- nn.TanhShrink(): x - tanh(x)
define('TanhShrink', {}, F.tanh_shrink)
-- nn.SoftPlus([1[, 20]]): log(1 + exp(beta x)) / beta; x where beta x is above
-- the threshold
define('SoftPlus', {{'beta', 1}, {'threshold', 20}}, F.softplus,
       not_0 'beta')
-- nn.SoftSign(): x / (1 + |x|)
define('SoftSign', {}, F.soft_sign)
-- nn.Threshold([0[, 0]]): x where x > threshold, else value
define('Threshold', {{'threshold', 0}, {'val', 0}}, F.threshold)
define('Abs', {}, F.abs)
-- nn.Power(p): x^p
define('Power', {{'pow'}}, F.pow)
define('Square', {}, F.square)
-- nn.Sqrt([0]): sqrt(x + eps), with derivative 0 where that is 0
define('Sqrt', {{'eps', 0}}, F.sqrt)
define('Exp', {}, F.exp)
define('Log', {}, F.log)
