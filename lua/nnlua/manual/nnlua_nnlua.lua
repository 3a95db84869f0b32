-- The manual: the package nnlua.

return [==[
# Progress
@Shapes: none.
@Errors: what can not be iterated.

nnlua.progress(iterator[, total][, {label =, quiet =, note =}])
  The same values as the iterator (a function, an object, a list, or n for
  1..n), with a bar on stderr: percent, rate, time left, at most ten times a
  second; plain lines where that is no terminal.  note = function () -> a text,
  or a table such as {loss = 0.5, accuracy = 0.9}, shown behind the bar.
  Example:
    local sum = 0
    for i in nnlua.progress(3, {quiet = true}) do sum = sum + i end
    print(sum)                                  --> 6

nnlua.bar{total =, label =, quiet =}
bar:update(count[, note])
bar:line(text)
bar:draw()
bar:finish([note])
  A bar to move by hand; line writes a text above it; it may be a <close>
  variable.
  Example:
    local bar <close> = nnlua.bar{total = 10, quiet = true}
    bar:update(3, {loss = 0.25})
    print(bar.count, bar.note)                  --> 3 loss 0.2500

# Help
@Shapes: none.

nnlua.help(name or value)
  Prints the manual's entry.
  Errors: none; a name that is not there gets the nearest one.
  Example:
    print(type(nnlua.help))                     --> function

nnlua.print(...)
  Prints tables and tensors too; the program's print.
  Errors: none.
  Example:
    print(nnlua.print == require 'torch.print'.print) --> true

nnlua.version
  The version, a string.
  Errors: none.
  Example:
    print(nnlua.version == torch.version)       --> true
]==]
