-- Whose a state is: each tensor's part of it has in `of` the sizes and dtype of
-- its parameters, and a tree's parts have their paths.  A state of others is
-- refused, also by algorithms that keep nothing but a count: a decay of the
-- learning rate that goes on from other parameters is a mistake that nobody
-- sees.

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'

local M = {}

local function autograd () return require 'autograd' end

-- "2 x 3 float32": a string, which files hold and transforms leave alone (the
-- integers of a list would become tensors where a vmap returns a state).
local function record (p)
  return ('%s %s'):format(p:dim() == 0 and '()'
                          or table.concat(p:size():totable(), ' x '), p:dtype())
end

-- "[2 x 3]", or with dtype "[2 x 3] float32"
local function describe (of, dtype)
  local size, name = of:match '^(.*) (%S+)$'
  return ('[%s]%s'):format(size == '()' and '' or size,
                           dtype and ' ' .. name or '')
end

-- Where a state came from, and how to have a new one.
local places = {
  state = {'argument #4 (state)', 'begin with a new state {}'},
  config = {'argument #3 (config), which keeps the state', 'give each its '
            .. 'own state, a table as argument #4'},
  object = {'opt.state', 'begin with opt:init(params)'},
}

local function refuse (name, place, text, ...)
  local words = places[place]
  errors.raise('optim.%s: %s: it is of %s; %s', name, words[1],
               text:format(...), words[2])
end

-- Refuses the state s of a tensor other than p, at `path` where in a tree.
local function own (name, place, p, s, path)
  local of = s.of
  if of and core.is_of(p, of) then return end
  if not torch.isTensor(p) then
    errors.raise('optim.%s: x%s: a tensor expected, got %s', name,
                 path and ': ' .. path or '', errors.shape(p))
  elseif not p:dtype():find '^float' then
    errors.raise('optim.%s: x%s: a tensor of floats expected, got %s of %s; '
                 .. 'convert it with x:float()', name,
                 path and ': ' .. path or '', errors.shape(p), p:dtype())
  end
  if of then
    local now = record(p)
    local dtype = of:match '%S+$' ~= now:match '%S+$'
    refuse(name, place, 'parameters %s, %s %s', describe(of, dtype),
           path and path .. ' is' or 'these are', describe(now, dtype))
  end
end

-- The tree whose paths were last compared with a state's: paths take longer to
-- write than small updates.
local compared = setmetatable({}, {__mode = 'kv'})

local function compare_paths (name, place, x, xs, state, parts)
  if compared[state] == x and #parts == #xs then return end
  local list = require 'optim.groups'.paths(x)
  for i = 1, math.max(#parts, #xs) do
    local now, was = list[i], parts[i]
    if not (now and was and now.path == was.path) then
      refuse(name, place, '%d tensors, these are %d; %s %s', #parts, #xs,
             (now or was).path, now and 'is new' or 'is missing')
    end
  end
  compared[state] = x
end

-- The tensors of x and a table for each, state itself or those in
-- state.parts.  A state of other parameters is refused before anything is
-- done: x, the loss and the state are as they were.
function M.parts (name, x, state, place)
  if torch.isTensor(x) then
    if state.parts then
      refuse(name, place, 'a tree of %d tensors, x is one, %s', #state.parts,
             errors.shape(x))
    end
    own(name, place, x, state)
    return {x}, {state}
  end
  local xs, parts = autograd().tree.leaves(x), state.parts
  if state.of then
    refuse(name, place, 'one tensor %s, x is a tree of %d',
           describe(state.of), #xs)
  end
  if parts then
    compare_paths(name, place, x, xs, state, parts)
  else
    parts = {}
    for i, leaf in ipairs(require 'optim.groups'.paths(x)) do
      parts[i] = {path = leaf.path}
    end
  end
  for i, p in ipairs(xs) do own(name, place, p, parts[i], parts[i].path) end
  return xs, parts
end

-- After an update that went well: ss is the state of x from now on.
function M.keep (x, xs, ss, state)
  for i, p in ipairs(xs) do
    if ss[i].of == nil then ss[i].of = record(p) end
  end
  if not torch.isTensor(x) then state.parts = ss end
end

return M
