-- nn.KAF2D(n[, options]): n / 2 functions of two inputs each: output h is a
-- function of inputs h and n/2 + h; see nn.functional.kaf2d.  Input [*, n],
-- output [*, n / 2].  Options: D (10), boundary (3), sigma (twice the centres'
-- distance divided by sqrt 2), learn_sigma, min_sigma (what a learned sigma
-- counts at least, a hundredth of the centres' distance).
-- Parameters: alpha [n / 2, D * D], drawn from N(0, 0.8^2), and sigma [1].

local torch = require 'torch'
local errors = require 'nn.errors'
local bounds = require 'nn.bounds'
local noisy = require 'nn.noisy'
local F = require 'nn.functional.kaf'

local KAF2D, parent = torch.class('nn.KAF2D', 'nn.Module', require 'nn')

KAF2D.parameterNames = {'alpha', 'sigma'}

local allowed = {D = true, boundary = true, sigma = true, learn_sigma = true,
                 min_sigma = true}

function KAF2D:__init (n, options)
  parent.__init(self)
  local o = noisy.options('nn.KAF2D', options, allowed)
  self.n = errors.integer('nn.KAF2D', 'number of inputs', n, 2)
  if self.n % 2 == 1 then
    errors.raise('nn.KAF2D: number of inputs: an even number expected, got %d',
                 self.n)
  end
  self.D = errors.integer('nn.KAF2D', 'D', o.D or 10, 2)
  F.check_count('nn.KAF2D', self.D, 'gaussian')
  self.boundary = o.boundary or 3
  local _, step = F.kaf_centres(self.D, self.boundary, 'nn.KAF2D')
  self.width = o.sigma or 2 * step / math.sqrt(2)
  F.check_sigma('nn.KAF2D', self.width, self.n // 2)
  noisy.min_sigma(self, 'nn.KAF2D', o, step)
  bounds.boolean('nn.KAF2D', 'learn_sigma', o.learn_sigma)
  if o.learn_sigma then self.sigma = noisy.parameter(self.width) end
  self.alpha = torch.zeros(self.n // 2, self.D * self.D)
  self:reset()
end

function KAF2D:reset ()
  self.alpha:normal(0, 0.8)
  return self
end

function KAF2D:compute (input)
  local dims = errors.check(self, input, 1, 8, ('[*, %d]'):format(self.n))
  if input:size(dims) ~= self.n then
    errors.fail(self, 'expected [*, %d], got %s', self.n, errors.shape(input))
  end
  local o = {boundary = self.boundary, sigma = noisy.sigma(self)}
  if dims == 2 then return F.kaf2d(input, self.alpha, o) end
  local sizes = input:size():totable()
  sizes[dims] = self.n // 2
  return F.kaf2d(input:reshape(input:nElement() // self.n, self.n),
                 self.alpha, o):view(table.unpack(sizes))
end

-- The functions on a grid of the points x (a tensor [m], default 50 points
-- within the boundary and 1 more): [units, m, m], first inputs along columns,
-- partners along rows; and x.
function KAF2D:surfaces (x)
  local b = self.boundary + 1
  if x ~= nil and not (torch.isTensor(x) and x:dim() == 1) then
    bounds.fail(self, 'surfaces: x', 'a tensor [m]', errors.shape(x))
  end
  x = x or torch.linspace(-b, b, 50):type(self.alpha:type())
  local m, units = x:size(1), self.n // 2
  local first = x:view(1, m, 1):expand(m, m, units):reshape(m * m, units)
  local second = x:view(m, 1, 1):expand(m, m, units):reshape(m * m, units)
  local y = F.kaf2d(torch.cat(first, second, 2), self.alpha,
                    {boundary = self.boundary, sigma = noisy.sigma(self)})
  return y:t():reshape(units, m, m), x
end

function KAF2D:__tostring__ ()
  return ('nn.KAF2D(%d -> %d, D %d, boundary %g)'):format(self.n, self.n // 2,
    self.D, self.boundary)
end

return KAF2D
