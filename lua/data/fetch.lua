-- data.fetch: where the files of a known data set are, fetched when needed.

local options = require 'data.options'

local names = {mnist = 'mnist', ['fashion-mnist'] = 'fashion-mnist',
               fashion_mnist = 'fashion-mnist'}
local found = {} -- folders that were verified in this run

local function quote (s) return "'" .. s:gsub("'", "'\\''") .. "'" end

local function exists (path)
  local f = io.open(path, 'rb')
  if f then f:close() end
  return f ~= nil
end

-- The program that fetches: beside the Lua files, in the tree or installed.
local function program ()
  local here = debug.getinfo(1, 'S').source:match '^@(.*)[/\\]data[/\\]fetch.lua$'
  for _, place in ipairs {'/../tools/fetch-data', '/../../nnlua/fetch-data'} do
    if here and exists(here .. place) then return here .. place end
  end
  options.fail('data.fetch: its program fetch-data is missing; reinstall, or '
               .. 'give the folder of the files: data.mnist{dir = ...}')
end

-- The folder that holds the four uncompressed, verified files of "mnist" or
-- "fashion-mnist".  It looks in dir (optional), $NNLUA_DATA and the user's
-- cache, then downloads.
-- data.fetch('mnist') gives MNIST's folder.
local function fetch (name, dir)
  local set = names[name]
  if not set then
    options.fail('data.fetch: "mnist" or "fashion-mnist" expected, got %s',
                 options.describe(name))
  elseif dir ~= nil and type(dir) ~= 'string' then
    options.fail('data.fetch: argument #2: folder name expected, got %s',
                 options.describe(dir))
  end
  local key = set .. '\0' .. (dir or '')
  if found[key] then return found[key] end
  local command = quote(program()) .. ' ' .. set
  if dir then command = command .. ' ' .. quote(dir) end
  local pipe, why = io.popen(command, 'r')
  if not pipe then options.fail('data.fetch: cannot run it: %s', why) end
  local out = pipe:read 'a'
  local ok, how, code = pipe:close()
  local folder = out:match '^([^\n]+)\n?$'
  if not ok or not folder then
    options.fail('data.fetch: no files of "%s" could be had (%s %d); the '
                 .. 'reasons stand above', set, how or 'exit', code or 0)
  end
  found[key] = folder
  return folder
end

return {fetch = fetch}
