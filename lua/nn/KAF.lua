-- nn.KAF(n[, options]): n units that each learn their own activation function
-- of the input [*, n]; see nn.functional.kaf.  Options:
--   D            20, the number of centres, at least 2
--   boundary     3, the centres are equispaced within [-boundary, boundary]
--   kernel       'gaussian', 'relu', 'softplus' or a Lua function (x, c)
--   sigma        the gaussian's width; twice the centres' distance
--   learn_sigma  true: sigma is a parameter, true or 'unit' for one of each
--   min_sigma    what a learned sigma counts at least, without a gradient
--                below it; a hundredth of the centres' distance
--   init         'random' (normal, sd 0.8), or what the functions are at
--                first, by ridge regression: 'relu', 'tanh', 'elu' or a Lua
--                function of a number; eps 1e-4 is its regulariser
--   shared       true: one function for all units; n may be left out
--   channels     true: one function for each of n channels of images
--                [batch, n, height, width]
-- Parameters: alpha [n, D] ([D] when shared), and sigma where it is learned.
--   nn.KAF(512, {init = 'elu'}):forward(torch.randn(200, 512))

local torch = require 'torch'
local errors = require 'nn.errors'
local bounds = require 'nn.bounds'
local noisy = require 'nn.noisy'
local F = require 'nn.functional.kaf'

local KAF, parent = torch.class('nn.KAF', 'nn.Module', require 'nn')

KAF.parameterNames = {'alpha', 'sigma'}

local allowed = {D = true, boundary = true, kernel = true, sigma = true,
                 learn_sigma = true, min_sigma = true, init = true, eps = true, shared = true,
                 channels = true}

-- The parameter sigma, where it is learned.
local function add_sigma (self, learn)
  if learn ~= 'unit' then bounds.boolean('nn.KAF', 'learn_sigma', learn) end
  if not learn then return end
  if self.kernel ~= 'gaussian' then
    errors.raise('nn.KAF: learn_sigma: only the gaussian kernel has a sigma')
  end
  if learn == 'unit' and self.shared then
    errors.raise("nn.KAF: learn_sigma: true or false expected, got 'unit': "
                 .. 'one function is shared by all units')
  end
  self.sigma = noisy.parameter(self.width):view(-1)
  if learn == 'unit' and self.sigma:nElement() == 1 then
    self.sigma = self.sigma:expand(self.n):clone()
  end
end

function KAF:__init (n, options)
  parent.__init(self)
  if type(n) == 'table' and options == nil then n, options = nil, n end
  local o = noisy.options('nn.KAF', options, allowed)
  bounds.boolean('nn.KAF', 'shared', o.shared)
  bounds.boolean('nn.KAF', 'channels', o.channels)
  self.shared, self.channels = o.shared or false, o.channels or false
  if n ~= nil or not self.shared then
    self.n = errors.integer('nn.KAF', 'number of units', n)
  end
  self.D = errors.integer('nn.KAF', 'D', o.D or 20, 2)
  self.boundary, self.kernel = o.boundary or 3, o.kernel or 'gaussian'
  F.check_kernel('nn.KAF', self.kernel)
  F.check_count('nn.KAF', self.D, self.kernel)
  local _, step = F.kaf_centres(self.D, self.boundary, 'nn.KAF')
  self.width = o.sigma or 2 * step
  F.check_sigma('nn.KAF', self.width, not self.shared and self.n or nil)
  noisy.min_sigma(self, 'nn.KAF', o, step)
  self.init, self.eps = o.init or 'random', o.eps
  if o.eps ~= nil then F.check_eps('nn.KAF', o.eps) end
  local units = self.shared and {self.D} or {self.n, self.D}
  self.alpha = torch.zeros(units)
  add_sigma(self, o.learn_sigma)
  self:reset()
end

-- alpha as it begins; sigma is kept.
function KAF:reset ()
  if self.init == 'random' then
    self.alpha:normal(0, 0.8)
    return self
  end
  local function fit (sigma)
    return F.kaf_ridge(self.init, {D = self.D, boundary = self.boundary,
      kernel = self.kernel, sigma = sigma, eps = self.eps}, 'nn.KAF')
  end
  local sigma = self.width
  if torch.isTensor(sigma) and sigma:nElement() > 1 then
    for u = 1, self.n do self.alpha[u]:copy(fit(sigma[u])) end
  else
    self.alpha:copy(fit(sigma):expandAs(self.alpha))
  end
  return self
end

function KAF:compute (input)
  errors.check(self, input, 1, 8, 'a tensor with at least 1 dimension')
  local d = input:dim()
  if self.channels then d = d == 3 and 1 or 2 end
  if not self.shared and (d > input:dim() or input:size(d) ~= self.n) then
    local wanted = self.channels and '[batch x %d x height x width]'
                   or '[*, %d]'
    errors.fail(self, 'expected %s, got %s', wanted:format(self.n),
                errors.shape(input))
  end
  return F.kaf(input, self.alpha, {
    kernel = self.kernel, boundary = self.boundary,
    sigma = noisy.sigma(self),
    channels = self.channels and not self.shared or nil}, 'nn.KAF')
end

-- The functions at the points x (a tensor [m], default 200 points within the
-- boundary and 1 more): [units, m] ([m] when shared), and x.
function KAF:curves (x)
  local b = self.boundary + 1
  if x ~= nil and not (torch.isTensor(x) and x:dim() == 1) then
    bounds.fail(self, 'curves: x', 'a tensor [m]', errors.shape(x))
  end
  x = x or torch.linspace(-b, b, 200):type(self.alpha:type())
  local o = {kernel = self.kernel, boundary = self.boundary,
             sigma = noisy.sigma(self)}
  if self.shared then return F.kaf(x, self.alpha, o), x end
  local all = x:view(-1, 1):expand(x:size(1), self.n):contiguous()
  return F.kaf(all, self.alpha, o):t(), x
end

function KAF:__tostring__ ()
  local kernel = type(self.kernel) == 'string' and self.kernel or 'function'
  return ('nn.KAF(%s, D %d, boundary %g, %s)'):format(
    self.shared and 'shared' or tostring(self.n), self.D, self.boundary,
    kernel)
end

return KAF
