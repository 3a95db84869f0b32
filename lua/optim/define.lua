-- Makes an optimizer from what it does to one tensor.
--
-- define(name, spec) -> optim.NAME, with spec:
--   options   defaults by name (NONE for what has none); bounds of its own
--   counter   the field of state that counts finished updates
--   prepare(o, n, state) -> k    numbers for an update; n updates are done
--   before(x, s, k, o)           moves x before the gradient is taken
--   update(x, g, s, k, o)        changes x by its gradient g; s is its state
--   results(x, state, o)         more results, after x and {fx}
--   after(x, g, s, k, o)         update and before, for objects, whose x is
--                                where the gradient is taken
--   result(x, s)                 what an object's x means, where not itself
--
-- Inside a transform (a jitted step) buffers are made outside of it, options
-- are read through autograd.static, and the counter is a tensor.  Powers of
-- numbers are torch.pow's, which gives traced numbers the same bits.

local torch = require 'torch'
local errors = require 'nn.errors'
local call = require 'optim.call'
local options = require 'optim.options'
local groups = require 'optim.groups'
local kept = require 'optim.kept'
local owned = require 'optim.owned'

local M = {NONE = options.NONE, scalar = kept.scalar, buffer = kept.buffer}

local function autograd () return require 'autograd' end

-- The gradient of x as a list like xs, for one tensor or a tree.
local function gradients (name, x, xs, g)
  if torch.isTensor(x) then
    if not torch.isTensor(g) or g:nElement() ~= x:nElement() then
      errors.raise('optim.%s: opfunc must return the loss and the gradient, '
                   .. 'a tensor like x %s; got %s', name, errors.shape(x),
                   errors.shape(g))
    end
    return {g}
  end
  if type(g) ~= 'table' then
    errors.raise('optim.%s: opfunc must return the loss and a tree of '
                 .. 'gradients like x; got %s', name, errors.shape(g))
  end
  local gs = autograd().tree.leaves(g)
  kept.same_tree(name, 'its gradient', x, xs, g, gs)
  return gs
end

local function run (name, spec, ahead, opfunc, x, config, state, members)
  local counter = spec.counter or 't'
  local n = kept.count(state, counter)
  local o, trees = options.read(name, spec, config, n)
  local xs, ss = owned.parts(name, x, state, ahead and 'object'
                            or state == config and 'config' or 'state')
  local k, os, ks
  if trees or config.groups or members then
    if torch.isTensor(x) then
      groups.refuse(name, o, spec, config)
    end
    os, ks = groups.each(name, spec, config, o, x, n, members), {}
    for i in ipairs(xs) do ks[i] = spec.prepare(os[i], n, ss[i]) end
  end
  if not (trees or config.groups) then k = spec.prepare(o, n, state) end
  if spec.before and not ahead then
    for i, p in ipairs(xs) do
      spec.before(p, ss[i], ks and ks[i] or k, os and os[i] or o)
    end
  end
  local fx, dfdx = opfunc(x)
  local gs = gradients(name, x, xs, dfdx)
  local update = ahead and spec.after or spec.update
  for i, p in ipairs(xs) do
    local g = gs[i]
    if not (torch.isTensor(g) and g:isSameSizeAs(p)) then
      g = kept.fitted(name, p, g, ss[i])
    end
    update(p, g, ss[i], ks and ks[i] or k, os and os[i] or o)
  end
  owned.keep(x, xs, ss, state)
  kept.advance(state, counter)
  return fx, o
end

-- The object's part: see optim.object.
local function kind (name, spec)
  return {
    name = name, options = spec.options, spec = spec,
    step = function (self, opfunc, params)
      return (run(name, spec, true, opfunc, params, self.config, self.state,
                  self.members))
    end,
    result = spec.result and function (self, params)
      return kept.each(params, self.state, spec.result)
    end,
  }
end

function M.define (name, spec)
  spec.options.learningRate = spec.options.learningRate or 1e-3
  return function (opfunc, x, config, state)
    if x == nil and type(opfunc) == 'table' and not getmetatable(opfunc) then
      return require 'optim.object'(kind(name, spec), opfunc)
    end
    call.check(name, opfunc, x, config, state)
    config = config or {}
    options.check_names(name, spec.options, config,
                        state == nil and 'kept' or 'given')
    state = state or config
    local fx, o = run(name, spec, false, opfunc, x, config, state)
    if spec.results then return x, {fx}, spec.results(x, state, o) end
    return x, {fx}
  end
end

-- An option that is a vector like x (learningRates, weightDecays), as x is.
function M.vector (name, key, v, x)
  if type(v) == 'number' then return v end
  if not torch.isTensor(v) or v:nElement() ~= x:nElement() then
    errors.raise('optim.%s: %s: a tensor like the parameters %s expected, '
                 .. 'got %s', name, key, errors.shape(x), errors.shape(v))
  end
  return v:viewAs(x)
end

-- g with weightDecay * x added, in place where a vector gives the decays.
function M.decayed (g, x, o)
  local wd = o.weightDecay
  if o.weightDecays then
    return g:add(torch.cmul(M.vector('sgd', 'weightDecays', o.weightDecays, x),
                            x))
  end
  if type(wd) == 'number' and wd == 0 then return g end
  return g:add(wd, x)
end

return M
