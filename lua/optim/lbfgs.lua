-- optim.lbfgs(opfunc, x, config, state): limited-memory BFGS, for whole
-- batches.  Returns x, the list of losses, the number of evaluations.
-- config: maxIter (20), maxEval (1.25 maxIter), tolFun (1e-5: stops when the
-- sum of |g| is not above it), tolX (1e-9: of the step and of the change of
-- the loss), nCorrection (100), learningRate (1), lineSearch (optim.lswolfe or
-- another function of its kind; without one the step is the learning rate),
-- lineSearchOptions.
-- state keeps the directions for the next call.  x may be a tree.  Inside
-- transforms, and where there are gradients alone, the object is for that: see
-- optim.quasi.

local torch = require 'torch'
local vector = require 'optim.vector'
local owned = require 'optim.owned'

local known = {maxIter = 1, maxEval = 1, tolFun = 1, tolX = 1,
               nCorrection = 1, learningRate = 1, lineSearch = true,
               lineSearchOptions = true}

-- The direction -H g from the remembered steps (two-loop recursion).
local function direction (s, g)
  local n, al = #s.dirs, {}
  local q = -g
  for i = n, 1, -1 do
    al[i] = s.steps[i]:dot(q) * s.ro[i]
    q:add(-al[i], s.dirs[i])
  end
  local r = q * s.hdiag
  for i = 1, n do
    local be = s.dirs[i]:dot(r) * s.ro[i]
    r:add(al[i] - be, s.steps[i])
  end
  return r
end

local function remember (s, g, limit)
  local y, step = g - s.last_g, s.d * s.t
  local ys = y:dot(step)
  if ys <= 1e-10 then return end
  if #s.dirs == limit then
    table.remove(s.dirs, 1)
    table.remove(s.steps, 1)
    table.remove(s.ro, 1)
  end
  table.insert(s.dirs, y)
  table.insert(s.steps, step)
  table.insert(s.ro, 1 / ys)
  s.hdiag = ys / y:dot(y)
end

local function lbfgs (opfunc, x, config, state, place)
  config = config or {}
  vector.check('lbfgs', opfunc, x, config, known, state)
  local s = state or config
  local xs, ss = owned.parts('lbfgs', x, s, place or state and 'state' or 'config')
  local maxIter = config.maxIter or 20
  local maxEval = config.maxEval or maxIter * 1.25
  local tolFun, tolX = config.tolFun or 1e-5, config.tolX or 1e-9
  local lr, search = config.learningRate or 1, config.lineSearch
  s.funcEval, s.nIter = s.funcEval or 0, s.nIter or 0

  local join, split = vector.of('lbfgs', x)
  local evaluations = 0
  local flat = join(x)
  local function eval () -- at x
    local f, g = opfunc(x)
    evaluations = evaluations + 1
    return vector.loss('lbfgs', f), join(g)
  end
  local function flat_opfunc (v)
    local f, g = opfunc(split(v))
    return vector.loss('lbfgs', f), join(g)
  end
  local f, g = eval()
  local history = {f}
  local function small (v) return torch.abs(v):sum() <= tolFun end
  local n = 0
  while n < maxIter and not small(g) do
    n, s.nIter = n + 1, s.nIter + 1
    if s.nIter == 1 then
      s.d, s.dirs, s.steps, s.ro, s.hdiag = -g, {}, {}, {}, 1
      s.t = math.min(1, 1 / torch.abs(g):sum()) * lr
    else
      remember(s, g, config.nCorrection or 100)
      s.d, s.t = direction(s, g), lr
    end
    s.last_g = g
    local before, gtd = f, g:dot(s.d)
    if gtd > -tolX then break end
    if search then
      local count
      f, g, flat, s.t, count = search(flat_opfunc, flat, s.t, s.d, f, g, gtd,
                                      config.lineSearchOptions)
      evaluations = evaluations + count
      vector.copy(x, split(flat))
      history[#history + 1] = f
    else
      flat:add(s.t, s.d)
      vector.copy(x, split(flat))
      if n ~= maxIter then -- else the next call evaluates there
        f, g = eval()
        history[#history + 1] = f
      end
    end
    if n == maxIter or evaluations >= maxEval
       or torch.abs(s.d * s.t):max() <= tolX
       or math.abs(f - before) < tolX then
      break
    end
  end
  s.funcEval = s.funcEval + evaluations
  owned.keep(x, xs, ss, s)
  return x, history, evaluations
end

return function (opfunc, x, config, state)
  if x == nil and type(opfunc) == 'table' and not getmetatable(opfunc) then
    return require 'optim.object'(
      require 'optim.searching'('lbfgs', known, lbfgs), opfunc)
  end
  return lbfgs(opfunc, x, config, state)
end
