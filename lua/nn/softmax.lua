-- nn.SoftMax, nn.SoftMin, nn.LogSoftMax([dim]) and their Spatial forms.  The
-- dimension of the classes is, as in Torch7, 1 for inputs with 1 or 3
-- dimensions and 2 for 2 or 4, unless it is given (negative: from the end).

local torch = require 'torch'
local errors = require 'nn.errors'
local F = require 'nn.functional'
require 'nn.Module'

local function dim_of (self, input)
  local n = errors.check(self, input, 1, 8,
                         'a tensor with at least 1 dimension')
  local dim = self.dim
  if not dim then return n % 2 == 1 and n <= 3 and 1 or 2 end
  if dim < 0 then dim = n + 1 + dim end
  if dim < 1 or dim > n then
    errors.fail(self, 'expected a tensor with a dimension %d, got %s',
                self.dim, errors.shape(input))
  end
  return dim
end

local function define (name, f)
  local C, parent = torch.class('nn.' .. name, 'nn.Module', require 'nn')

  function C:__init (dim)
    parent.__init(self)
    if dim ~= nil and (not math.tointeger(dim) or dim == 0) then
      errors.raise('nn.%s: dim: an integer other than 0 expected, got %s',
                   name, errors.shape(dim))
    end
    self.dim = dim
  end

  function C:compute (input) return f(input, dim_of(self, input)) end

  function C:__tostring__ ()
    return torch.typename(self) .. (self.dim and ('(%d)'):format(self.dim)
                                    or '')
  end
end

define('SoftMax', F.softmax)
define('SoftMin', function (x, dim) return F.softmax(-x, dim) end)
define('LogSoftMax', F.log_softmax)
define('SpatialSoftMax', F.softmax)
define('SpatialLogSoftMax', F.log_softmax)
