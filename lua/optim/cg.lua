-- optim.cg(opfunc, x, config, state): conjugate gradients (Polak and Ribiere)
-- with a line search by quadratic and cubic interpolation, after Rasmussen's
-- minimize.  Returns x, the list of losses, the number of evaluations.
-- config: maxEval (1.25 maxIter), maxIter (20), rho (0.01), sig (0.5) (the
-- Wolfe-Powell conditions), int (0.1), ext (3) (how near to, how far beyond the
-- bracket), ratio (100, largest change of slope), red (1).

local vector = require 'optim.vector'
local owned = require 'optim.owned'

local known = {maxIter = 1, maxEval = 1, rho = 1, sig = 1, int = 1, ext = 1,
               ratio = 1, red = 1}

local function finite (z) return z == z and math.abs(z) < math.huge end

-- The minimum of the cubic through f2, d2 and f3, d3 at distance z3.
local function cubic_terms (p2, p3)
  local z = p3.z
  return 6 * (p2.f - p3.f) / z + 3 * (p2.d + p3.d),
         3 * (p3.f - p2.f) - z * (p3.d + 2 * p2.d)
end

-- From p1 (f, d at 0) and the step z1 to a point that satisfies the
-- conditions; returns it, the step, and whether it does.
local function search (eval, p1, z1, limit_count, o)
  local p2 = eval(z1)
  local p3 = {f = p1.f, d = p1.d, z = -z1}
  local left, limit = limit_count, -1
  local function fails ()
    return p2.f > p1.f + z1 * o.rho * p1.d or p2.d > -o.sig * p1.d
  end
  while true do
    while fails() and left > 0 do
      limit = z1
      local z2
      if p2.f > p1.f then
        z2 = p3.z - (0.5 * p3.d * p3.z^2) / (p3.d * p3.z + p2.f - p3.f)
      else
        local a, b = cubic_terms(p2, p3)
        z2 = ((b * b - a * p2.d * p3.z^2)^0.5 - b) / a
      end
      if not finite(z2) then z2 = p3.z / 2 end
      z2 = math.max(math.min(z2, o.int * p3.z), (1 - o.int) * p3.z)
      z1 = z1 + z2
      p2, left = eval(z1), left - 1
      p3.z = p3.z - z2
    end
    if fails() then return p2, z1, false end
    if p2.d > o.sig * p1.d then return p2, z1, true end
    if left == 0 then return p2, z1, false end
    local a, b = cubic_terms(p2, p3)
    local z2 = -p2.d * p3.z^2 / (b + (b * b - a * p2.d * p3.z^2)^0.5)
    if not finite(z2) or z2 < 0 then
      z2 = limit < -0.5 and z1 * (o.ext - 1) or (limit - z1) / 2
    elseif limit > -0.5 and z2 + z1 > limit then
      z2 = (limit - z1) / 2
    elseif limit < -0.5 and z2 + z1 > z1 * o.ext then
      z2 = z1 * (o.ext - 1)
    elseif z2 < -p3.z * o.int then
      z2 = -p3.z * o.int
    elseif limit > -0.5 and z2 < (limit - z1) * (1 - o.int) then
      z2 = (limit - z1) * (1 - o.int)
    end
    p3 = {f = p2.f, d = p2.d, z = -z2}
    z1 = z1 + z2
    p2, left = eval(z1), left - 1
  end
end

local function cg (opfunc, x, config, state, place)
  config = config or {}
  vector.check('cg', opfunc, x, config, known, state)
  -- nothing of one call is used by the next, but a mistake is a mistake
  local own = state or config
  local xs, ss = owned.parts('cg', x, own,
                            place or state and 'state' or 'config')
  local maxIter = config.maxIter or 20
  local maxEval = config.maxEval or maxIter * 1.25
  local o = {rho = config.rho or 0.01, sig = config.sig or 0.5,
             int = config.int or 0.1, ext = config.ext or 3}
  local join, split = vector.of('cg', x)
  local count, start, s = 0, join(x), nil
  local point = start:clone()
  local function eval (z) -- at start + z s
    if z ~= 0 then vector.copy(x, split(point:copy(start):add(z, s))) end
    local f, g = opfunc(x)
    f = vector.loss('cg', f)
    count = count + 1
    g = join(g)
    return {f = f, g = g, d = s and g:dot(s)}
  end
  local p1 = eval(0)
  local history = {p1.f}
  s = -p1.g
  p1.d = -s:dot(s)
  local z1, failed = (config.red or 1) / (1 - p1.d), false
  while count < maxEval and p1.d < 0 do
    local p2, z, good = search(eval, p1, z1, math.min(maxIter,
                                                      maxEval - count), o)
    if good then
      start:copy(point)
      history[#history + 1] = p2.f
      local beta = (p2.g:dot(p2.g) - p2.g:dot(p1.g)) / p1.g:dot(p1.g)
      s:mul(beta):add(-1, p2.g)
      local slope = p2.g:dot(s)
      if slope > 0 then -- start anew
        s = -p2.g
        slope = -s:dot(s)
      end
      z1 = z * math.min(config.ratio or 100, p1.d / (slope - 1e-320))
      p1, failed = {f = p2.f, g = p2.g, d = slope}, false
    else
      vector.copy(x, split(start))
      if failed then break end
      s = -p1.g
      p1.d = -s:dot(s)
      z1, failed = 1 / (1 - p1.d), true
    end
  end
  owned.keep(x, xs, ss, own)
  return x, history, count
end

return function (opfunc, x, config, state)
  if x == nil and type(opfunc) == 'table' and not getmetatable(opfunc) then
    return require 'optim.object'(
      require 'optim.searching'('cg', known, cg), opfunc)
  end
  return cg(opfunc, x, config, state)
end
