-- optim.lswolfe(opfunc, x, t, d, f, g, gtd, options): a line search for the
-- strong Wolfe conditions, by cubic interpolation (Nocedal and Wright,
-- section 3.5; after minFunc).
-- From x along d, where f is the value, g the gradient and gtd = g . d < 0,
-- tries t first.  options: c1 (1e-4), c2 (0.9), tolX (1e-9), maxIter (25).
-- Returns f, g, x, t, evaluations at x + t d; x is a new tensor.

local torch = require 'torch'
local errors = require 'nn.errors'

-- The minimum within lo..hi of the cubic through two values and slopes.
local function cubic (x1, f1, g1, x2, f2, g2, lo, hi)
  if not lo then lo, hi = math.min(x1, x2), math.max(x1, x2) end
  local d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
  local square = d1 * d1 - g1 * g2
  if square < 0 then return (lo + hi) / 2 end
  local d2 = math.sqrt(square)
  local at
  if x1 <= x2 then
    at = x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2))
  else
    at = x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2))
  end
  return math.min(math.max(at, lo), hi)
end

-- Points are {t =, f =, g =, gtd =}.  Finds two with a minimum between them;
-- or one, when it satisfies the conditions.
local function bracket (eval, t, start, o)
  local last, point, iterations = start, eval(t), 0
  while iterations < o.maxIter do
    if point.f > start.f + o.c1 * point.t * start.gtd
       or iterations > 1 and point.f >= last.f then
      return last, point, iterations
    elseif math.abs(point.gtd) <= -o.c2 * start.gtd then
      return point, nil, iterations
    elseif point.gtd >= 0 then
      return last, point, iterations
    end
    local step = cubic(last.t, last.f, last.gtd, point.t, point.f, point.gtd,
                       point.t + 0.01 * (point.t - last.t), point.t * 10)
    last, point = point, eval(step)
    iterations = iterations + 1
  end
  return start, point, iterations
end

-- Narrows the two down.
local function zoom (eval, a, b, iterations, start, o)
  local low, high = a, b
  if a.f > b.f then low, high = b, a end
  local first, second = a, b -- in the order of interpolation
  local stuck = false
  while iterations < o.maxIter do
    local left = math.min(first.t, second.t)
    local right = math.max(first.t, second.t)
    if (right - left) * o.scale < o.tolX then break end
    local t = cubic(first.t, first.f, first.gtd, second.t, second.f,
                    second.gtd)
    local margin = 0.1 * (right - left)
    if math.min(right - t, t - left) < margin then
      if stuck or t >= right or t <= left then
        t = math.abs(t - right) < math.abs(t - left) and right - margin
            or left + margin
        stuck = false
      else
        stuck = true
      end
    else
      stuck = false
    end
    local point = eval(t)
    iterations = iterations + 1
    local low_first = low == first
    if point.f > start.f + o.c1 * t * start.gtd or point.f >= low.f then
      if low_first then second = point else first = point end
      low, high = first, second
      if first.f > second.f then low, high = second, first end
    else
      local done = math.abs(point.gtd) <= -o.c2 * start.gtd
      if not done and point.gtd * (high.t - low.t) >= 0 then
        high = low
        if low_first then second = low else first = low end
      end
      low = point
      if low_first then first = point else second = point end
      if done then break end
    end
  end
  return low
end

return function (opfunc, x, t, d, f, g, gtd, options)
  require 'optim.call'.opfunc('lswolfe', opfunc)
  for _, a in ipairs {{2, 'x', x}, {4, 'd', d}, {6, 'g', g}} do
    if not torch.isTensor(a[3]) then
      errors.raise('optim.lswolfe: argument #%d (%s): a tensor expected, got '
                   .. '%s', a[1], a[2], errors.shape(a[3]))
    end
  end
  options = options or {}
  local o = {c1 = options.c1 or 1e-4, c2 = options.c2 or 0.9,
             tolX = options.tolX or 1e-9, maxIter = options.maxIter or 25,
             scale = d:clone():abs():max()}
  local evaluations = 0
  local function eval (step)
    evaluations = evaluations + 1
    local value, gradient = opfunc(x + d * step)
    gradient = gradient:clone()
    return {t = step, f = value, g = gradient, gtd = gradient:dot(d)}
  end
  local start = {t = 0, f = f, g = g:clone(), gtd = gtd}
  local a, b, iterations = bracket(eval, t, start, o)
  if b then a = zoom(eval, a, b, iterations, start, o) end
  return a.f, a.g, x + d * a.t, a.t, evaluations
end
