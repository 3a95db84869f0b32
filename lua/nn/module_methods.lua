-- What nn.Module has beside forward and backward: parameters, modes, walks
-- over the modules in it, copies.  Called with the class.

local torch = require 'torch'
local core = require 'nnlua.core'
local tree = require 'nn.tree'
local parameters = require 'nn.own_parameters'
local errors = require 'nn.errors'
local emptied = require 'torch.emptied'

local function check_rate (module, name, i, lr)
  if type(lr) ~= 'number' and not torch.isTensor(lr) then
    errors.fail(module, '%s: argument #%d: a learning rate expected, got %s',
                name, i, errors.shape(lr))
  end
end

return function (Module)
  -- ---- parameters ----

  -- {weights}, {gradients}: those of the module and of all in it, each once;
  -- nil where a module has none.
  function Module:parameters ()
    local w, g, seen = {}, {}, {}
    for _, name in ipairs(self.parameterNames) do
      if self[name] ~= nil then
        seen[self[name]] = true
        w[#w + 1], g[#g + 1] = self[name], parameters.grad_of(self, name)
      end
    end
    local children = self:children()
    for _, child in ipairs(children) do
      local cw, cg = child:parameters()
      for i, p in ipairs(cw or {}) do
        if not seen[p] then
          seen[p] = true
          w[#w + 1], g[#g + 1] = p, cg[i]
        end
      end
    end
    if #w == 0 and #children == 0 and not self.modules then return nil end
    return w, g
  end

  -- A line for each module in it: what it is, the shape of its output for that
  -- input, how many parameters it has.
  -- So print(net:summary(torch.zeros(1, 784))).
  function Module:summary (input) return require 'nn.summary'(self, input) end

  function Module:zeroGradParameters ()
    local _, g = self:parameters()
    for _, grad in ipairs(g or {}) do grad:zero() end
  end

  -- w = w - lr * gradient.  A parameter that stands in several modules is
  -- updated by each gradient of its own, and once by one that is shared too.
  function Module:updateParameters (lr)
    check_rate(self, 'updateParameters', 1, lr)
    local w, g = self:parameters()
    local seen = {}
    for i, p in ipairs(w or {}) do
      local key = table.concat({core.storage_id(p), p:storageOffset(),
                                core.storage_id(g[i]), g[i]:storageOffset()},
                               ':')
      if not seen[key] then
        seen[key] = true
        p:add(-lr, g[i])
      end
    end
  end

  -- backward and an update by -lr times the gradient at once, without
  -- gradWeight.
  function Module:accUpdateGradParameters (input, gradOutput, lr)
    check_rate(self, 'accUpdateGradParameters', 3, lr)
    local entries, saved = parameters.entries(self), {}
    for i, e in ipairs(entries) do
      if e.grad then -- the class says where its gradients are
        saved[i] = e.grad:clone()
        e.grad:zero()
      else
        local key = parameters.grad_name(e.name)
        saved[i] = e.module[key]
        e.module[key] = e.module[e.name]
      end
    end
    self:accGradParameters(input, gradOutput, -lr)
    for i, e in ipairs(entries) do
      if e.grad then
        e.module[e.name]:add(e.grad)
        e.grad:copy(saved[i])
      else
        e.module[parameters.grad_name(e.name)] = saved[i]
      end
    end
  end

  -- The same with the gradient of the input, which it returns.
  function Module:backwardUpdate (input, gradOutput, lr)
    local gradInput = self:updateGradInput(input, gradOutput)
    self:accUpdateGradParameters(input, gradOutput, lr)
    return gradInput
  end

  -- Flat tensors of all parameters and of all gradients, whose views they then
  -- are.  Called again, it gives the same pair.
  --   local w, dw = net:getParameters()
  function Module:getParameters ()
    return require 'nn.flatten'(self)
  end

  -- ---- modes, walks, copies ----

  local function set_mode (train)
    return function (self)
      self.train = train
      for _, child in ipairs(self:children()) do
        if train then child:training() else child:evaluate() end
      end
      return self
    end
  end

  Module.training = set_mode(true)
  Module.evaluate = set_mode(false)

  for name, f in next, {children = tree.children, apply = tree.apply,
                        listModules = tree.listModules,
                        findModules = tree.findModules,
                        replace = tree.replace} do
    Module[name] = f
  end

  for _, name in ipairs {'clone', 'share', 'type', 'float', 'double',
                         'sharedAccUpdateGradParameters'} do
    Module[name] = function (self, ...)
      return require 'nn.copy'[name](self, ...)
    end
  end

  -- Draws the initial parameters again.
  function Module:reset (stdv)
    for _, child in ipairs(self:children()) do child:reset(stdv) end
    return self
  end

  -- Gives up what forward and backward left behind.  Returns self.
  function Module:clearState ()
    self._record = nil
    for _, key in ipairs {'output', 'gradInput'} do
      self[key] = type(self[key]) == 'table' and emptied(self[key])
                  or torch.Tensor():type(self._type or 'torch.FloatTensor')
    end
    for _, child in ipairs(self:children()) do child:clearState() end
    return self
  end

  function Module:cuda ()
    errors.raise('%s: cuda: nnlua computes on the CPU; leave the :cuda() out',
                 torch.typename(self))
  end
end
