-- Newcomers' mistakes, each with the whole text that answers it (without the
-- position, which is the script's line).
require 'nnlua.busted'

local packages = {}
for _, name in ipairs {'torch', 'nn', 'optim', 'autograd', 'data', 'random'} do
  packages[name] = require(name)
end

local cases = {
  {"adding shapes that do not broadcast",
   "torch.ones(3, 4) + torch.ones(5)",
   "add: can't broadcast [3 x 4] with [5]: sizes 4 and 5 at dime"
   .. "nsion 2"},
  {"a product with the wrong inner size",
   "torch.ones(3, 4) * torch.ones(5, 2)",
   "matmul: [3 x 4] times [5 x 2]: inner sizes must be equal"},
  {"a matrix times a vector of the wrong size",
   "torch.ones(3, 4) * torch.ones(3)",
   "matmul: [3 x 4] times [3]: inner sizes must be equal"},
  {"a view of another size",
   "torch.ones(6):view(4, 2)",
   "view: 6 elements can't be seen as 4 x 2"},
  {"a view whose -1 does not come out",
   "torch.ones(6):view(-1, 4)",
   "view: 6 elements can't be seen as -1 x 4"},
  {"two -1 in a view",
   "torch.ones(6):view(-1, -1)",
   "view: only one size may be -1"},
  {"reshape",
   "torch.ones(2, 3):reshape(4)",
   "reshape: 6 elements can't be seen as 4"},
  {"an index beyond the end",
   "local x = torch.ones(3) return x[4]",
   "index 4 is outside 1..3 of dimension 1 of a tensor of 3 floa"
   .. "t32"},
  {"index 0",
   "local x = torch.ones(3) return x[0]",
   "index 0 is outside 1..3 of dimension 1 of a tensor of 3 floa"
   .. "t32"},
  {"a dimension that is not there",
   "torch.ones(3, 4):sum(3)",
   "sum: argument #1: dimension 3 is outside 1..2 of the tensor"},
  {"size of a dimension that is not there",
   "torch.ones(3):size(2)",
   "size: argument #1: dimension 2 is outside 1..1 of the tensor"},
  {"half a size",
   "torch.zeros(2.5)",
   "zeros: argument #1: size: an integer expected, got number 2."
   .. "5"},
  {"a negative size",
   "torch.zeros(-1)",
   "zeros: size #1 is -1; sizes must not be negative"},
  {"more memory than there is",
   "torch.zeros(1e6, 1e6)",
   "not enough memory for 1000000 x 1000000 of float32 (3814697."
   .. "3 MiB); 0.1 MiB in use"},
  {"a size that overflows",
   "torch.zeros(2^40, 2^40)",
   "zeros: a tensor of 1099511627776 x 1099511627776 is too larg"
   .. "e for any memory"},
  {"a size that is a string",
   "torch.zeros('a')",
   "zeros: argument #1: no dtype of that name: string 'a'; there"
   .. " are bool, uint8, int8, int16, int32, int64, float32, float6"
   .. "4 and Torch7's names such as torch.FloatTensor (tensors live"
   .. " on the CPU)"},
  {"a ragged table",
   "torch.Tensor{{1, 2}, {3}}",
   "Tensor: the table is ragged: row 2 has 1 where others have 2"
   .. " elements"},
  {"a table of strings",
   "torch.Tensor{'a', 'b'}",
   "Tensor: element [1] is string 'a', which is no float32"},
  {"concatenating other shapes",
   "torch.cat(torch.ones(2, 3), torch.ones(2, 4), 1)",
   "cat: tensor #2 of 2 x 4 does not fit tensor #1 of 2 x 3 alon"
   .. "g dimension 1"},
  {"stacking other shapes",
   "torch.stack({torch.ones(2), torch.ones(3)})",
   "stack: tensor #2 is 3, tensor #1 is 2; all must have one shape to be "
   .. "stacked along a new dimension (torch.cat joins along one that is there)"},
  {"narrow beyond the end",
   "torch.ones(3):narrow(1, 2, 3)",
   "narrow: argument #3: 3 elements from element 2 on: dimension"
   .. " 1 has 3"},
  {"select beyond the end",
   "torch.ones(3, 2):select(1, 4)",
   "select: argument #2: index 4 is outside 1..3"},
  {"a dot in place of a colon",
   "local x = torch.ones(3) return x.sum()",
   "sum: call it as x:sum(...) on a tensor x, with a colon; got "
   .. "nothing"},
  {"adding a string",
   "torch.ones(3) + 'a'",
   "add: argument #2: tensor or number expected, got string 'a'"},
  {"adding nil",
   "torch.ones(3) + nil",
   "add: argument #2: tensor or number expected, got nil"},
  {"adding a table",
   "torch.ones(3):add({1})",
   "add: arguments ([number,] y) expected, got (tensor of 3 floa"
   .. "t32, table)"},
  {"a function that is not there",
   "torch.foo(3)",
   "attempt to call a nil value (field 'foo')"},
  {"copying another number of elements",
   "torch.ones(3):copy(torch.ones(4))",
   "copy: 4 elements of 4 can't be copied to 3 of 3"},
  {"writing to an expanded tensor",
   "torch.ones(1, 3):expand(2, 3):add(1)",
   "add: dimension 1 of the tensor to be written is expanded, it"
   .. "s 2 elements are one; write to x:clone() instead"},
  {"an unknown dtype",
   "torch.zeros(2, 'float16')",
   "zeros: argument #2: no dtype of that name: string 'float16';"
   .. " there are bool, uint8, int8, int16, int32, int64, float32, "
   .. "float64 and Torch7's names such as torch.FloatTensor (tensor"
   .. "s live on the CPU)"},
  {"an unknown tensor type",
   "torch.setdefaulttensortype('torch.HalfTensor')",
   "setdefaulttensortype: argument #1: no dtype of that name: st"
   .. "ring 'torch.HalfTensor'; there are bool, uint8, int8, int16,"
   .. " int32, int64, float32, float64 and Torch7's names such as t"
   .. "orch.FloatTensor (tensors live on the CPU)"},
  {"transposing dimensions that are not there",
   "torch.ones(2, 3):transpose(1, 3)",
   "transpose: argument #2: dimension 3 is outside 1..2 of the t"
   .. "ensor"},
  {"t of a vector",
   "torch.ones(2, 3, 4):t()",
   "t: a matrix expected, got a tensor of 2 x 3 x 4 float32; use"
   .. " x:transpose(dim1, dim2)"},
  {"item of many",
   "torch.item(torch.ones(2))",
   "item: one element expected, got 2 float32; x[{i, j}] reads o"
   .. "ne of many"},
  {"maximum of nothing",
   "torch.zeros(0):max()",
   "max: no elements to choose from in 0 float32"},
  {"an inverse of a singular matrix",
   "torch.inverse(torch.zeros(2, 2))",
   "inverse: the matrix is singular (pivot 1 is zero)"},
  {"gather beyond the end",
   "torch.ones(2, 2):gather(1, torch.LongTensor{{3, 1}})",
   "gather: 3 is outside 1..2 (dim 1 of [2 x 2])"},
  {"index_select beyond the end",
   "torch.ones(2, 2):index(1, torch.LongTensor{3})",
   "index: 3 is outside 1..2 (dim 1 of [2 x 2])"},
  {"a mask of another size",
   "local x = torch.ones(3) return x[torch.gt(torch.ones(4), 0)]",
   "maskedSelect: can't broadcast [3] with [4]: sizes 3 and 4 at"
   .. " dimension 1"},
  {"comparing with a string",
   "torch.gt(torch.ones(2), 'a')",
   "gt: arguments ([result,] x, y) expected, got (tensor of 2 fl"
   .. "oat32, string 'a')"},
  {"clamp the wrong way",
   "torch.clamp(torch.ones(2), 'a', 1)",
   "clamp: arguments ([result,] x, y, z) expected, got (tensor o"
   .. "f 2 float32, string 'a', number 1)"},
  {"threads",
   "torch.setnumthreads(0)",
   "setnumthreads: argument #1: 1 to 64 threads expected, got 0"},
  {"a linear layer with the wrong input",
   "nn.Dense(784, 10):forward(torch.ones(200, 28, 28))",
   "nn.Dense: expected [*, 784], got [200 x 28 x 28]; flatten fi"
   .. "rst: nn.View(-1, 784)"},
  {"a layer within a net",
   "nn.Sequential(nn.Dense(4, 3), nn.ReLU(), nn.Dense(5, 2)):forward(torch.ones(2, 4))",
   "nn.Dense #3 of Sequential: expected [*, 5], got [2 x 3]"},
  {"labels from 0",
   "nn.ClassNLLCriterion():forward(torch.zeros(2, 3), torch.LongTensor{0, 1})",
   "nn.ClassNLLCriterion: labels are 1..3; got 0 (did you load 0"
   .. "-based MNIST labels; add 1)"},
  {"labels beyond the classes",
   "nn.CrossEntropyCriterion():forward(torch.zeros(2, 3), torch.LongTensor{4, 1})",
   "nn.CrossEntropyCriterion: labels are 1..3; got 4"},
  {"Linear without sizes",
   "nn.Linear()",
   "nn.Linear: number of outputs: an integer of at least 1 expec"
   .. "ted, got nil"},
  {"a layer that is not there",
   "nn.Dence(3, 4)",
   "nn has no 'Dence'; did you mean nn.Dense"},
  {"adding no module to a container",
   "nn.Sequential():add(3)",
   "nn.Sequential: add: a module expected, got the number 3"},
  {"dropout of more than all",
   "nn.Dropout(1.5)",
   "nn.Dropout: p: a number of at least 0 and below 1 expected, "
   .. "got the number 1.5"},
  {"an optimizer that is not there",
   "optim.adm()",
   "optim has no 'adm'; did you mean optim.adam"},
  {"a negative rate",
   "optim.sgd(function(x) return 0, x end, torch.ones(1), {learningRate = 'a'})",
   "optim.sgd: learningRate: a number expected, got the string a"},
  {"grad of no function",
   "autograd.grad(3)",
   "grad: argument #1: a function expected, got a number"},
  {"a loss that is no scalar",
   "autograd.grad(function(x) return x end)(torch.ones(2))",
   "grad: the function must return a scalar loss first, got tens"
   .. "or of 2 float32; reduce it, as with x:sum(), or use autograd"
   .. ".vjp"},
  {"a loss that is missing",
   "autograd.grad(function(x) end)(torch.ones(2))",
   "grad: the function returned nothing; it must return a scalar"
   .. " loss first"},
  {"a loss that is a string",
   "autograd.grad(function(x) return 'a' end)(torch.ones(2))",
   "grad: the function must return a scalar loss first, got stri"
   .. "ng 'a'; reduce it, as with x:sum(), or use autograd.vjp"},
  {"a closure in place of the argument",
   "local w = torch.ones(2) return autograd.grad(function(p) return w:sum() end)(w)",
   "grad: the function does not use argument #1, which is differentiated, "
   .. "but a closure reads the same storage; read it through the argument"},
  {"grad without its argument",
   "autograd.grad(function(x) return x:sum() end)()",
   "grad: differentiates argument #1, but the function got 0 arg"
   .. "uments"},
  {"vmap over other sizes",
   "autograd.vmap(function(x, y) return x + y end)(torch.ones(2, 3), torch.ones(3, 3))",
   "vmap: the mapped sizes differ: 2 before, 3 in argument #2"},
  {"vmap over numbers",
   "autograd.vmap(function(x) return x end)(3)",
   "vmap: no argument has a dimension to map over"},
  {"a branch on a traced value under vmap",
   "autograd.vmap(function(x) if x:sum() > 0 then return x end return -x end)(torch.ones(2, 2))",
   "reading a number: a value that vmap traces has no elements y"
   .. "et; use torch.where(torch.gt(x, 0), ...) instead of branchin"
   .. "g on it; inside vmap at script:1"},
  {"a branch on a traced value under jit",
   "autograd.jit(function(x) if x:sum() > 0 then return x end return -x end)(torch.ones(2))",
   "reading a number: a value that jit traces has no elements ye"
   .. "t; use torch.where(torch.gt(x, 0), ...) instead of branching"
   .. " on it; inside jit at script:1"},
  {"a number read under jit",
   "autograd.jit(function(x) return math.exp(x:sum()) end)(torch.ones(2))",
   "bad argument #1 to 'exp' (number expected, got torch.Tensor)"
   .. "; a number that is traced is a tensor: torch.sqrt and its li"
   .. "ke take it, torch.item(x) reads its value"},
  {"a counter under jit",
   "local t = 0 return autograd.jit(function(x) t = t + 1 return x * t end)(torch.ones(2))",
   "jit: the function changed its upvalue 't' from 0 to 1; that "
   .. "would happen only while it is captured. Keep it in a tensor,"
   .. " or pass it as an argument and return it"},
  {"a per-example write",
   "local w = torch.zeros(2) return autograd.vmap(function(x) w:add(x) return x end)(torch.ones(3, 2))",
   "vmap: a per-example value can't be written to a tensor made "
   .. "outside; return it from the function instead, or make what keeps it "
   .. "(an optimizer, an average) inside"},
  {"a tracer that escaped vmap",
   "local y autograd.vmap(function(x) y = x * 2 return x end)(torch.ones(3, 2)) return y + 1",
   "escaped tracer: a value made inside vmap at script:1 was kep"
   .. "t and used after it ended; return it from the function inste"
   .. "ad"},
  {"trees of other structure",
   "autograd.tree.map(function(a, b) return a + b end, {w = torch.ones(2), b = {c = 1}}, {w = torch.ones(2), b = {}})",
   "tree.map: tree #2 has no b.c"},
  {"a cycle in a tree",
   "local t = {} t.t = t return autograd.tree.leaves(t)",
   "tree.leaves: tables nested deeper than 100, perhaps a cycle"},
  {"a tangent of another shape",
   "autograd.jvp(torch.exp, {torch.ones(2)}, {torch.ones(3)})",
   "jvp: the tangent [1] is [3], its primal [2]"},
  {"nngraph",
   "require 'nngraph'",
   "there is no package 'nngraph' in nnlua: nn.gModule(inputs, o"
   .. "utputs) is in nn; or write forward as a plain Lua function: "
   .. "autograd differentiates it"},
  {"cutorch",
   "require 'cutorch'",
   "there is no package 'cutorch' in nnlua: nnlua computes on CP"
   .. "Us; leave out :cuda() and the cu modules"},
  {"cuda",
   "nn.Linear(2, 3):cuda()",
   "nn.Linear: cuda: nnlua computes on the CPU; leave the :cuda("
   .. ") out"},
  {"a file that is not there",
   "torch.load('/nowhere/x.nn')",
   "torch.load: cannot open \"/nowhere/x.nn\": No such file or dir"
   .. "ectory"},
  {"a data set that is not there",
   "data.mnist{dir = '/nowhere'}",
   "data.mnist: no file \"train-images-idx3-ubyte\" (or train-imag"
   .. "es-idx3-ubyte.gz) in \"/nowhere\""},
  {"an option of the loader",
   "data.loader(data.TensorDataset(torch.ones(4, 2), torch.ones(4)), {bach = 2})",
   "data.loader: unknown option \"bach\", did you mean \"batch\""},
  {"a batch of none",
   "data.loader(data.TensorDataset(torch.ones(4, 2), torch.ones(4)), {batch = 0})",
   "data.loader: batch: integer from 1 to 2147483647 expected, g"
   .. "ot number 0"},
  {"a data set of unequal lengths",
   "data.TensorDataset(torch.ones(4, 2), torch.ones(3))",
   "data.TensorDataset: argument #1 has 4 items, argument #2 has"
   .. " 3"},
  {"saving a function",
   "torch.save('/tmp/never.nn', {f = print})",
   "torch.save: can not save f: it is a function; files hold dat"
   .. "a, never code"},
  {"a key that is none",
   "random.normal(3, {2})",
   "random.normal: argument #1: a key of random.key(seed) expect"
   .. "ed, got number"},
  {"add with one argument",
   "torch.add(torch.ones(2))",
   "add: arguments ([result,] x, [number,] y) expected, got (ten"
   .. "sor of 2 float32)"},
  {"adding nothing",
   "torch.ones(2):add()",
   "add: arguments ([number,] y) expected, got (tensor of 2 floa"
   .. "t32)"},
  {"cat of one tensor",
   "torch.cat(torch.ones(2))",
   "cat: two tensors or a table of tensors expected"},
  {"too many indices",
   "local x = torch.ones(2, 2) return x[{1, 2, 3}]",
   "3 indices for a tensor of 2 x 2 float32"},
  {"a range that runs backwards",
   "local x = torch.ones(4) return x[{{3, 1}}]",
   "range {3, 1} of dimension 1 is empty"},
  {"half an index",
   "local x = torch.ones(4) return x[1.5]",
   "a tensor can't be indexed by number 1.5"},
  {"writing beyond the end",
   "local x = torch.ones(4) x[5] = 1",
   "index 5 is outside 1..4 of dimension 1 of a tensor of 4 floa"
   .. "t32"},
  {"assigning another number of elements",
   "local x = torch.ones(4) x[{{1, 2}}] = torch.ones(3)",
   "index: 3 elements of 3 can't be copied to 2 of 2"},
  {"a field of a tensor",
   "local x = torch.ones(4) x.a = 1",
   "a tensor has no field 'a' to set"},
  {"a seed that is no number",
   "torch.manualSeed('a')",
   "manualSeed: argument #1: seed: an integer expected, got stri"
   .. "ng 'a'"},
  {"a range that never ends",
   "torch.range(5, 1)",
   "range: with step 1.0 one never gets from 5.0 to 1.0"},
  {"expanding what is not 1",
   "torch.ones(2, 3):expand(4, 3)",
   "expand: a tensor of 2 x 3 can't be expanded to 4 x 3; only d"
   .. "imensions of size 1 can"},
  {"squeezing a dimension that is not there",
   "torch.ones(2, 3):squeeze(5)",
   "squeeze: argument #1: dimension 5 is outside 1..2 of the ten"
   .. "sor"},
  {"indices that are floats",
   "torch.ones(3):index(1, torch.ones(2))",
   "index: argument #2: indices of an integer type expected, got"
   .. " tensor of 2 float32; convert them with :long()"},
  {"indices in a table",
   "torch.ones(3):index(1, {1, 2})",
   "index: argument #2: tensor expected, got table"},
  {"comparing tensors with <",
   "torch.ones(3) < torch.ones(3)",
   "lt: < and <= compare numbers, got a tensor of 3; use torch.l"
   .. "t(x, y) for elements"},
  {"an if on a tensor",
   "if torch.ones(3) > 0 then return 1 end",
   "lt: < and <= compare numbers, got a tensor of 3; use torch.l"
   .. "t(x, y) for elements"},
  {"filling with a string",
   "torch.ones(3):fill('a')",
   "fill: argument #1: a number expected, got string 'a'; use x:"
   .. "copy(tensor)"},
  {"copying nothing",
   "torch.ones(3):copy()",
   "copy: argument #1: tensor or number expected, got nothing"},
  {"mm of a vector",
   "torch.mm(torch.ones(2, 2), torch.ones(3))",
   "mm: a matrix and a matrix expected, got tensors of 2 x 2 and"
   .. " 3"},
  {"more of the largest than there are",
   "torch.topk(torch.ones(3), 4)",
   "topk: k is 4, there are 3 elements (dim 1 of [3])"},
  {"a mask that is a float",
   "torch.ones(2):maskedSelect(torch.ones(2))",
   "maskedSelect: argument #1: a mask of bool or uint8 expected,"
   .. " got tensor of 2 float32"},
  {"a float tensor as an index",
   "torch.ones(2)[torch.ones(2)]",
   "an index tensor must be of an integer type or a bool mask, g"
   .. "ot tensor of 2 float32; convert it with k:long()"},
  {"trace of a vector",
   "torch.trace(torch.ones(3))",
   "trace: argument #1: a matrix expected, got tensor of 3 float"
   .. "32"},
  {"grad of integers",
   "autograd.grad(torch.sum)(torch.LongTensor {1, 2})",
   "grad: differentiates argument #1, which is tensor of 2 int64"
   .. "; a float tensor, a number or a table of these was expected"},
  {"grad of nothing",
   "autograd.grad(torch.sum)(nil)",
   "grad: differentiates argument #1, which is nil; a float tens"
   .. "or, a number or a table of these was expected"},
  {"an option of grad that is none",
   "autograd.grad(torch.sum, {argnum = 2})",
   "grad: no option argnum; did you mean argnums"},
  {"a misspelt option of jit",
   "autograd.jit(print, {donat = 1})",
   "jit: no option donat; did you mean donate"},
  {"a triangular system of other sizes",
   "torch.trtrs(torch.ones(3, 1), torch.ones(2, 2))",
   "trtrs: a matrix [n x n] and a right side [n x k] or [n] expected, got "
   .. "[2 x 2] and [3 x 1]"},
  {"an argument that is not there",
   "autograd.grad(torch.sum, {argnums = 2})(torch.ones(2))",
   "grad: differentiates argument #2, but the function got 1 arg"
   .. "ument"},
  {"math.sqrt of a traced number",
   "autograd.grad(function (x) return math.sqrt(x:sum()) end)(to"
   .. "rch.ones(2))",
   "bad argument #1 to 'sqrt' (number expected, got torch.Tensor"
   .. "); a number that is traced is a tensor: torch.sqrt and its l"
   .. "ike take it, torch.item(x) reads its value"},
  {"a traced number in a text",
   "autograd.grad(function (x) return 'loss ' .. x:sum() end)(to"
   .. "rch.ones(2))",
   "attempt to concatenate a torch.Tensor value; a number that i"
   .. "s traced is a tensor: use tostring(x) or torch.item(x)"},
  {"jvp without tables",
   "autograd.jvp(torch.exp, torch.ones(2), torch.ones(2))",
   "jvp: argument #2: a table of arguments expected, got tensor "
   .. "of 2 float32"},
  {"a cotangent of another shape",
   "local _, pull = autograd.vjp(torch.exp, torch.ones(2)) pull("
   .. "torch.ones(3))",
   "vjp: the cotangent is tensor of 3 float32, its output [2]"},
  {"a pullback of nothing",
   "local _, pull = autograd.vjp(torch.exp, torch.ones(2)) pull("
   .. ")",
   "vjp: the pullback takes a cotangent like the output"},
  {"vmap over a dimension that is not there",
   "autograd.vmap(torch.sum, 3)(torch.ones(2, 2))",
   "vmap: in_dims is number 3; a dimension 1..2, or 0 for none, "
   .. "was expected"},
  {"an upvalue that gets a new tensor under jit",
   "local w = torch.ones(2) autograd.jit(function (x) w = w + x "
   .. "return w end)(torch.ones(2))",
   "jit: the function set its upvalue 'w' to a new tensor; that "
   .. "would happen only while it is captured. Write into the old o"
   .. "ne (w:copy(...)), or pass it as an argument and return it"},
  {"elements whose number jit can't know",
   "autograd.jit(function (x) return x:nonzero() end)(torch.ones"
   .. "(2))",
   "nonzero: how many elements there are depends on the data, wh"
   .. "ich jit doesn't know; use torch.where(mask, x, 0); inside ji"
   .. "t at script:1"},
  {"two arguments of jit that share memory",
   "local x, f = torch.ones(2), autograd.jit(function (a, b) a:a"
   .. "dd(b) return b end) f(x, x)",
   "jit: two arguments share memory and one of them is written; "
   .. "clone one"},
  {"a backward function without return",
   "local f = autograd.custom_vjp(torch.exp, function (x) return"
   .. " torch.exp(x), x end, function (x, ct) x:cmul(ct) end) autog"
   .. "rad.grad(function (x) return f(x):sum() end)(torch.ones(2))",
   "custom_vjp: the backward function returned nothing; one grad"
   .. "ient for each argument was expected, nil where there is none"},
  {"a rule that sees a weight through a closure",
   "autograd.grad(function (w) local f = autograd.custom_vjp(fun"
   .. "ction (x) return x + w end, function (x) return x + w, {} en"
   .. "d, function (_, ct) return ct end) return f(torch.ones(2)):s"
   .. "um() end)(torch.ones(2))",
   "custom_vjp: the function reads a tensor that is differentiat"
   .. "ed, but not through an argument, so that its rule gives no g"
   .. "radient for it; pass it as an argument, or give the function"
   .. " autograd.stop_gradient(x)"},
  {"tangents that lack a weight",
   "local w = torch.ones(2) return autograd.jvp(torch.sum, {{layer2 = {weight = w}}}, {{layer2 = {}}})",
   "jvp: tree #2 has no [1].layer2.weight"},
  {"a tangent of another shape, in a tree",
   "local w = torch.ones(2) return autograd.jvp(torch.sum, {{layer2 = {weight = w}}}, {{layer2 = {weight = torch.ones(3)}}})",
   "jvp: the tangent [1].layer2.weight is [3], its primal [2]"},
  {"a tangent of bools",
   "local w = torch.ones(2) return autograd.jvp(torch.sum, {w}, {torch.gt(w, 0)})",
   "jvp: the tangent [1] is tensor of 2 bool, a float tensor was expected"},
  {"trees of parameters that do not match",
   "local w = torch.ones(2) return autograd.tree.map(function (p, g) return p - g end, {params = {layer2 = {weight = w}}}, {params = {layer2 = {wieght = w}}})",
   "tree.map: tree #2 has no params.layer2.weight"},
  {"cotangents that lack a part",
   "local w = torch.ones(2) local _, pull = autograd.vjp(function (x) return {a = x, b = {c = x}} end, w) return pull {a = w, b = {}}",
   "vjp: tree #2 has no b.c"},
  {"a jacobian of nothing",
   "return autograd.jacobian(function () end)(torch.ones(2))",
   "jacobian: the function's first result is nil; a float tensor, a number or a table of these was expected"},
  {"vmap of a function that returns nothing",
   "return autograd.vmap(function () end)(torch.ones(2))",
   "vmap: the function returned nothing"},
  {"vjp of a function that returns nothing",
   "return autograd.vjp(function () end, torch.ones(2))",
   "vjp: the function returned nothing"},
  {"jvp of a function that returns nothing",
   "return autograd.jvp(function () end, {torch.ones(2)}, {torch.ones(2)})",
   "jvp: the function returned nothing"},
  {"a cycle in the parameters",
   "local p = {w = torch.ones(2)} p.p = p return autograd.grad(function (q) return q.w:sum() end)(p)",
   "grad: tables nested deeper than 100, perhaps a cycle"},
  {"a function that yields under vmap",
   "return coroutine.wrap(function () return autograd.vmap(function (x) coroutine.yield(x) return x end)(torch.ones(2)) end)()",
   "attempt to yield across a C-call boundary; a function that is transformed must not yield, nor may one that computes with other parameters: return the value instead"},
  {"a tracer that escaped jit",
   "local y autograd.jit(function (x) y = {x * 2} return x end)(torch.ones(2)) return y[1] + 1",
   "escaped tracer: a value made inside jit at script:1 was kept and used after it ended; return it from the function instead"},
  {"the gradient of a while_loop under jit",
   "return autograd.grad(autograd.jit(function (x) return autograd.while_loop(function (c) return torch.lt(c, 9) end, function (c) return c * 2 end, x:sum()) end))(torch.ones(2))",
   "while_loop: has no gradient under jit, for how many steps it takes depends on data; use fori or scan, or autograd.jvp"},
  {"a loop without a function",
   "autograd.scan(0.0, torch.ones(3))",
   "scan: argument #1: a function expected, got a number"},
  {"a loop without a length",
   "autograd.scan(function (c) return c end, 0.0)",
   "scan: xs has no tensor; say how long with {length = n}"},
  {"a negative deviation",
   "torch.Tensor(2):normal(0, -1)",
   "normal: argument #2: a deviation of at least 0 expected, got"
   .. " -1.0"},
  {"a probability of two",
   "torch.bernoulli(2)",
   "bernoulli: argument #1: a probability from 0 to 1 expected, "
   .. "got 2.0"},
  {"a rate of 0",
   "torch.exponential(0)",
   "exponential: argument #1: a rate above 0 expected, got 0.0"},
  {"a width of 0",
   "torch.cauchy(0, 0)",
   "cauchy: argument #2: a width above 0 expected, got 0.0"},
  {"a geometric distribution without failures",
   "torch.geometric(1)",
   "geometric: argument #1: a probability between 0 and 1 expect"
   .. "ed, got 1.0"},
  {"random integers from more to less",
   "torch.random(5, 3)",
   "random: argument #2: a last number that is not below the fir"
   .. "st expected, got 3.0"},
  {"a label beyond the classes among several",
   "nn.MultiLabelMarginCriterion():forward(torch.zeros(3), torch"
   .. ".LongTensor{4, 0, 0})",
   "nn.MultiLabelMarginCriterion: labels are 1..3; got 4"},
  {"a misspelt option of lbfgs",
   "optim.lbfgs(function (x) return 0, x end, torch.ones(1), {ma"
   .. "xiter = 3})",
   "optim.lbfgs: no option maxiter; did you mean maxIter"},
  {"a misspelt option of cg",
   "optim.cg(function (x) return 0, x end, torch.ones(1), {maxev"
   .. "al = 3})",
   "optim.cg: no option maxeval; did you mean maxEval"},
  {"an unknown mode of an initialiser",
   "nn.init.variance_scaling(torch.ones(2, 2), 1, 'fan')",
   "nn.init.variance_scaling: mode: one of fan_in, fan_out and f"
   .. "an_avg expected, got fan"},
  {"a composite in place",
   "local r = torch.ones(2, 3):addcmul(torch.ones(4, 5), torch.ones(7))",
   "addcmul: can't broadcast [4 x 5] with [7]: sizes 5 and 7 at dimension 2"},
  {"a composite of a product",
   "local r = torch.ones(2, 2):addmm(torch.ones(2, 3), torch.ones(2, 2))",
   "addmm: [2 x 3] times [2 x 2]: inner sizes must be equal"},
  {"another name of an operation",
   "local r = torch.ones(2):cbitand('a')",
   "cbitand: arguments (y) expected, got (tensor of 2 float32, string 'a')"},
  {"a function that is written in Lua",
   "local r = torch.renorm(torch.ones(2, 3), 2, 1)",
   "renorm: gt: arguments ([result,] x, y) expected, got (tensor of 2 x 1 float32, nil)"},
  {"a boundary of a KAF",
   "nn.KAF(3, {boundary = -1})",
   "nn.KAF: boundary: a finite number above 0 expected, got -1"},
  {"a boundary of a KAF2D",
   "nn.KAF2D(4, {boundary = 0/0})",
   "nn.KAF2D: boundary: a finite number above 0 expected, got NaN"},
  {"a function that a KAF can't begin as",
   "nn.KAF(3, {init = 'cos'})",
   "nn.KAF: init: 'random', 'relu', 'tanh', 'elu' or a function of a number expected, got the string cos"},
  {"a misspelt option of a function",
   "nn.functional.kaf(torch.ones(2, 2), torch.ones(2, 4), {sigm = 1})",
   "kaf: it has no option sigm; did you mean sigma"},
  {"an axis of a Lagrangian",
   "nn.LSoftmax {axis = 3}:forward(torch.ones(2, 3))",
   "nn.LSoftmax: axis: 1..2, -2..-1 or 'all' expected, got the number 3"},
  {"a probability of whole planes",
   "nn.SpatialDropout(1)",
   "nn.SpatialDropout: p: a number of at least 0 and below 1 expected, got the number 1"},
  {"a size that is no number",
   "nn.CMul(3, nil, 2)",
   "nn.CMul: size #2: an integer of at least 1 expected, got nil"},
  {"an optimizer made at each call of a jitted function",
   [[local f = autograd.jit(function (p)
     local opt, q = optim.adam {}, p:clone()
     opt:init(p)
     return opt:update(q, p)
   end) f(torch.ones(2)) return f(torch.ones(2))]],
   "jit: the function is not the same at its second call: it used other tensors than at the first call (an upvalue or a field got a new tensor; or it made an optimizer, an average or a module anew, whose state is kept between calls: make it once, outside of the function). Keep what changes in tensors or pass it as an argument; floats that are arguments may change freely"},
  {"one average of all examples",
   [[local ema = optim.ema(0.5) ema:update(torch.ones(2))
     return autograd.vmap(function (x) return ema:update(x) end)(torch.ones(3, 2))]],
   "vmap: a per-example value can't be written to a tensor made outside; return it from the function instead, or make what keeps it (an optimizer, an average) inside"},
}

describe('an error that answers', function ()
  for _, case in ipairs(cases) do
    local name, code, text = table.unpack(case)
    it(name, function ()
      local source = code:find 'return' and code or 'return ' .. code
      local f = load(source, '=script', 't', setmetatable({}, {
        __index = function (_, k) return packages[k] or _G[k] end}))
        or assert(load(code, '=script', 't', packages))
      local ok, got = pcall(f)
      assert.is_false(ok)
      -- how much is in use depends on what ran before
      got = tostring(got):gsub('%d+%.%d MiB in use', '0.1 MiB in use')
      assert.equal(text, (got:gsub('^[%w_./]+:%d+: ', '')))
      assert.falsy(got:find('?', 1, true))
      assert.falsy(got:find('userdata', 1, true))
    end)
  end
end)
