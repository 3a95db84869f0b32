-- Is the machine as fast now as it was at its best?  Virtual processors share
-- cores: what is bound by arithmetic or by a core's caches then takes up to
-- twice as long, while what waits for memory does not, and ratios shift.  So
-- each measurement waits for calm, which mostly comes within seconds, stands
-- between two looks at the same work (core_bench.c), and is taken again, up to
-- TRIES times, when these were slow: all contestants alike.

local M = {}
M.__index = M

local TRIES = 3
local SLOW = 1.15 -- of the least seconds seen

-- The look is a line to `w`, which answers with seconds.  clock: seconds;
-- patience: how many a measurement waits for calm, 0 without; budget: how many
-- all of them wait.
function M.new (w, clock, patience, budget)
  return setmetatable({worker = w, least = math.huge, most = 0, taken = 0,
                       again = 0, slow = 0, clock = clock,
                       patience = patience or 0, budget = budget or 0}, M)
end

function M:look ()
  local seconds = tonumber((self.worker:ask 'look') or nil)
  if not seconds then return 1 end
  self.least = math.min(self.least, seconds)
  self.most = math.max(self.most, seconds)
  return seconds / self.least
end

-- Looks until all is calm, or for as long as patience lasts: the last look.
-- seen: the look just before, if there was one.
function M:wait (seen)
  local slow = seen or self:look()
  if slow < SLOW or self.patience == 0 or self.budget <= 0 then return slow end
  local start = self.clock()
  local waited
  repeat
    slow = self:look()
    waited = self.clock() - start
  until slow < SLOW or waited > self.patience
  self.budget = self.budget - waited
  return slow
end

-- f()'s results, of the calmest try.
function M:measure (f)
  local best, kept = math.huge, nil
  local seen, try = nil, 0
  repeat
    try = try + 1
    local before = self:wait(seen)
    local got = table.pack(f())
    seen = self:look()
    local slow = math.max(before, seen)
    if slow < best then best, kept = slow, got end
  until best < SLOW or not got[1] or try == TRIES
  self.taken = self.taken + 1
  self.again = self.again + try - 1
  if best >= SLOW then self.slow = self.slow + 1 end
  return table.unpack(kept, 1, kept.n)
end

-- A line for the report.
function M:text (threads)
  local who = threads == 1 and '1 thread' or threads .. ' threads together'
  if self.most == 0 then return ('- %s: pace not measured'):format(who) end
  return ('- %s: a look took up to %.2f times its least time; %d '
          .. 'measurements, %d of them taken again, %d never in calm'):format(
    who, self.most / self.least, self.taken, self.again, self.slow)
end

return M
