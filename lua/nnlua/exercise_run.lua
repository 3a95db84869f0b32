-- A run of an exercise's script: what it prints, checks and draws.  See
-- exercise.lua.
--
--   run.opt, run.quiet, run.quick   the options
--   run.key                         random.key(seed)

local torch = require 'torch'
local picture = require 'nnlua.exercise_picture'

local Run = {}
Run.__index = Run

-- ---- ends ----

-- Ends the script with a message: for what needs no traceback.
function Run:fail (message)
  io.stdout:flush()
  io.stderr:write(self.name, ': ', message, '\n')
  os.exit(1, true)
end

-- f(...)'s results; its error ends the script with the message alone.
function Run:try (f, ...)
  local results = table.pack(pcall(f, ...))
  if results[1] then return table.unpack(results, 2, results.n) end
  local message = tostring(results[2])
  if message:find('interrupted', 1, true) then error(message, 0) end
  self:fail((message:gsub('^[^:]*%.lua:%d+: ', '')))
end

-- Ends the script when training has diverged.
function Run:finite (loss)
  if loss ~= loss or math.abs(loss) == math.huge then
    self:fail 'the loss is not finite after training; take a smaller --rate'
  end
end

-- The closing line, "NAME: text", which is printed always.  Returns the
-- text's numbers.
function Run:finish (text, ...)
  if not self.quiet then print() end
  print(('%s: ' .. text):format(self.name, ...))
  return ...
end

-- ---- words ----

-- Prints as the program's print does: tables and tensors too.
function Run:say (...)
  if not self.quiet then require 'torch.print'.print(...) end
end

-- A heading, for a part of the notebook.
function Run:part (title)
  if self.quiet then return end
  if self.parts > 0 then print() end
  self.parts = self.parts + 1
  print(('-- %d. %s'):format(self.parts, title))
end

-- Prints how long f(...) took; returns the seconds, then its results.
function Run:time (what, f, ...)
  local timer = torch.Timer()
  local results = table.pack(f(...))
  local seconds = timer:time().real
  self:say(('time %s: %.3f s'):format(what, seconds))
  return seconds, table.unpack(results, 1, results.n)
end

-- ---- checks ----

-- Says that something was checked; raises when it does not hold.
function Run:check (what, holds)
  if not holds then error('check failed: ' .. what, 2) end
  self:say('checked: ' .. what)
end

local function difference (got, want)
  if type(got) == 'number' and type(want) == 'number' then
    return math.abs(got - want), math.abs(want)
  end
  local g, w = got, want
  if torch.isTensor(g) then g = g:double() end
  if torch.isTensor(w) then w = w:double() end
  if torch.isTensor(g) and torch.isTensor(w)
     and tostring(g:size()) ~= tostring(w:size()) then
    return math.huge, 0
  end
  return torch.abs(g - w):max(),
         torch.isTensor(w) and torch.abs(w):max() or math.abs(w)
end

-- Checks that numbers, tensors or trees of them agree: the difference of a
-- leaf is at most `tolerance` (1e-5, float32's) times want's largest element,
-- or times 1 where that is larger.
function Run:near (what, got, want, tolerance)
  local tree = require 'autograd'.tree
  local g, w = tree.leaves(got), tree.leaves(want)
  local largest, holds = 0, #g == #w
  for i = 1, math.min(#g, #w) do
    local d, size = difference(g[i], w[i])
    holds = holds and d <= (tolerance or 1e-5) * math.max(1, size)
    largest = math.max(largest, d)
  end
  if not holds then
    error(('check failed: %s: the largest difference is %g')
          :format(what, largest), 2)
  end
  self:say(('checked: %s (largest difference %.1e)'):format(what, largest))
end

-- ---- pictures ----

-- Draws figures, one panel each, into the picture.  figures: a list; options
-- of plot.save beside it (columns, title, size), and suffix for a further
-- picture: out/NAME_SUFFIX.png.
function Run:plot (figures)
  if not self.picture then return end
  local path = picture.path(self.picture, figures.suffix)
  self:try(picture.save, path, figures)
  self:say('picture: ' .. path)
end

-- spec: of exercise.script; opt: the options' values.
function Run.new (spec, opt)
  local self = setmetatable({
    name = spec.name, opt = opt, quiet = opt.quiet, quick = opt.quick or false,
    key = require 'random'.key(opt.seed), parts = 0}, Run)
  if spec.picture ~= false then
    local path, why = picture.target(self.name, opt.plot)
    if why then self:fail(why) end
    self.picture = path
  end
  return self
end

return Run
