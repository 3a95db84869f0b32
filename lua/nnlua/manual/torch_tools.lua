-- The manual: torch, time, options, tests, settings.

return [==[
# Time
@Shapes: seconds.
@Errors: none.

torch.Timer()
  A clock that begins at once.
  Example:
    print(torch.Timer():time().real >= 0)       --> true

timer:time()
timer:reset()
timer:stop()
timer:resume()
  {real =, user =, sys =}: seconds counted so far.  reset goes back to zero;
  stop and resume leave time out.
  Example:
    local timer = torch.Timer():stop()
    print(timer:time().real == timer:time().real) --> true

torch.tic()
  Remembers the time for torch.toc.
  Example:
    torch.tic()
    print(torch.toc(true) >= 0)                 --> true

torch.toc([quiet])
  Seconds since the last torch.tic; prints them unless quiet is true.
  Example:
    torch.tic()
    print(type(torch.toc(true)))                --> number

# Options of a script
@Shapes: none.
@Errors: texts and names that are no strings.

torch.CmdLine([argseparator, keyseparator])
  Reads a script's options; the separators are those of cmd:string.
  Example:
    local cmd = torch.CmdLine()
    cmd:option('--rate', 0.1, 'learning rate')
    print(cmd:parse({'--rate', '0.5'}).rate)    --> 0.5

cmd:option(name, default, help[, kind])
  An option; its type is that of the default (number, boolean or string).  A
  boolean option takes no value and turns the default round.
  Example:
    local cmd = torch.CmdLine()
    cmd:option('--quiet', false, 'say nothing')
    print(cmd:parse({'--quiet'}).quiet)         --> true

cmd:argument(name, help[, kind[, default]])
  An argument without a dash; kind 'number' or 'string' (the default).  With a
  default it may be left out.
  Example:
    local cmd = torch.CmdLine()
    cmd:argument('file', 'what to read')
    print(cmd:parse({'x.npy'}).file)            --> x.npy

cmd:text([text])
  A line of text for the help.
  Example:
    local cmd = torch.CmdLine()
    cmd:text 'Trains a network.'
    print(cmd:parse({}) ~= nil)                 --> true

cmd:parse(arg)
  The table of values of the words in arg.  `--help` prints the help and ends
  the program; a mistake is told on stderr and ends it with code 2.
  Example:
    print(torch.CmdLine():option('--n', 3, 'how many'):parse({}).n) --> 3

cmd:try(arg)
  As parse, but never ends the program: the table; or nil and a message; or
  'help'.
  Errors: none.
  Example:
    local values, message = torch.CmdLine():try {'--n'}
    print(values, message ~= nil)               --> nil true

cmd:default()
  What parse gives when there is nothing to parse.
  Example:
    print(torch.CmdLine():option('--n', 3, 'how many'):default().n) --> 3

cmd:help(arg)
cmd:error(message[, arg])
  Prints the help; tells a mistake and ends the program with code 2.
  Example:
    print(type(torch.CmdLine().help))           --> function

cmd:string(prefix, values, ignore)
  A name for files: the prefix and each option that is not its default.
  Example:
    local cmd = torch.CmdLine():option('--n', 3, 'how many')
    print(cmd:string('run', {n = 5}, {}))       --> run,n=5

cmd:log(file[, values])
cmd:silent()
cmd:addTime([name])
  What is printed goes into a file too, beginning with the values; silent
  keeps it from the terminal; addTime puts a name and the time before lines.
  Example:
    print(type(torch.CmdLine().log))            --> function

# Tests
@Shapes: none.
@Errors: what is no function; run raises when a test failed.

torch.Tester()
  Collects tests and runs them, as Torch7's.
  Example:
    local tester = torch.Tester()
    tester:add(function () tester:eq(1 + 1, 2) end, 'addition')
    print(type(tester.run))                     --> function

torch.TestSuite()
  A table of tests that refuses two of one name.
  Example:
    local suite = torch.TestSuite()
    function suite.one () end
    print((pcall(function () suite.one = print end))) --> false

tester:add(f, name)
tester:disable(names)
tester:run([names])
tester:setEarlyAbort(yes)
tester:setRethrowErrors(yes)
tester:setSummaryOnly(yes)
  Adds a function with a name, or a (nested) table of them; counts some without
  running them; runs all, or those named, and prints a report.
  Example:
    local tester = torch.Tester()
    tester:add({one = function () end, two = function () end})
    print(#tester.tests)                        --> 2

tester:eq(got, expected[, message][, tolerance])
tester:ne(got, expected[, message][, tolerance])
tester:assertGeneralEq(got, expected[, message][, tolerance])
tester:assertGeneralNe(got, expected[, message][, tolerance])
tester:assert(condition[, message])
tester:asserteq(a, b[, message])
tester:assertne(a, b[, message])
tester:assertlt(a, b[, message])
tester:assertle(a, b[, message])
tester:assertgt(a, b[, message])
tester:assertge(a, b[, message])
tester:assertalmosteq(a, b[, tolerance][, message])
tester:assertTensorEq(a, b[, tolerance][, message])
tester:assertTensorNe(a, b[, tolerance][, message])
tester:assertTableEq(a, b[, tolerance][, message])
tester:assertTableNe(a, b[, tolerance][, message])
tester:assertError(f[, message])
tester:assertNoError(f[, message])
tester:assertErrorMsg(f, text[, message])
tester:assertErrorPattern(f, pattern[, message])
tester:assertErrorObj(f, accept[, message])
  Each is true when what it says holds; else it is false and the failure is
  kept for the report.  eq compares numbers, strings, tensors and tables of
  them within a tolerance (0).
  Errors: none; a failure is kept.
  Example:
    local tester = torch.Tester()
    print(tester:eq({1, torch.ones(2)}, {1, torch.ones(2)})) --> true
    print(tester:assertError(function () error 'x' end)) --> true

# Settings
@Shapes: none.
@Errors: numbers outside what is allowed, unknown options.

torch.setnumthreads(n)
  How many threads compute (1 to 64); results do not depend on it.
  Example:
    local n = torch.getnumthreads()
    torch.setnumthreads(1)
    print(torch.getnumthreads())                --> 1
    torch.setnumthreads(n)

torch.getnumthreads()
  How many threads compute.
  Example:
    print(torch.getnumthreads() >= 1)           --> true

torch.setprintoptions{precision =, threshold =, edgeitems =, linewidth =}
  How tensors print: digits behind the point (4), how many elements print whole
  (1000), how many at each edge otherwise.
  Example:
    torch.setprintoptions {precision = 2}
    print(torch.Tensor{0.5})                    --> 0.50
    torch.setprintoptions {precision = 4}

torch.getprintoptions()
  The options in force.
  Example:
    print(torch.getprintoptions().precision)    --> 4

torch.version
  The version of nnlua, a string.
  Errors: none.
  Example:
    print(torch.version:match '^%d+%.%d+' ~= nil) --> true
]==]
