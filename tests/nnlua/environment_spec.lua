-- The program where its surroundings are short of something: streams that are
-- closed, limits, signals that its caller ignores, no /proc.
package.path = debug.getinfo(1, 'S').source:match '^@(.*/)' .. '?.lua;'
               .. package.path
local outside = require 'run'
local program = outside.quote(outside.program)

-- Runs -e TEXT between the shell's words before and after it.  A hang ends
-- with 124, a signal with more than 128.
local function shell (before, text, after)
  return outside.shell(('( %s timeout -k 1 60 %s -e %s %s )'):format(
    before, program, outside.quote(text), after or ''))
end

describe('closed streams', function ()
  it('are no file\'s', function ()
    local path = os.tmpname()
    local _, err, code = shell('', ([[
      local f = io.open(%q, 'w')
      print 'printed'
      f:write 'written'
      f:close()]]):format(path), '>&-')
    assert.equal('written', outside.contents(path))
    assert.equal('nnlua: can not write all of the output: stdout is closed\n',
                 err)
    assert.equal(3, code)
    _, _, code = shell('', ([[
      local f = io.open(%q, 'w')
      io.stderr:write 'told'
      f:write 'written'
      f:close()]]):format(path), '2>&-')
    assert.equal('written', outside.contents(path))
    assert.equal(0, code)
    local out
    out, _, code = shell('', ([[
      local f = io.open(%q)
      print(io.read 'a', f:read 'a')]]):format(path), '<&-')
    assert.equal(0, code)
    assert.matches('\twritten\n$', out)
    os.remove(path)
  end)
  it('os.exit tells what was lost', function ()
    for _, arguments in ipairs {'', '0', 'true, true'} do
      local _, err, code = shell('', ('print(1) os.exit(%s)'):format(arguments),
                                 '>&-')
      assert.equal(3, code)
      assert.matches('stdout is closed', err)
    end
    local _, _, code = shell('', 'print(1) os.exit(7)', '>&-')
    assert.equal(7, code)
    local _, err = shell('', 'os.exit {}')
    assert.matches("bad argument #1 to '[%a.]*exit' %(number expected", err)
  end)
end)

describe('signals that the caller ignores', function ()
  it('SIGCHLD: exit codes of commands are still known', function ()
    local out = shell("trap '' CHLD;", 'print(os.execute "exit 3")')
    assert.equal('nil\texit\t3\n', out)
  end)
end)

-- the sanitizer's own memory goes beyond any limit #release
describe('limits #release', function ()
  it('of memory: OpenBLAS does not wait for it for ever', function ()
    for _, gemm in ipairs {'own', 'openblas'} do
      for _, limit in ipairs {60, 80, 100, 150, 200} do
        local _, err, code = outside.shell(([[
          ulimit -v %d000; timeout -k 1 60 %s --gemm %s -e '
            print(1)
            local x = torch.randn(300, 300)
            x = x * x
            torch.inverse(torch.eye(300))']]):format(limit, program, gemm))
        local where = ('%s, %d MB: %s'):format(gemm, limit, err)
        assert.is_true(code == 0 or code == 4
                       or code == 1 and err:find 'failed to map' ~= nil, where)
        assert.is_true(code == 0 or err:find '^nnlua: ' ~= nil, where)
      end
    end
    local _, err, code = shell('ulimit -v 100000;',
                               'torch.inverse(torch.eye(300))')
    assert.matches('^nnlua: .*memory', err)
    assert.is_true(code == 1 or code == 4)
  end)
  it('of a stack: linear algebra needs no more than 256 KiB', function ()
    local out, _, code = shell('ulimit -s 256;', [[
      local x = torch.randn(300, 300)
      print(torch.inverse(torch.eye(300)):sum(), torch.qr(x):size(1),
            #{torch.svd(x)})]])
    assert.equal(0, code)
    assert.equal('300.0\t300\t3\n', out)
  end)
  it('of a file: an error, and no half of a file is left', function ()
    local folder = os.tmpname()
    os.remove(folder)
    local out, err, code = shell(('mkdir %s; cd %s; ulimit -f 1;'):format(
      folder, folder), [[torch.save('x.t7', torch.ones(30000))]])
    assert.equal('', out)
    assert.matches('^nnlua: .*torch.save: cannot write "x.t7": File too large',
                   err)
    assert.equal(3, code)
    assert.equal('', (outside.shell('ls -A ' .. folder)))
    os.execute('rm -r ' .. folder)
  end)
  -- root has no limit of processes: it becomes nobody
  local nobody = [[
    if [ $(id -u) = 0 ]; then
      set -- setpriv --reuid 65534 --regid 65534 --clear-groups
    else set --
    fi
    timeout -k 1 60 "$@" prlimit --nproc=%d %s]]
  local _, _, no = outside.shell(nobody:format(100, program .. ' -v'))
  if no == 0 then
    it('of threads: one does the work of all', function ()
      local out, err, code = outside.shell(nobody:format(1, program .. [[ -e '
        torch.setnumthreads(4)
        local x = torch.ones(600, 600)
        print((x * x):max(), torch.inverse(torch.eye(300)):sum())']]))
      assert.equal('', err)
      assert.equal('600.0\t300.0\n', out)
      assert.equal(0, code)
    end)
  else
    io.write('not tested: a limit of threads (needs prlimit, and setpriv and a '
             .. 'tree that all can read where root tests)\n')
  end
end)

describe('what the script\'s children see', function ()
  it('is the environment that the program was given', function ()
    local out = shell('unset OPENBLAS_NUM_THREADS;', [[
      torch.ones(1)
      io.stdout:setvbuf 'no'
      os.execute 'echo ${OPENBLAS_NUM_THREADS-none}']])
    assert.equal('none\n', out)
    out = shell('OPENBLAS_NUM_THREADS=2; export OPENBLAS_NUM_THREADS;', [[
      torch.ones(1)
      os.execute 'echo $OPENBLAS_NUM_THREADS']])
    assert.equal('2\n', out)
  end)
end)

-- a sanitizer needs it itself
describe('no /proc #release', function ()
  local _, _, no = outside.shell 'unshare -m umount -l /proc'
  if no == 0 then
    it('the program finds its files by its name, through links', function ()
      local link = os.tmpname()
      local out, err, code = outside.shell(([[
        ln -sf %s %s
        unshare -m sh -c 'umount -l /proc; %s -e "print(torch.ones(1):sum())"
          PATH=%s:$PATH; export PATH; %s -e "print(torch.ones(2):sum())"'
        ]]):format(program, link, link, link:match '^(.*)/',
                   link:match '[^/]*$'))
      os.remove(link)
      assert.equal('', err)
      assert.equal(0, code)
      assert.equal('1.0\n2.0\n', out)
    end)
  else
    io.write 'not tested: no /proc (needs root and unshare)\n'
  end
end)
