-- luacheck's settings: plain Lua 5.4, no globals but the documented preloads
std = 'lua54'
max_line_length = 100
codes = true
exclude_files = {'build/**', 'out/**', 'tests/golden/**'}

-- what the nnlua program preloads; library files require what they use
local preloads = {
  'torch', 'nn', 'optim', 'autograd', 'data', 'plot', 'random', 'nnlua',
}
files['scripts/**'] = {read_globals = preloads}
files['examples/**'] = {read_globals = preloads}
files['bench/**'] = {read_globals = preloads}
files['tests/**'] = {std = '+busted', read_globals = preloads}
files['tests/errors_spec.lua'] = {max_line_length = false} -- whole messages
files['lua/nnlua/busted.lua'] = {std = '+busted'}
files['lua/nnlua/manual/**'] = {max_line_length = false} -- whole signatures
files['.luacheckrc'] = {ignore = {'111', '112', '131'}}
