-- A step of L-BFGS from gradients alone, without a line search, for
-- optim.lbfgs as an object; inside jit too.  The last nCorrection steps and
-- changes of the gradient are the rows of two matrices, the newest last; a row
-- that is not there yet has weight 0.  The same path as Torch7's form takes
-- with its lineSearch left out, one iteration an update.

local torch = require 'torch'
local options = require 'optim.options'
local kept = require 'optim.kept'
local owned = require 'optim.owned'
local vector = require 'optim.vector'

-- All but the first row of m, and v below.
local function shifted (m, v)
  return torch.cat({m:narrow(1, 2, m:size(1) - 1), v}, 1)
end

-- -H g by the two-loop recursion.
local function direction (s, g)
  local scan = require 'autograd'.scan
  local rows = {steps = s.steps, changes = s.changes, ro = s.ro}
  local q, al = scan(function (q, r)
    local a = r.steps:dot(q) * r.ro
    return q - r.changes * a, a
  end, -g, rows, {reverse = true})
  rows.al = al
  return (scan(function (p, r)
    return p + r.steps * (r.al - r.changes:dot(p) * r.ro), r.al
  end, torch.cmul(q, s.hdiag), rows))
end

local function remember (s, g)
  local change, step = g - s.last_g, torch.cmul(s.d, s.t)
  local ys = change:dot(step)
  local good = torch.gt(ys, 1e-10)
  local safe = torch.where(good, ys, 1)
  local function keep (m, v)
    m:copy(torch.where(good, shifted(m, v), m))
  end
  keep(s.changes, change:view(1, -1))
  keep(s.steps, step:view(1, -1))
  keep(s.ro, torch.full({1}, 1, {dtype = g:dtype()}) / safe)
  s.hdiag:copy(torch.where(good, torch.div(s.hdiag * 0 + ys,
    torch.where(good, change:dot(change), 1)), s.hdiag))
end

local function begin (s, g, rows)
  if s.steps and s.steps.size then return end
  require 'autograd'.outside(function ()
    local function make (...)
      return torch.zeros({...}, {dtype = g:dtype()})
    end
    local n = g:nElement()
    s.steps, s.changes, s.ro = make(rows, n), make(rows, n), make(rows)
    s.last_g, s.d, s.t, s.hdiag = make(n), make(n), make(1), make(1)
  end)
end

return function (opt, params, grads)
  local get, c, s = options.getter(), opt.config, opt.state
  local rate = get(c, 'learningRate')
  if rate == nil then rate = 1 end
  options.check_number('lbfgs', 'learningRate', rate)
  local tolX, rows = get(c, 'tolX') or 1e-9, get(c, 'nCorrection') or 100
  options.check_number('lbfgs', 'nCorrection', rows)
  local xs, ss = owned.parts('lbfgs', params, s, 'object')
  local join, split = vector.of('lbfgs', params)
  local g = join(grads)
  begin(s, g, math.floor(rows))
  local first = torch.eq(kept.count(s, 'nIter'), 0)
  remember(s, g)
  s.hdiag:copy(torch.where(first, s.hdiag * 0 + 1, s.hdiag))
  local d = direction(s, g)
  local t = torch.where(first, torch.cmin(1 / torch.abs(g):sum(), 1), 1) * rate
  t = torch.where(torch.gt(g:dot(d), -tolX), 0, t)
  s.d:copy(d)
  s.t:copy(s.t * 0 + t)
  s.last_g:copy(g)
  vector.copy(params, split(join(params) + torch.cmul(s.d, s.t)))
  owned.keep(params, xs, ss, s)
  kept.advance(s, 'nIter')
end
