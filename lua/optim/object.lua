-- Optimizers as objects over parameter trees:
--   local opt = optim.adam {learningRate = 1e-3}
--   local params, grads = {w = torch.ones(2)}, {w = torch.ones(2)}
--   opt:init(params)
--   opt:update(params, grads)        -- params change in place and are returned
-- Both work inside autograd.jit too.  The options are opt.config, which may be
-- assigned to between updates (a rate without a new compilation); what it keeps
-- is opt.state.

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'
local call = require 'optim.call'
local options = require 'optim.options'
local groups = require 'optim.groups'

local Optimizer = {}
Optimizer.__index = Optimizer

local function leaves (name, what, tree)
  if not torch.isTensor(tree) and type(tree) ~= 'table' then
    errors.raise('optim.%s: %s: a tensor or a tree of tensors expected, got '
                 .. '%s', name, what, errors.shape(tree))
  end
  return groups.paths(tree)
end

local function describe (leaf, size, dtype)
  local name = leaf.path == '' and 'the parameter' or leaf.path
  return ('%s: [%s] %s'):format(name, table.concat(size:totable(), ' x '),
                               dtype)
end

-- Begins anew, for these parameters.  Returns the object.
function Optimizer:init (params)
  local list = leaves(self.name, 'params', params)
  for _, leaf in ipairs(list) do
    if not torch.isTensor(leaf.leaf) then
      errors.raise('optim.%s: params: %s: a tensor expected, got %s',
                   self.name, leaf.path, errors.shape(leaf.leaf))
    end
    leaf.size, leaf.dtype = leaf.leaf:size(), leaf.leaf:dtype()
  end
  self.members = self.config.groups and not torch.isTensor(params)
                 and groups.members(self.name, self.config.groups, params)
                 or nil
  for _, leaf in ipairs(list) do leaf.leaf = nil end
  self.leaves, self.state = list, {}
  return self
end

local function initialised (self, method)
  if not self.leaves then
    errors.raise('optim.%s: %s: call opt:init(params) first', self.name, method)
  end
end

-- Refuses params other than those of init.
local function check (self, params)
  local list = leaves(self.name, 'params', params)
  for i = 1, math.max(#list, #self.leaves) do
    local now, was = list[i], self.leaves[i]
    local p = now and now.leaf
    if not (now and was and now.path == was.path and p:isSize(was.size)
            and p:dtype() == was.dtype) then
      errors.raise('optim.%s: update: params have %s, opt:init was called for '
                   .. '%s', self.name,
                   now and (torch.isTensor(p)
                            and describe(now, p:size(), p:dtype())
                            or now.path .. ': ' .. errors.shape(p))
                   or 'no ' .. was.path,
                   was and describe(was, was.size, was.dtype)
                   or 'no ' .. now.path)
    end
  end
end

-- Changes params by grads, a tree like it, and returns params.  In the place
-- of grads may stand a function like autograd.value_and_grad's, which returns
-- the loss and the gradients of the params that it gets; then the loss is the
-- second result.  more: {value = the loss at params, value_and_grad = such a
-- function}, for optimizers that evaluate at other places (lbfgs, cg).
function Optimizer:update (params, grads, more)
  initialised(self, 'update')
  check(self, params)
  -- a jitted step is compiled anew after init, or for a state put back
  if core.tracing() then require 'autograd'.static(self, 'state') end
  if call.callable(grads) then
    return params, self.kind.step(self, grads, params)
  end
  if self.kind.evaluates then
    self.kind.evaluates(self, params, grads, more or {})
    return params
  end
  self.kind.step(self, function () return nil, grads end, params)
  return params
end

-- What the parameters mean: the average of asgd, for nag those without what
-- they are ahead; otherwise params.
function Optimizer:result (params)
  initialised(self, 'result')
  check(self, params)
  return self.kind.result and self.kind.result(self, params) or params
end

function Optimizer:__tostring ()
  local rate = self.config.learningRate
  return ('optim.%s {learningRate = %s}'):format(self.name,
    type(rate) == 'number' and tostring(rate) or rate == nil and 'default'
    or 'a ' .. type(rate))
end

-- The options, copied: see optim.live.
local function live (kind, config)
  local function copy (from, where, more)
    return require 'optim.live'.new(from, function (key, value)
      if more and more[key] then return end
      options.check_names(kind.name, kind.options, {[key] = value}, 'strict',
                          where)
      if type(value) == 'number' then
        options.check_number(kind.name, key, value,
                             kind.spec and kind.spec.bounds, where)
      end
    end)
  end
  local out = copy(config)
  if type(config.groups) == 'table' then
    local list = {}
    for g, group in ipairs(config.groups) do
      list[g] = type(group) == 'table'
                and copy(group, ('groups[%d]: '):format(g),
                         {match = true, params = true}) or group
    end
    out.groups = list
  end
  return out
end

return function (kind, config)
  config = live(kind, config)
  if kind.spec then options.read(kind.name, kind.spec, config, 0) end
  return setmetatable({name = kind.name, kind = kind, config = config},
                      Optimizer)
end
