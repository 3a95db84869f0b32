-- Is the machine as fast now as it was at its best?  Virtual processors share
-- cores: what is bound by arithmetic or by a core's caches then takes up to
-- twice as long, while what waits for memory does not, and ratios shift.  So
-- each measurement stands between two looks at the same work (core_bench.c),
-- and is taken again, up to TRIES times, when these were slow: all contestants
-- alike.

local M = {}
M.__index = M

local TRIES = 3
local SLOW = 1.15 -- of the least seconds seen

-- The look is a line to `w`, which answers with seconds.
function M.new (w)
  return setmetatable({worker = w, least = math.huge, most = 0, taken = 0,
                       again = 0, slow = 0}, M)
end

function M:look ()
  local seconds = tonumber((self.worker:ask 'look') or nil)
  if not seconds then return 1 end
  self.least = math.min(self.least, seconds)
  self.most = math.max(self.most, seconds)
  return seconds / self.least
end

-- f()'s results, of the calmest try.
function M:measure (f)
  local best, kept = math.huge, nil
  local before, try = self:look(), 0
  repeat
    try = try + 1
    local got = table.pack(f())
    local after = self:look()
    local slow = math.max(before, after)
    if slow < best then best, kept = slow, got end
    before = after
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
