-- fail(text, ...): raises text:format(...) with the position of the script's
-- line, not of the library's own, whatever lies between.
local core = require 'nnlua.core'

local own = debug.getinfo(1, 'S').source:gsub('nnlua[/\\]fail%.lua$', '')
core.library(own) -- errors show the line that called the library

return function (text, ...)
  local level = 2
  local info = debug.getinfo(level, 'S')
  while info and (info.what == 'C' or info.source:sub(1, #own) == own) do
    level = level + 1
    info = debug.getinfo(level, 'S')
  end
  error(text:format(...), info and level or 0)
end
