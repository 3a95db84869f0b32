-- torch: tensors and what Torch7 has around them.  The operations are the
-- core's, in C; this file adds what is written in Lua, one file a subject.

local core = require 'nnlua.core'

-- errors in the library's own files show the line that called them
local source = debug.getinfo(1, 'S').source
core.library((source:gsub('torch[/\\]init%.lua$', '')))

local torch = core.torch
torch.version = core.version

local function add (part)
  for name, value in pairs(part) do torch[name] = value end
end

add(require 'torch.class')
require('torch.types')(torch, core)
require('torch.functions')(torch, core)
require('torch.convolution')(torch, core.methods)
require('torch.sampling')(torch, core)
require('torch.generator')(torch, core)
require('torch.triangular')(torch, core)
require('torch.older')(torch, core)
add(require 'torch.CmdLine')
add(require 'torch.Timer')
add(require 'torch.Tester')
add(require 'torch.serialize')
for _, name in ipairs {'DiskFile', 'MemoryFile', 'PipeFile'} do
  torch[name] = function (...) -- rarely used: loaded when it is
    return require 'torch.file_kinds'[name](...)
  end
end
require 'nnlua.instead' ()

local print_module = require 'torch.print'
torch.setprintoptions = print_module.setprintoptions
torch.getprintoptions = print_module.getprintoptions
core.metamethod('__tostring', print_module.tostring)

return torch
