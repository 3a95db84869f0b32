-- The documentation's Lua blocks run, and print what they say; see
-- doc_blocks.lua.
local here = debug.getinfo(1, 'S').source:match '^@(.*)/tests/docs_spec%.lua$'
             or '.'
package.path = here .. '/tests/?.lua;' .. package.path
local doc = require 'doc_blocks'

local pages = {'README', 'CONTRIBUTING'}
for _, folder in ipairs {'docs', 'docs/howto'} do
  local pipe = assert(io.popen(("ls '%s/%s'"):format(here, folder)))
  for name in pipe:lines() do
    local page = name:match '(.+)%.md$'
    if page then pages[#pages + 1] = folder .. '/' .. page end
  end
  pipe:close()
end

local function read (path)
  local file = assert(io.open(here .. '/' .. path, 'rb'))
  local text = file:read 'a'
  file:close()
  return text
end

describe('documentation', function ()
  local ran = 0

  for _, name in ipairs(pages) do
    local page = name .. '.md'
    local text = read(page)
    for _, block in ipairs(doc.blocks(text)) do
      if block.info == 'lua' then
        ran = ran + 1
        it(('%s:%d runs'):format(page, block.line), function ()
          doc.check(page, block)
        end)
      end
    end

    it(page .. ' links to files that are there', function ()
      local folder = page:match '^.*/' or ''
      for target in text:gmatch '%]%(([^)#]+)[^)]*%)' do
        if not target:find '^%a+:' then
          local file = io.open(here .. '/' .. folder .. target, 'rb')
          assert.is_truthy(file, page .. ': no file ' .. target)
          file:close()
        end
      end
    end)
  end

  it('has blocks', function () assert.is_true(ran > 20) end)

  it('is compared with what is printed', function ()
    local function try (text)
      return pcall(doc.check, 'x', doc.blocks('```lua\n' .. text .. '\n```')[1])
    end
    assert.is_true(try 'print(1 + 1) --> 2')
    assert.is_false((try 'print(1 + 1) --> 3'))
    assert.is_false((try 'local x = 1 --> 1'))
    assert.is_false((try 'print(torch.ones(2, 2))\n--> 1'))
    assert.is_true(try 'print(torch.ones(2, 2)) --> 1 1\n--> 1 1')
    assert.is_false((try 'error "x"'))
  end)
end)
