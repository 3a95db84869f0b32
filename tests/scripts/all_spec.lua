-- Every script in scripts/ from outside: what is the same for all of them.

local here = debug.getinfo(1, 'S').source
                  :match '^@(.*)tests/scripts/all_spec%.lua$'
local run = dofile(here .. 'tests/nnlua/run.lua')

local root = run.shell('cd ' .. run.quote(here == '' and '.' or here)
                       .. ' && pwd'):gsub('\n', '')
local in_program = package.loaded['nnlua.cli'] ~= nil
-- the program, or plain lua where that is what runs this
local lua = in_program and run.quote(run.program:gsub('^%.', root))
            or run.paths:gsub("'%./", "'" .. root .. '/'):gsub(';%./', ';'
               .. root .. '/') .. ' lua5.4'

local names = {}
for name in run.shell('ls ' .. run.quote(root) .. '/scripts')
               :gmatch '([%w_]+)%.lua\n' do
  names[#names + 1] = name
end

local function command (name, arguments)
  return ('%s %s %s'):format(lua, run.quote(root .. '/scripts/' .. name
                                            .. '.lua'), arguments)
end

-- Arguments that make it short where it has such, from its help.
local function short (help)
  local words = {}
  if help:find '%-%-data ' then
    words[1] = '--data ' .. run.quote(root .. '/tests/data/mnist')
  end
  if help:find '%-%-quick ' then words[#words + 1] = '--quick' end
  return table.concat(words, ' ')
end

local function in_folder (f)
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute('mkdir ' .. folder))
  local ok, message = pcall(f, folder)
  os.execute('rm -r ' .. folder)
  if not ok then error(message, 0) end
end

it('docs/scripts.md has a row for each', function ()
  assert.is_true(#names >= 10)
  local page = run.contents(root .. '/docs/scripts.md')
  for _, name in ipairs(names) do
    assert.is_truthy(page:find('](../scripts/' .. name .. '.lua)', 1, true),
                     name)
  end
end)

for _, name in ipairs(names) do
  describe('scripts/' .. name .. '.lua', function ()
    local help = run.shell(command(name, '--help'))
    local arguments = short(help)
    -- only the one that measures accuracies draws nothing
    local draws = name ~= 'accuracy'

    -- its last line can be read: NAME: words and a number
    local function check_end (out)
      local last = out:match '([^\n]*)\n$'
      assert.is_truthy(last and last:find('^' .. name .. ': .*%d'), out)
    end

    it('explains itself', function ()
      local out, err, code = run.shell(command(name, '--help'))
      assert.equal('', err)
      assert.equal(0, code)
      for _, word in ipairs {'^Usage:', '%-%-seed ', '%-%-quiet '} do
        assert.is_truthy(out:find(word), out)
      end
      assert.equal(draws, out:find('%-%-plot .*out/' .. name .. '%.png') ~= nil)
    end)

    it('ends with 2 at an unknown option', function ()
      local out, err, code = run.shell(command(name, '--qiet'))
      assert.equal(2, code)
      assert.equal('', out)
      assert.is_truthy(err:find("unknown option '--qiet'; did you mean "
                                .. "'--quiet'", 1, true), err)
    end)

    if draws then
      it('does not work for a picture that can not be written', function ()
        local out, err, code = run.shell(command(name,
                                                 '--plot /nowhere/x.png'))
        assert.equal(1, code)
        assert.equal('', out)
        assert.is_truthy(err:find('^' .. name .. ': '), err)
        assert.is_nil(err:find('traceback', 1, true))
      end)
    end

    if arguments:find('--data', 1, true) then
      it('explains that data can not be read', function ()
        local _, err, code = run.shell(command(name,
          '--data /nowhere' .. (draws and ' --plot none' or '')))
        assert.equal(1, code)
        assert.is_truthy(err:find('/nowhere', 1, true), err)
        assert.is_nil(err:find('traceback', 1, true), err)
      end)
    end

    -- The whole of it, once; sanitizers see its functions in its own spec.
    it('draws without a display, in 20 columns #release', function ()
      if not require 'plot'.available() then
        pending 'gnuplot is not installed'
        return
      end
      in_folder(function (folder)
        local words = ('cd %s; unset DISPLAY WAYLAND_DISPLAY; %s'):format(
          folder, command(name, arguments))
        if run.shell 'command -v script' ~= '' then -- it makes a terminal
          words = 'TERM=xterm script -qec '
            .. run.quote('stty cols 20; ' .. words) .. ' /dev/null </dev/null'
        end
        local out, err, code = run.shell(words)
        out = out:gsub('\r\n', '\n'):gsub('\r', '\n')
        assert.equal(0, code, out .. err)
        check_end(out)
        assert.is_nil(out:find('traceback', 1, true), out)
        if not draws then return end
        assert.is_truthy(out:find('checked: ', 1, true), out)
        local files = 0
        for path in out:gmatch 'picture: (out/[%w_]+%.png)' do
          files = files + 1
          assert.equal('\137PNG', run.contents(folder .. '/' .. path):sub(1, 4))
        end
        assert.is_true(files > 0)
      end)
    end)

    it('returns its functions when it is required', function ()
      local out, err, code = run.shell(('cd %s && %s -e %s'):format(
        run.quote(root), lua, run.quote("local m = require 'scripts." .. name
        .. "' local n = 0 for _ in pairs(m) do n = n + 1 end "
        .. "print(type(m.main), n > 3)")))
      assert.equal('', err)
      assert.equal(0, code)
      assert.equal('function\ttrue\n', out)
    end)

    if not in_program then return end

    it('goes on without gnuplot, and ends when stdout does', function ()
      local out, err = run.shell(('PATH=/nowhere %s | head -n 1'):format(
        command(name, arguments)))
      assert.is_truthy(out:find '^[^\n]+\n$', out)
      assert.equal(draws, err:find('no picture: gnuplot', 1, true) ~= nil, err)
      assert.is_nil(err:find('traceback', 1, true), err)
    end)
  end)
end
