-- A contestant: a process that reads works, a line each, and answers each
-- with the seconds of one round.  It sleeps in between, so contestants that
-- are all alive can take turns without disturbing each other.

local M = {}
M.__index = M

local function quoted (s) return "'" .. s:gsub("'", "'\\''") .. "'" end
M.quoted = quoted

local function output_of (command)
  local pipe = io.popen(command)
  local line = pipe and pipe:read 'l'
  if pipe then pipe:close() end
  return line
end
M.output_of = output_of

-- Starts `command` (for the shell); its messages go to the file `log`.  When it
-- has ended, or could not start, the shell answers in its place: whoever writes
-- to a pipe that nobody reads is killed.
function M.start (command, log)
  local dir = output_of 'mktemp -d' or error 'bench: no temporary folder'
  local fifo = dir .. '/works'
  assert(os.execute('mkfifo ' .. quoted(fifo)), 'bench: mkfifo failed')
  local answers = assert(io.popen(('{ %s; code=$?; '
    .. 'while echo "error: the program ended with code $code, see %s" && '
    .. 'read -r work && [ "$work" != quit ]; do :; done; } < %s 2>> %s'):format(
    command, log, quoted(fifo), quoted(log)), 'r'))
  local works = assert(io.open(fifo, 'w'))
  works:setvbuf 'line'
  os.execute('rm -r ' .. quoted(dir))
  return setmetatable({works = works, answers = answers}, M)
end

-- The answer to a line; nil and the reason when there is none.
function M:ask (line)
  if not self.answers then return nil, 'the process has ended' end
  self.works:write(line, '\n')
  local answer = self.answers:read 'l'
  if not answer then
    self:stop()
    return nil, 'the process ended'
  end
  if answer:find '^error' then return nil, answer end
  return answer
end

function M:stop ()
  if not self.answers then return end
  -- closing is not enough: processes started later inherited the pipe
  self.works:write 'quit\n'
  self.works:close()
  self.answers:close()
  self.answers = nil
end

return M
