-- The program from outside: options, scripts, exit codes, what it says.
package.path = debug.getinfo(1, 'S').source:match '^@(.*/)' .. '?.lua;'
               .. package.path
local torch = require 'torch'
local outside = require 'run'
local run, script = outside.run, outside.script

local function with_script (text, arguments, options)
  local path = script(text)
  local list = table.move(arguments or {}, 1, #(arguments or {}), 2, {path})
  local out, err, code = run(list, options)
  os.remove(path)
  return out, (err:gsub(path:gsub('%p', '%%%0'), 'SCRIPT')), code
end

describe('nnlua options', function ()
  it('--help and --version', function ()
    local out, err, code = run {'--help'}
    assert.equal('', err)
    assert.equal(0, code)
    assert.matches('^usage: nnlua %[options%]', out)
    local _, lines = out:gsub('\n', '')
    assert.is_true(lines <= 25)
    for line in out:gmatch '[^\n]+' do assert.is_true(#line <= 80) end
    out, err, code = run {'--version'}
    assert.matches('^nnlua %d+%.%d+%.%d+ %(Lua 5%.4%)\n$', out)
    assert.equal('', err)
    assert.equal(0, code)
    assert.equal(out, (run {'-v'}))
  end)

  it('unknown ones end with 2 and the nearest known one', function ()
    local function says (word)
      local out, err, code = run {word}
      assert.equal('', out)
      assert.equal(2, code)
      return err:match '^nnlua: ([^\n]*)\n%(try: nnlua %-%-help%)\n$'
    end
    assert.equal("unknown option '--thread'; did you mean '--threads'",
                 says '--thread')
    assert.equal("unknown option '--sed'; did you mean '--seed'",
                 says '--sed=3')
    assert.equal("unknown option '-help'; did you mean '--help'",
                 says '-help')
    assert.equal("unknown option '-V'; did you mean '-v'", says '-V')
    assert.equal("unknown option '--frobnicate'", says '--frobnicate')
    assert.equal("option '--threads' needs a value", says '--threads')
    assert.equal("option '-e' needs a value", says '-e')
    assert.equal("option '--threads': an integer from 1 to 64 expected, got "
                 .. "'0'", says '--threads=0')
    assert.equal("option '--seed': an integer expected, got '1.5'",
                 says '--seed=1.5')
    assert.equal("option '--gemm': 'own' or 'openblas' expected, got 'mkl'",
                 says '--gemm=mkl')
  end)

  it('-e, -l and -i in their order, as lua has them', function ()
    local out, err, code = run {'-e', 'x = 1', '-ex = x + 1', '-lstring',
                                '-l', 's=string', '-e',
                                'print(x, s.format("%d", 7))'}
    assert.equal('2\t7\n', out)
    assert.equal('', err)
    assert.equal(0, code)
    out = run({'-i', '-e', 'y = 5'}, {stdin = 'y + 1\n'})
    assert.equal('> 6\n> ', (out:gsub('^nnlua [^\n]*\n', '')))
  end)

  it('arg and ... are as in lua', function ()
    local text = 'print(arg[0] == "SCRIPT" or arg[0], arg[1], arg[2], #arg, '
                 .. 'arg[-1], ...)'
    local out = with_script(text, {'a', '--help'})
    local path, rest = out:match '^(%S+)\t(.*)\n$'
    assert.is_truthy(path)
    assert.equal('a\t--help\t2\t' .. outside.program .. '\ta\t--help', rest)
    assert.equal('-e\n', (run {'-e', 'print(arg[1])', '-W'}):gsub('^nil\n$',
                 '-e\n'))
    out = run({'-', 'x'}, {stdin = 'print(arg[0], arg[1], ...)'})
    assert.equal('-\tx\tx\n', out)
    assert.equal('7\n', (run({}, {stdin = 'print(7)'})))
  end)

  it('-E ignores the environment, LUA_INIT is run', function ()
    local before = {before = 'LUA_INIT="print(1)" LUA_PATH="/x/?.lua"'}
    assert.equal('1\n2\n', (run({'-e', 'print(2)'}, before)))
    assert.equal('2\n', (run({'-E', '-e', 'print(2)'}, before)))
    assert.equal('true\n', (run({'-e',
      'print(package.path:find("/x/?.lua", 1, true) ~= nil)'},
      {before = 'LUA_PATH_5_4="/x/?.lua"'})))
    assert.equal('false\n', (run({'-E', '-e',
      'print(package.path:find("/x/?.lua", 1, true) ~= nil)'},
      {before = 'LUA_PATH_5_4="/x/?.lua"'})))
  end)

  it('-W turns warnings on', function ()
    local _, err = run {'-W', '-e', 'warn "careful"'}
    assert.equal('Lua warning: careful\n', err)
    _, err = run {'-e', 'warn "careful"'}
    assert.equal('', err)
  end)

  it('--seed fixes random numbers, --threads and --gemm are told', function ()
    local text = 'print(math.random(1e9), torch.rand(1)[1])'
    local first = run {'--seed', '7', '-e', text}
    assert.equal(first, (run {'--seed=7', '-e', text}))
    assert.not_equal(first, (run {'--seed=8', '-e', text}))
    assert.equal('7\n', (run {'--seed=7', '-e',
                              'print(torch.initialSeed())'}))
    assert.equal((run {'--seed=7', '-e', 'print(torch.rand(1)[1])'}),
      (run {'-e', 'torch.manualSeed(7) print(torch.rand(1)[1])'}))
    assert.equal('3\n', (run {'--threads', '3', '-e',
                              'print(torch.getnumthreads())'}))
    assert.equal('openblas\n', (run {'--gemm', 'openblas', '-e',
      'print(require "nnlua.core".gemm())'}))
  end)
end)

describe('exit codes', function ()
  it('1: an error, with the lines of the script only', function ()
    local _, err, code = with_script(
      'local function f ()\n  error "boo"\nend\npcall(print)\nf()\n')
    assert.equal(1, code)
    assert.equal('nnlua: SCRIPT:2: boo\nstack traceback:\n'
      .. "\tSCRIPT:2: in function 'f'\n\tSCRIPT:5: in main chunk\n", err)
    _, err = run {'--debug', '-e', 'error "boo"'}
    assert.matches("C function 'error'", err)
  end)
  it('1: a stack overflow shows both ends, at once', function ()
    local _, err, code = with_script('local function f () return 1 + f() end\n'
                                     .. 'local function g () f() end\ng()\n')
    assert.equal(1, code)
    assert.matches('^nnlua: SCRIPT:1: stack overflow', err)
    assert.matches('\n\t%.%.%. %(skipping %d+ levels%)\n', err)
    assert.matches("\tSCRIPT:2: in upvalue 'g'\n\tSCRIPT:3: in main chunk\n$",
                   (err:gsub("function 'g'", "upvalue 'g'")))
    assert.equal(22, select(2, err:gsub('\n\tSCRIPT', ''))
                     + select(2, err:gsub('skipping', '')))
  end)
  it('1: an error is told whatever the script did to its globals', function ()
    local _, err, code = run {'-e', 'debug, table, io = nil; error "boo"'}
    assert.equal(1, code)
    assert.equal('nnlua: (command line):1: boo\nstack traceback:\n'
                 .. '\t(command line):1: in main chunk\n', err)
  end)
  it('1: error values that are no text, wrong syntax', function ()
    local _, err, code = run {'-e', 'error {1}'}
    assert.equal(1, code)
    assert.matches('^nnlua: %(error object is a table value%)\n', err)
    _, err = run {'-e', 'error(setmetatable({}, {__tostring = '
                  .. 'function () return "mine" end}))'}
    assert.matches('^nnlua: mine\n', err)
    _, err, code = with_script 'x = = 1'
    assert.equal(1, code)
    assert.equal("nnlua: SCRIPT:1: unexpected symbol near '='\n", err)
  end)
  it('os.exit\'s own', function ()
    assert.equal(7, (select(3, run {'-e', 'os.exit(7)'})))
    assert.equal(0, (select(3, run {'-e', 'os.exit(true, true)'})))
  end)
  it('3: files', function ()
    local _, err, code = run {'/nowhere/script.lua'}
    assert.equal(3, code)
    assert.equal("nnlua: can not open '/nowhere/script.lua': No such file or "
                 .. 'directory\n', err)
    _, err, code = run {'/'}
    assert.equal(3, code)
    assert.matches('^nnlua: cannot read /', err)
    _, err, code = run {'-e', 'torch.load "/nowhere/model"'}
    assert.equal(3, code)
    assert.matches('torch.load: cannot open "/nowhere/model": No such file',
                   err)
    code = select(3, run {'-e', 'pcall(torch.load, "/nowhere") error "other"'})
    assert.equal(1, code)
  end)
  -- the sanitizer's own allocator ends the process
  it('4: memory #release', function ()
    local _, err, code = run {'-e', 'torch.zeros(1e6, 1e6)'}
    assert.equal(4, code)
    assert.matches('not enough memory for 1000000 x 1000000 of float32', err)
    _, err, code = run({'-e', [[
      local s = ('x'):rep(1 << 24)
      while true do s = s .. s end]]},
      {before = 'ulimit -v 1000000;'})
    assert.equal(4, code)
    assert.matches('^nnlua: not enough memory', err)
  end)
  it('141 or so: a reader that leaves, without noise', function ()
    local _, err = outside.shell(outside.quote(outside.program)
      .. " -e 'while true do print(1) end' | head -n 1")
    assert.equal('', err)
  end)
  it('3: a full disk', function ()
    if not io.open('/dev/full', 'w') then pending 'no /dev/full' return end
    local _, err, code = outside.shell(outside.quote(outside.program)
      .. " -e 'print(1)' >/dev/full")
    assert.equal(3, code)
    assert.equal('nnlua: can not write all of the output: the disk may be full\n',
                 err)
  end)
end)

describe('Ctrl-C', function ()
  local clock = require 'nnlua.core'.clock
  local function seconds_of (f)
    local start = clock()
    f()
    return clock() - start
  end
  -- SIGINT once the text runs: the exit code, stderr, seconds until the end,
  -- stdout
  local function interrupted (text)
    local ready, times = os.tmpname(), os.tmpname()
    local out, err, code = outside.shell(([[
      rm %s; %s -e %s & p=$!
      until [ -s %s ]; do sleep 0.01; done
      sleep 0.05; date +%%s.%%N >%s; kill -INT $p; wait $p; code=$?
      date +%%s.%%N >>%s; exit $code]]):format(ready,
      outside.quote(outside.program), outside.quote(
        ("io.open('%s', 'w'):write('ready'):close() "):format(ready) .. text),
      ready, times, times))
    local file = assert(io.open(times))
    local first, last = file:read('n', 'n')
    file:close()
    os.remove(times)
    os.remove(ready)
    return code, err, last - first, out
  end
  -- within half a second, or what a loaded machine takes for other things
  local function leaves (text, others)
    local most = 0.5 + 10 * seconds_of(function () run {'-e', ''} end)
    local code, err, seconds = interrupted(text)
    assert.equal(130, code, text)
    assert.matches('^nnlua: .*interrupted', err, nil, text)
    assert.is_true(seconds < math.max(most, others or 0),
                   ('%s: %.3f s'):format(text, seconds))
  end
  it('leaves a Lua loop and coroutines', function ()
    leaves 'while true do end'
    leaves 'coroutine.wrap(function () while true do end end)()'
    leaves [[
      local co = coroutine.create(function ()
        coroutine.wrap(function () while true do end end)()
      end)
      local ok, err = coroutine.resume(co)
      error(err, 0)]]
    leaves [[local co = coroutine.wrap(function ()
      while true do coroutine.yield(1) end
    end)
    while true do co() end]]
  end)
  it('leaves a loop of C functions', function ()
    leaves 'while true do table.sort({3, 1, 2}) end'
  end)
  -- slow under a sanitizer
  it('leaves a large product #release', function ()
    local x = torch.zeros(2000, 2000)
    local product = 27 * seconds_of(function () x = x * x end)
    leaves('local x = torch.zeros(6000, 6000) while true do x = x * x end',
           product / 4)
  end)
  -- three tensors of closures and two arguments, one of them a view, each plus
  -- 1 at each replay
  it('leaves a replay with its state all old or all new', function ()
    local ready = os.tmpname()
    local path = outside.script([[
      local w, n = {}, 60000
      for i = 1, 5 do w[i] = torch.zeros(n) end
      local a, b = w[4]:view(200, 300):t(), w[5]
      local step = autograd.jit(function (x, y)
        for i = 1, 3 do w[i]:add(torch.exp(w[i] * 0)) end
        x:add(torch.exp(x * 0))
        y:add(torch.exp(y * 0))
        return y * 2
      end)
      for _ = 1, 3 do step(a, b) end
      local ok, message = pcall(function ()
        io.open(arg[1], 'w'):write('ready'):close()
        while true do step(a, b) end
      end)
      local first = w[1][1]
      for i = 1, 5 do
        assert(w[i]:min() == first and w[i]:max() == first, i)
      end
      print(ok, first > 2, message:match 'interrupted')]])
    for k = 0, 5 do
      local out, err = outside.shell(([[
        rm -f %s; %s %s %s & p=$!
        until [ -s %s ]; do sleep 0.01; done
        sleep %.4f; kill -INT $p; wait $p]]):format(ready,
        outside.quote(outside.program), path, ready, ready, 0.0037 * k))
      assert.equal('', err)
      assert.equal('false\ttrue\tinterrupted\n', out)
    end
    os.remove(ready)
    os.remove(path)
  end)
  it('can be caught once; the second within a second ends it', function ()
    local code, _, _, out = interrupted [[
      local ok, err = pcall(function () while true do end end)
      print(ok, err) os.exit(0)]]
    assert.equal(0, code)
    assert.equal('false\tinterrupted!\n', out)
    -- again and again: a loaded machine may take more than a second for one
    local err
    local ready = os.tmpname()
    out, err, code = outside.shell(([[
      rm %s; %s -e '
      io.open("%s", "w"):write "ready":close()
      print(pcall(function () while true do end end))
      io.stdout:flush()
      while true do pcall(function () while true do end end) end' &
      p=$!; until [ -s %s ]; do sleep 0.01; done
      sleep 0.1
      ( while kill -INT $p; do sleep 0.2; done ) 2>/dev/null &
      wait $p]]):format(ready, outside.quote(outside.program), ready, ready))
    os.remove(ready)
    assert.equal(130, code)
    assert.equal('false\tinterrupted!\n', out)
    assert.equal('', err)
  end)
end)

describe('the prompt', function ()
  local function prompt (stdin)
    local out, err, code = run({'-i'}, {stdin = stdin})
    return out:gsub('^nnlua [^\n]*\n', ''), err, code
  end
  it('prints values, takes several lines, survives errors', function ()
    local out, err, code = prompt [[
1 + 1, 'x'
x = 3
x
for i = 1, 2 do
  print(i)
end
error 'boo'
x =
=
x;
nil
(function () end)()
torch.tensor {1, 2}
{x = {1}}
]]
    assert.equal(0, code)
    assert.equal('> 2\tx\n> > 3\n> >> >> 1\n2\n> > >> > > nil\n> > '
      .. ' 1\n 2\n[torch.FloatTensor of size 2]\n'
      .. '> {\n  x :\n    {\n      1 : 1\n    }\n}\n> ', (out))
    assert.matches('^nnlua: stdin:1: boo\nstack traceback:\n\tstdin:1: in main '
      .. "chunk\nstdin:2: unexpected symbol near '='\n$", err)
  end)
  -- What a terminal shows.  Its arguments in turn: what to wait for (grep's
  -- pattern of a line), what to type then (printf's).
  local function typed (...)
    local screen = os.tmpname()
    local keys = {}
    for i = 1, select('#', ...), 2 do
      local shown, text = select(i, ...)
      keys[#keys + 1] = ([[
        i=0; until tr '\r' '\n' <%s | grep -q %s || [ $i = 400 ]
        do sleep 0.05; i=$((i + 1)); done
        printf '%s']]):format(screen, outside.quote(shown), text)
    end
    local _, _, code = outside.shell(([[
      ( %s ) | TERM=xterm timeout -k 1 60 \
        script -qefc %s /dev/null >%s]]):format(
      table.concat(keys, '\n'),
      outside.quote('exec ' .. outside.quote(outside.program)), screen))
    local file = assert(io.open(screen, 'rb'))
    local out = file:read 'a'
    file:close()
    os.remove(screen)
    return out:gsub('\27%[[%d;?]*%a', ''):gsub('\r', ''), code
  end
  local doctor = run({'doctor'})
  local _, _, no_script = outside.shell 'script -qec true /dev/null </dev/null'
  if doctor:find 'edited by libedit' and no_script == 0 then
    it('edits lines of a terminal, which come back', function ()
      local out, code = typed('> ', '4x\\010 + 38\\n',
                              '^42$', '\\033[A * 2\\n',
                              '^80$', '\\004')
      assert.matches('\n42\n', out)
      assert.matches('\n80\n', out) -- 4 + 38 * 2
      assert.equal(0, code)
      out = typed('> ', 'tab = {one_name = 7}\\ntab.on\\t + 1\\n',
                  '^8$', '\\004')
      assert.matches('\n8\n', out)
    end)
    it('forgets a line at Ctrl-C', function ()
      local out, code = typed('> ', 'x = 1 +\\n',
                              '>> $', '2 + ',
                              '>> 2 + ', '\\003',
                              '^> $', '5 * 5\\n',
                              '^25$', '\\004')
      assert.matches('\n25\n', out)
      assert.equal(0, code)
    end)
  else
    io.write('not tested: lines of a terminal (needs libedit and script)\n')
  end
  it('stays when Ctrl-C comes between two lines', function ()
    local out = outside.shell(([[
( timeout 1 yes ''; echo 'print(6 * 7)' ) | (
  exec 3<&0
  %s -i <&3 2>&1 & nnlua=$!
  sleep 0.3; i=0
  while [ $i -lt 50 ] && kill -INT $nnlua 2>/dev/null; do
    sleep 0.01; i=$((i + 1))
  done
  wait $nnlua; echo "code $?" ) | tr -d '> \n'
]]):format(outside.quote(outside.program)))
    assert.matches('42', out)
    assert.matches('code0$', out)
  end)
  it('prints the manual of a name after ?', function ()
    local out, err, code = prompt '?nn.ReLU\n ? x:zero \n?nosuch\n1 + 1\n'
    assert.matches('nn%.ReLU%(%)\n  By elements: max%(x, 0%)', out)
    assert.matches('x:zero%(%)\n  Writes zeros', out)
    assert.matches("there is nothing called 'nosuch'", out)
    assert.matches('2\n', out)
    assert.equal('', err)
    assert.equal(0, code)
  end)
  it('remembers the last value and changes its prompt', function ()
    local out = prompt "7\n_LAST\n_PROMPT = 'nn '\n1\n"
    assert.equal('> 7\n> 7\n> nn 1\nnn ', (out))
  end)
  it('ends an unfinished chunk with a message', function ()
    local out, err = prompt 'for i = 1, 2 do\n'
    assert.equal('> >> > ', (out))
    assert.equal("stdin:1: 'end' expected near <eof>\n", err)
  end)
end)

describe('globals', function ()
  it('are required when they are first used', function ()
    local out = run {'-e', [[
      print(rawget(_G, 'torch'), package.loaded['torch'])
      print(torch == require 'torch', rawget(_G, 'torch') == torch)
      print(undefined)]]}
    assert.equal('nil\tnil\ntrue\ttrue\nnil\n', out)
  end)
  it('print shows tables and tensors, else it is lua\'s', function ()
    local out = run {'-e', [[
      print(1, nil, 'x', 2.0, true) print()
      print('t', {a = 1}, 3)
      print(torch.ones(2))]]}
    assert.equal('1\tnil\tx\t2.0\ttrue\n\nt\n{\n  a : 1\n}\n3\n 1\n 1\n'
                 .. '[torch.FloatTensor of size 2]\n', out)
  end)
  it('other packages of Torch7 say what to use', function ()
    for name, words in pairs {nngraph = 'nn.gModule', paths = 'io.open',
        xlua = 'nnlua.progress', image = 'plot.image', cutorch = ':cuda%(%)'}
    do
      local _, err, code = run {'-e', ('require %q'):format(name)}
      assert.equal(1, code)
      assert.matches("^nnlua: there is no package '" .. name .. "' in nnlua: "
                     .. '.*' .. words, err)
    end
  end)
end)

describe('help and doctor', function ()
  it('answer', function ()
    local out, err, code = run {'help', 'torch.save'}
    assert.matches('^torch.save%(path, object%)\n  Saves tables, tensors, ', out)
    assert.equal('', err)
    assert.equal(0, code)
    out, err, code = run {'help', 'torch.sav'}
    assert.equal('', out)
    assert.equal("nnlua: help: there is nothing called 'torch.sav'; did you "
                 .. "mean 'torch.save'\n", err)
    assert.equal(1, code)
    out, err, code = run {'doctor'}
    assert.equal('', err)
    assert.equal(0, code)
    assert.matches('\nkernels +%w+\n', out)
    assert.matches('\ngzip +%w+', out)
    out, err, code = run {'doctor', 'x'}
    assert.equal('', out)
    assert.equal("nnlua: doctor: unexpected argument 'x'\n", err)
    assert.equal(2, code)
  end)
end)

describe('the program', function ()
  it('works from any folder and through a link', function ()
    local folder = os.tmpname()
    os.remove(folder)
    local out = outside.shell(('mkdir %s && cd %s && ln -s "$(realpath %s)" n '
      .. '&& ./n -e "print(torch.ones(1)[1])"; rm -r %s'):format(folder,
      folder, outside.quote(outside.program), folder))
    assert.equal('1.0\n', out)
  end)
  -- the sanitizer would have to be loaded before lua5.4
  it('plain lua5.4 requires the packages without globals #release', function ()
    local out, err, code = outside.shell(outside.paths .. [[ lua5.4 -e '
      local torch = require "torch"
      print(torch.ones(2):sum(), rawget(_G, "torch"))
      for _, name in ipairs {"nn", "optim", "autograd", "data", "plot",
                             "random", "nnlua"} do
        assert(type(require(name)) == "table")
        assert(rawget(_G, name) == nil)
      end']])
    assert.equal('', err)
    assert.equal(0, code)
    assert.equal('2.0\tnil\n', out)
  end)
end)
