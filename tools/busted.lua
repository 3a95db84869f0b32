-- busted under whatever Lua runs this file: INTERPRETER tools/busted.lua
-- --ignore-lua SPEC...  (the installed command picks an interpreter itself).
require 'busted.runner' {standalone = false}
