-- torch.Timer, tic and toc: seconds that passed, as Torch7's.
--
--   local timer = torch.Timer()
--   ...
--   print(timer:time().real)      -- also .user and .sys, of all threads

local class = require 'torch.class'

local M = {}
local Timer = class.class('torch.Timer', nil, M)

-- real, user and system seconds; the core's clocks where it is there
local function clocks ()
  local core = package.loaded['nnlua.core']
  local real, user, system
  if core and core.clock then real = core.clock() end
  if core and core.cpu_times then user, system = core.cpu_times() end
  return real or os.time(), user or os.clock(), system or 0
end

-- Begins to count at once.
function Timer:__init ()
  self.running = true
  self:reset()
end

-- Back to zero; a running timer goes on, a stopped one stays stopped.
function Timer:reset ()
  self.real, self.user, self.sys = 0, 0, 0
  self.since = {clocks()}
  return self
end

local function add (self)
  if not self.running then return end
  local now = {clocks()}
  self.real = self.real + (now[1] - self.since[1])
  self.user = self.user + (now[2] - self.since[2])
  self.sys = self.sys + (now[3] - self.since[3])
  self.since = now
end

function Timer:stop ()
  add(self)
  self.running = false
  return self
end

function Timer:resume ()
  if not self.running then
    self.running = true
    self.since = {clocks()}
  end
  return self
end

-- {real =, user =, sys =}: seconds counted so far.
function Timer:time ()
  add(self)
  return {real = self.real, user = self.user, sys = self.sys}
end

local started

-- Remembers the time for `toc`.
function M.tic ()
  started = M.Timer()
  return started
end

-- Seconds since the last tic; unless quiet, prints them.
function M.toc (quiet)
  if not started then error('torch.toc: torch.tic was not called', 2) end
  local seconds = started:time().real
  if not quiet then print(seconds) end
  return seconds
end

return M
