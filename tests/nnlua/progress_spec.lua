-- nnlua.progress: the text of the bar for any width, what it iterates, what
-- it writes when stderr is no terminal.
local progress = require 'nnlua.progress'
local terminal = require 'nnlua.terminal'

-- What f writes to stderr; columns: as if that were a terminal.
local function stderr_of (f, columns)
  local written = {}
  local is_terminal, width = terminal.is_terminal, terminal.columns
  terminal.is_terminal = function () return columns ~= nil end
  terminal.columns = function () return columns end
  local real = io.stderr
  io.stderr = { -- luacheck: ignore 122
    write = function (self, ...)
      written[#written + 1] = table.concat {...}
      return self
    end,
    flush = function () end,
    seen = function () return table.concat(written) end,
  }
  local ok, err = pcall(f)
  io.stderr = real -- luacheck: ignore 122
  terminal.is_terminal, terminal.columns = is_terminal, width
  if not ok then error(err, 0) end
  return table.concat(written)
end

describe('progress.render', function ()
  local state = {count = 25, total = 100, elapsed = 5, label = 'epoch 1',
                 note = 'loss 0.5'}
  it('shows all where there is room', function ()
    assert.equal('epoch 1  25% [#######-----------------------] 25/100 '
                 .. '[00:05<00:15, 5.0/s]  loss 0.5',
                 progress.render(state, 100))
  end)
  it('leaves parts out where there is not, and never exceeds the width',
     function ()
    assert.equal('epoch 1  25% 25/100', progress.render(state, 20))
    assert.equal(' 25% 25/100', progress.render(state, 11))
    for columns = 1, 120 do
      assert.is_true(#progress.render(state, columns) <= columns)
    end
  end)
  it('counts letters, not bytes', function ()
    local text = progress.render({count = 1, total = 3, elapsed = 1,
                                  label = 'Épöque', fancy = true}, 60)
    assert.is_true(utf8.len(text) <= 60)
    assert.matches('█', text)
    for columns = 1, 30 do
      text = progress.render({count = 1, elapsed = 1, label = 'äöüäöü'},
                             columns)
      assert.is_true((utf8.len(text) or 999) <= columns)
    end
  end)
  it('does without a total', function ()
    assert.equal('7 [00:02, 3.5/s]',
                 progress.render({count = 7, elapsed = 2}, 80))
  end)
  it('does not divide by zero', function ()
    assert.equal('  0% 0/10 [00:00<--:--, -/s]',
                 progress.render({count = 0, total = 10, elapsed = 0,
                                  plain = true}, 80))
    assert.equal('0 [00:00, -/s]',
                 progress.render({count = 0, total = 0, elapsed = 0}, 80))
  end)
end)

describe('nnlua.progress', function ()
  it('gives what the iterator gives, with a line for each tenth', function ()
    local sum = 0
    local text = stderr_of(function ()
      for i in progress.progress(200, {label = 'x'}) do sum = sum + i end
    end)
    assert.equal(20100, sum)
    local lines = {}
    for line in text:gmatch '[^\n]+' do lines[#lines + 1] = line end
    assert.equal(10, #lines)
    assert.matches('^x  10%% 20/200 ', lines[1])
    assert.matches('^x 100%% 200/200 ', lines[10])
    assert.is_nil(text:find '[\r\27]')
  end)
  it('redraws one line on a terminal, at most ten times a second', function ()
    local clock, now = terminal.clock, 0
    terminal.clock = function () return now end
    local text = stderr_of(function ()
      for i in progress.progress(2000, {label = 'x'}) do
        now = now + 0.001
        if i == 1000 then progress.aside(function () end) end
      end
    end, 20)
    terminal.clock = clock
    local draws = select(2, text:gsub('\r\27%[K', ''))
    assert.is_true(draws >= 10 and draws <= now * 10 + 5)
    assert.matches('\r\27%[Kx 100%% 2000/2000\n$', text)
    for line in text:gmatch '[^\r]+' do
      assert.is_true(#line:gsub('\27%[K', ''):gsub('\n', '') < 20)
    end
  end)
  it('stands aside for what the script writes, and comes back', function ()
    local clock, now, write = terminal.clock, 0, io.write
    terminal.clock = function () return now end
    local partial
    local text = stderr_of(function ()
      for i in progress.progress(10) do
        now = now + 1
        if i == 3 then io.write '(written by a test' end
        partial = partial or i == 4
                  and io.stderr.seen() -- luacheck: ignore 143
        if i == 5 then io.stdout:write ')\n' end
      end
    end, 40)
    terminal.clock = clock
    assert.equal(write, io.write)
    local at = assert(text:find ' 3/10')
    -- taken away after the third, drawn again when the line has ended
    assert.matches('^ 3/10[^\r]*\r\27%[K\r\27%[K 50%%', text:sub(at))
    assert.matches(' 10/10[^\r]*\n$', text)
    assert.matches('\r\27%[K$', partial)
  end)
  it('shows a table as numbers by name, the loss first', function ()
    local text = stderr_of(function ()
      local bar = progress.bar {total = 1}
      bar:update(1, {accuracy = 0.5, loss = 1 / 3, lr = 'low', n = 3})
      bar:finish()
    end)
    assert.matches('loss 0.3333  accuracy 0.5000  lr low  n 3\n$', text)
  end)
  it('takes lists, iterators with state and objects that can be called',
     function ()
    local seen = {}
    stderr_of(function ()
      for i, v in progress.progress {'a', 'b'} do seen[#seen + 1] = i .. v end
      local n = 0
      local object = setmetatable({}, {__call = function ()
        n = n + 1
        if n <= 3 then return n, n * n end
      end})
      for a, b in progress.progress(object, 3) do
        seen[#seen + 1] = a .. ':' .. b
      end
    end)
    assert.same({'1a', '2b', '1:1', '2:4', '3:9'}, seen)
  end)
  it('finishes its line after a break', function ()
    local text = stderr_of(function ()
      for i in progress.progress(1000) do if i == 7 then break end end
    end)
    assert.matches('  0%% 7/1000 [^\n]*\n$', text)
  end)
  it('lets errors of the loop pass', function ()
    local problem = {}
    local text = stderr_of(function ()
      local ok, err = pcall(function ()
        for _ in progress.progress(1000) do error(problem) end
      end)
      assert.is_false(ok)
      assert.equal(problem, err)
    end)
    assert.matches('1/1000 [^\n]*\n$', text)
  end)
  it('is silent when it shall be', function ()
    assert.equal('', stderr_of(function ()
      for _ in progress.progress(10, {quiet = true}) do _ = 1 end
    end))
  end)
  it('refuses what can not be counted', function ()
    assert.error_matches(function () progress.progress(nil) end,
      'an iterator, a list or a number expected, got nil')
  end)
end)

describe('nnlua.bar', function ()
  it('is updated by hand and writes lines', function ()
    local text = stderr_of(function ()
      local bar = progress.bar {total = 4, label = 'fit'}
      for i = 1, 4 do bar:update(i, 'loss ' .. i) end
      bar:line 'saved'
      bar:finish()
      bar:finish()
    end)
    assert.matches('^fit  25%% 1/4 [^\n]*loss 1\n', text)
    assert.matches('fit 100%% 4/4 [^\n]*loss 4\nsaved\n$', text)
  end)
end)
