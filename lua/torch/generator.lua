-- torch.Generator(): a stream of random numbers of its own.  A generator may
-- stand before the arguments of every random function, as in Torch7:
-- torch.rand(gen, 3), torch.manualSeed(gen, 7), x:uniform(gen, 0, 1).

local names = {'rand', 'randn', 'randperm', 'manualSeed', 'seed',
               'initialSeed', 'getRNGState', 'setRNGState', 'uniform',
               'normal', 'bernoulli', 'exponential', 'cauchy', 'logNormal',
               'geometric', 'random', 'multinomial'}

local Generator = {__name = 'torch.Generator',
                   __typename = 'torch.Generator'}
Generator.__index = Generator

-- Keeps the generator's state and puts the context's back.
local function finish (self, context, outer, ok, ...)
  self.state = context.get()
  context.set(outer)
  if not ok then error((...), 0) end
  return ...
end

return function (torch, core)
  local get, set, seed = torch.getRNGState, torch.setRNGState, torch.seed
  local context = {get = get, set = set}

  -- Runs f with this generator's state in the place of the context's.
  local function run (self, f, ...)
    local outer = get()
    set(self.state)
    return finish(self, context, outer, pcall(f, ...))
  end

  -- A generator, seeded from the clock unless a seed is given.
  torch.Generator = setmetatable({__typename = 'torch.Generator'}, {
    __call = function (_, number)
      local outer = get()
      if number then torch.manualSeed(number) else seed() end
      local self = setmetatable({state = get()}, Generator)
      set(outer)
      return self
    end,
  })

  local function is_generator (x)
    return type(x) == 'table' and getmetatable(x) == Generator
  end

  for _, name in ipairs(names) do
    local f = torch[name]
    if f then
      torch[name] = function (first, ...)
        if is_generator(first) then return run(first, f, ...) end
        return f(first, ...)
      end
    end
    local method = core.methods[name]
    if method then
      core.methods[name] = function (x, first, ...)
        if is_generator(first) then return run(first, method, x, ...) end
        return method(x, first, ...)
      end
    end
  end
end
