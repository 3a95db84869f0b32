-- torch.CmdLine: what it reads, what it answers to mistakes, what it prints.
local CmdLine = require('torch.CmdLine').CmdLine

local function command ()
  local cmd = CmdLine()
  cmd:text 'Train.'
  cmd:option('--lr', 0.1, 'learning rate')
  cmd:option('-epochs', 5, 'how many')
  cmd:option('--quiet', false, 'say nothing')
  cmd:option('--name', 'net', 'its name')
  cmd:argument('data', 'folder')
  return cmd
end

local function parse (...) return command():try {...} end

local function captured (f) -- what f writes to stdout
  local path = os.tmpname()
  local out = assert(io.open(path, 'w'))
  local before = io.output()
  io.output(out)
  f()
  io.output(before)
  out:close()
  local text = assert(io.open(path)):read 'a'
  os.remove(path)
  return text
end

describe('torch.CmdLine', function ()
  it('gives defaults', function ()
    assert.same({lr = 0.1, epochs = 5, quiet = false, name = 'net',
                 data = 'dir'}, parse 'dir')
    assert.equal('integer', math.type(parse('dir').epochs))
  end)

  it('takes one dash, two, and =', function ()
    local opt = parse('--lr', '1e-3', '-epochs=7', '-quiet', 'x',
                      '--name=a=b')
    assert.same({lr = 1e-3, epochs = 7, quiet = true, name = 'a=b',
                 data = 'x'}, opt)
    assert.equal(-3, parse('x', '-lr', '-3').lr)
    assert.equal(false, parse('x', '--quiet=false').quiet)
    assert.equal('help', parse('--help'))
  end)

  it('names what is wrong', function ()
    local function message (...) return select(2, parse(...)) end
    assert.equal("option --lr: a number expected, got 'fast'",
                 message('x', '--lr', 'fast'))
    assert.equal("option --lr: a number expected, got 'nan'",
                 message('x', '--lr', 'nan'))
    assert.equal("option --lr: a number expected, got ''",
                 message('x', '--lr='))
    assert.equal('option -epochs needs a value', message('x', '-epochs'))
    assert.equal("unknown option '--epoch'; did you mean '-epochs'",
                 message('x', '--epoch', '3'))
    assert.equal("unknown option '--zzz'", message('x', '--zzz'))
    assert.equal("option --quiet: true or false expected, got 'maybe'",
                 message('x', '--quiet=maybe'))
    assert.equal("unexpected argument 'y'", message('x', 'y'))
    assert.equal('argument <data> is missing', message())
  end)

  it('refuses wrong definitions', function ()
    assert.error_matches(function () CmdLine():option '--x' end,
                         'option %-%-x has no default value')
    assert.error_matches(function ()
      CmdLine():option('--x', 3, 'help', 'string')
    end, 'the default of %-%-x is a number, not a string')
  end)

  it('prints a help', function ()
    local text = captured(function ()
      command():help {[0] = 'train.lua'}
    end)
    assert.equal([[
Usage: train.lua [options] <data>
Train.
  --lr     learning rate [0.1]
  -epochs  how many [5]
  --quiet  say nothing [false]
  --name   its name [net]
  <data>   folder
]], text)
  end)

  it('makes a name of what differs', function ()
    local cmd = command()
    local opt = cmd:try {'d', '--lr', '0.5', '--quiet'}
    assert.equal('out,data=d,lr=0.5,quiet=t', cmd:string('out', opt, {}))
    assert.equal('out,data=d,epochs=5,quiet=t',
                 cmd:string('out', opt, {lr = true, epochs = false}))
  end)

  it('logs what is printed', function ()
    local path = os.tmpname()
    local before = _G.print
    local cmd = command()
    cmd:silent()
    local file = cmd:log(path, {lr = 0.5, name = 'n'})
    print('hello', 3)
    _G.print = before
    file:close()
    local text = assert(io.open(path)):read 'a'
    os.remove(path)
    assert.matches('lr\t0.5\nname\tn\n', text, 1, true)
    assert.matches('hello\t3\n', text, 1, true)
  end)
end)
