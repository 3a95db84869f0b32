-- Torch7's documentation of nn's modules, containers and table layers: the
-- documented calls give the documented results.
require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'

local function T (...) return torch.Tensor {...} end
local function sizes (x) return x:size():totable() end

local function update (net, x, y, criterion, rate)
  local pred = net:forward(x)
  local err = criterion:forward(pred, y)
  net:zeroGradParameters()
  net:backward(x, criterion:backward(pred, y))
  net:updateParameters(rate)
  return err
end

describe('documented: Module', function ()
  it('share, clone with names, recursiveType', function ()
    local a = nn.Sequential():add(nn.Linear(100, 10))
    local b = nn.Sequential():add(nn.Linear(100, 10))
    b:share(a, 'bias')
    a:get(1).bias[1] = 99
    assert.equal(99, b:get(1).bias[1])
    a:get(1).weight[1][1] = 55
    assert.not_equal(55, b:get(1).weight[1][1])
    local c = a:clone('weight', 'bias')
    a:get(1).bias[1] = 3
    a:get(1).weight[1][1] = 4
    assert.equal(3, c:get(1).bias[1])
    assert.equal(4, c:get(1).weight[1][1])
    nn.utils.recursiveType({a, b, c}, 'torch.DoubleTensor')
    a:get(1).bias[2] = 7
    assert.equal('torch.DoubleTensor', b:get(1).bias:type())
    assert.equal(7, b:get(1).bias[2])
    assert.equal(7, c:get(1).bias[2])
  end)

  it('findModules finds what to print and to replace', function ()
    local model = nn.ParallelTable()
    for _ = 1, 2 do
      model:add(nn.Sequential():add(nn.SpatialConvolution(3, 16, 5, 5))
                               :add(nn.Threshold()))
    end
    model:forward {torch.rand(3, 12, 12), torch.rand(3, 8, 8)}
    local nodes = model:findModules 'nn.SpatialConvolution'
    assert.same({16, 8, 8}, sizes(nodes[1].output))
    assert.same({16, 4, 4}, sizes(nodes[2].output))
    local containers
    nodes, containers = model:findModules 'nn.Threshold'
    for i = 1, #nodes do
      for j = 1, #containers[i].modules do
        if containers[i].modules[j] == nodes[i] then
          containers[i].modules[j] = nn.Tanh()
        end
      end
    end
    assert.equal('nn.Tanh', torch.type(model:get(2):get(2)))
    nodes, containers = nn.Linear(2, 2):findModules 'nn.Linear'
    assert.equal(nodes[1], containers[1])
  end)

  it('listModules in order; prints trees', function ()
    local mlp = nn.Sequential():add(nn.Linear(10, 20)):add(nn.Tanh())
    local outer = nn.Parallel(1, 1):add(mlp):add(nn.ReLU())
    local names = {}
    for i, m in ipairs(outer:listModules()) do names[i] = torch.type(m) end
    assert.same({'nn.Parallel', 'nn.Sequential', 'nn.Linear', 'nn.Tanh',
                 'nn.ReLU'}, names)
    assert.equal([[
nn.Parallel {
  input
    |`-> (1): nn.Sequential {
    |      [input -> (1) -> (2) -> output]
    |      (1): nn.Linear(10 -> 20)
    |      (2): nn.Tanh
    |    } with 220 parameters
     `-> (2): nn.ReLU
     ... -> output
} with 220 parameters]], tostring(outer))
  end)

  it('output and gradInput are what the last call gave', function ()
    local m, x = nn.Linear(3, 2), torch.randn(4, 3)
    local y = m:forward(x)
    assert.equal(y, m.output)
    local gx = m:backward(x, torch.ones(4, 2))
    assert.equal(gx, m.gradInput)
    local before = m.gradWeight:clone()
    m:backward(x, torch.ones(4, 2), 0.5)
    assert.tensor_near(before * 1.5, m.gradWeight)
  end)
end)

describe('documented: containers', function ()
  it('Sequential: add, remove, insert', function ()
    local mlp = nn.Sequential()
    mlp:add(nn.Linear(10, 25))
    mlp:add(nn.Tanh())
    mlp:add(nn.Linear(25, 1))
    assert.same({1}, sizes(mlp:forward(torch.randn(10))))
    assert.equal(3, mlp:size())
    local model = nn.Sequential()
    model:add(nn.Linear(10, 20))
    model:add(nn.Linear(20, 20))
    model:add(nn.Linear(20, 30))
    model:remove(2)
    assert.equal('nn.Sequential {\n  [input -> (1) -> (2) -> output]\n'
                 .. '  (1): nn.Linear(10 -> 20)\n  (2): nn.Linear(20 -> 30)\n'
                 .. '} with 850 parameters', tostring(model))
    model:insert(nn.Linear(20, 20), 2)
    assert.equal('nn.Linear(20 -> 20)', tostring(model:get(2)))
    model:insert(nn.Tanh())
    assert.equal('nn.Tanh', tostring(model:get(4)))
    model:remove()
    assert.equal(3, model:size())
    assert.has_error(function () model:remove(4) end)
    assert.has_error(function () model:insert(nn.Tanh(), 9) end)
  end)

  it('Parallel', function ()
    local mlp = nn.Parallel(2, 1)
    mlp:add(nn.Linear(10, 3))
    mlp:add(nn.Linear(10, 2))
    local x = torch.randn(10, 2)
    local y = mlp:forward(x)
    assert.same({5}, sizes(y))
    assert.tensor_near(mlp:get(2):forward(x:select(2, 2)), y:narrow(1, 4, 2))
    local net, c = nn.Sequential(), nn.Parallel(1, 2)
    for _ = 1, 10 do
      local t = nn.Sequential()
      t:add(nn.Linear(3, 2))
      t:add(nn.Reshape(2, 1))
      c:add(t)
    end
    net:add(c)
    x = torch.randn(10, 3)
    assert.same({2, 10}, sizes(net:forward(x)))
    local criterion, err = nn.MSECriterion(), nil
    local first = update(net, x, torch.ones(2, 10), criterion, 0.1)
    for _ = 1, 200 do err = update(net, x, torch.ones(2, 10), criterion, 1) end
    assert.is_true(err < first / 100)
  end)

  it('Concat, DepthConcat', function ()
    local mlp = nn.Concat(1)
    mlp:add(nn.Linear(5, 3))
    mlp:add(nn.Linear(5, 7))
    assert.same({10}, sizes(mlp:forward(torch.randn(5))))
    local depth = nn.DepthConcat(1)
    depth:add(nn.SpatialConvolutionMM(3, 2, 1, 1))
    depth:add(nn.SpatialConvolutionMM(3, 2, 3, 3))
    depth:add(nn.SpatialConvolutionMM(3, 2, 4, 4))
    local x = torch.randn(3, 7, 7)
    local y = depth:forward(x)
    assert.same({6, 7, 7}, sizes(y))
    assert.tensor_near(depth:get(2):forward(x), y[{ {3, 4}, {2, 6}, {2, 6} }])
    assert.tensor_near(depth:get(3):forward(x), y[{ {5, 6}, {2, 5}, {2, 5} }])
    y[{ {3, 4}, {2, 6}, {2, 6} }] = 0
    y[{ {5, 6}, {2, 5}, {2, 5} }] = 0
    assert.equal(0, y:narrow(1, 3, 4):abs():max())
  end)

  it('ConcatTable, ParallelTable, MapTable', function ()
    local net = nn.ConcatTable():add(nn.Linear(5, 2)):add(nn.Linear(5, 3))
    local y = net:forward(torch.randn(5))
    assert.same({{2}, {3}}, {sizes(y[1]), sizes(y[2])})
    net = nn.ParallelTable():add(nn.Linear(10, 2)):add(nn.Linear(5, 3))
    y = net:forward {torch.randn(10), torch.rand(5)}
    assert.same({{2}, {3}}, {sizes(y[1]), sizes(y[2])})
    net = nn.MapTable():add(nn.Linear(10, 3))
    local a, b, c = torch.randn(10), torch.randn(10), torch.randn(10)
    y = net:forward {a, b, c}
    assert.equal(3, #y)
    assert.tensor_near(net:get(1):forward(b), y[2])
    assert.equal(2, #net:parameters())
  end)

  it('SplitTable, JoinTable', function ()
    local x = torch.randn(4, 3)
    local y = nn.SplitTable(2):forward(x)
    assert.equal(3, #y)
    assert.tensor_equal(x:select(2, 3), y[3])
    assert.equal(4, #nn.SplitTable(1):forward(x))
    local m = nn.SplitTable(1, 2)
    assert.same({2, 3}, sizes(m:forward(torch.randn(2, 4, 3))[4]))
    assert.same({3}, sizes(m:forward(torch.randn(4, 3))[4]))
    local a, b, c = torch.randn(5, 1), torch.randn(5, 1), torch.randn(2, 1)
    assert.same({10, 1}, sizes(nn.JoinTable(1):forward {a, b}))
    assert.same({5, 2}, sizes(nn.JoinTable(2):forward {a, b}))
    assert.same({7, 1}, sizes(nn.JoinTable(1):forward {a, c}))
    m = nn.JoinTable(2, 2)
    assert.same({3, 2}, sizes(m:forward {torch.randn(3, 1),
                                         torch.randn(3, 1)}))
    assert.same({2, 3, 2}, sizes(m:forward {torch.randn(2, 3, 1),
                                            torch.randn(2, 3, 1)}))
  end)

  it('the network that splits and joins learns', function ()
    local net = nn.Sequential()
    net:add(nn.SplitTable(2))
    net:add(nn.ParallelTable():add(nn.Linear(10, 3)):add(nn.Linear(10, 7)))
    net:add(nn.ParallelTable():add(nn.Linear(3, 2)):add(nn.Linear(7, 1)))
    net:add(nn.JoinTable(1))
    assert.same({3}, sizes(net:forward(torch.randn(10, 2))))
    local err
    for _ = 1, 100 do
      err = update(net, torch.ones(10, 2), torch.ones(3), nn.MSECriterion(),
                   0.05)
    end
    assert.is_true(err < 1e-3)
  end)

  it('MixtureTable of a table and of a tensor', function ()
    local function gater (n)
      return nn.Sequential():add(nn.Linear(3, 7)):add(nn.Tanh())
                            :add(nn.Linear(7, n)):add(nn.SoftMax())
    end
    local experts = nn.ConcatTable()
    for _ = 1, 4 do
      experts:add(nn.Sequential():add(nn.Linear(3, 5)):add(nn.Tanh()))
    end
    local moe = nn.Sequential()
    moe:add(nn.ConcatTable():add(gater(4)):add(experts))
    moe:add(nn.MixtureTable())
    assert.same({2, 5}, sizes(moe:forward(torch.randn(2, 3))))
    experts = nn.Concat(5)
    for _ = 1, 4 do
      experts:add(nn.Sequential():add(nn.Linear(3, 4 * 2 * 5)):add(nn.Tanh())
                                 :add(nn.Reshape(4, 2, 5, 1)))
    end
    moe = nn.Sequential()
    moe:add(nn.ConcatTable():add(gater(4)):add(experts))
    moe:add(nn.MixtureTable(5))
    assert.same({2, 4, 2, 5}, sizes(moe:forward(torch.randn(2, 3))))
    -- one example: G[1] E[1] + G[2] E[2]
    local y = nn.MixtureTable(1):forward {T(0.25, 0.75),
                                          torch.Tensor {{4, 8}, {0, 4}}}
    assert.tensor_near({1, 5}, y)
  end)

  it('SelectTable: gradients of the others are zero, at any depth',
     function ()
    local input = {torch.randn(2, 3), {torch.randn(2, 1),
                                       {torch.randn(2, 2)}}}
    assert.tensor_equal(input[2][2][1],
                        nn.SelectTable(2):forward(input)[2][1])
    local g = torch.randn(2, 3)
    local m = nn.SelectTable(1)
    m:forward(input)
    local gi = m:backward(input, g)
    assert.tensor_equal(g, gi[1])
    assert.tensor_equal(torch.zeros(2, 1), gi[2][1])
    assert.tensor_equal(torch.zeros(2, 2), gi[2][2][1])
    m = nn.SelectTable(2)
    m:forward(input)
    gi = m:backward(input, {torch.ones(2, 1), {torch.ones(2, 2)}})
    assert.tensor_equal(torch.zeros(2, 3), gi[1])
    assert.tensor_equal(torch.ones(2, 2), gi[2][2][1])
    -- by name
    assert.equal(5, nn.SelectTable 'a':forward {a = 5})
  end)

  it('NarrowTable, FlattenTable, ZipTable', function ()
    local x, y, z = T(1), T(2), T(3)
    local out = nn.NarrowTable(1, 2):forward {x, y, z}
    local numbers
    function numbers (list)
      local n = {}
      for i, t in ipairs(list) do
        n[i] = torch.isTensor(t) and t[1] or numbers(t)
      end
      return n
    end
    assert.same({1, 2}, numbers(out))
    assert.same({1, 2, 3}, numbers(nn.FlattenTable():forward {x, {y, {z}}}))
    assert.same({{1, 3}, {2, 1}},
                numbers(nn.ZipTable():forward {{x, y}, {z, x}}))
    assert.same({{1, 2}, {1, 3}},
                numbers(nn.ZipTableOneToMany():forward {x, {y, z}}))
  end)
end)

describe('documented: pairs and arithmetic of tables', function ()
  it('distances and products of two vectors', function ()
    local x, y = T(1, 2, 3), T(4, 5, 6)
    assert.tensor_near({9}, nn.PairwiseDistance(1):forward {x, y})
    assert.tensor_near({5.1962}, nn.PairwiseDistance(2):forward {x, y}, 1e-4)
    assert.tensor_near({32}, nn.DotProduct():forward {x, y})
    assert.tensor_near({0.9746}, nn.CosineDistance():forward {x, y}, 1e-4)
  end)

  it('pairs are pushed together and apart', function ()
    torch.manualSeed(2)
    local p1 = nn.Sequential():add(nn.Linear(5, 2))
    local p2 = nn.Sequential():add(nn.Linear(5, 2))
    p2:get(1).weight:set(p1:get(1).weight)
    p2:get(1).bias:set(p1:get(1).bias)
    local net = nn.Sequential():add(nn.ParallelTable():add(p1):add(p2))
                               :add(nn.PairwiseDistance(1))
    local criterion = nn.HingeEmbeddingCriterion(1)
    local x, y = torch.rand(5), torch.rand(5)
    local d0 = net:forward {x, y}[1]
    for _ = 1, 10 do update(net, {x, y}, 1, criterion, 0.01) end
    local d1 = net:forward {x, y}[1]
    assert.is_true(d1 < d0)
    for _ = 1, 10 do update(net, {x, y}, -1, criterion, 0.01) end
    assert.is_true(net:forward {x, y}[1] > d1)
  end)

  it('ranking by dot products, as documented', function ()
    torch.manualSeed(3)
    local mlp1 = nn.Linear(5, 10)
    local mlp2 = mlp1:clone('weight', 'bias')
    mlp1 = nn.Sequential():add(nn.ParallelTable():add(mlp1):add(mlp2))
                          :add(nn.DotProduct())
    mlp2 = mlp1:clone('weight', 'bias')
    local net = nn.Sequential():add(nn.ParallelTable():add(mlp1):add(mlp2))
    local criterion = nn.MarginRankingCriterion(1)
    local x, y, z = torch.rand(5), torch.rand(5), torch.rand(5)
    for _, sign in ipairs {1, -1} do
      for _ = 1, 100 do update(net, {{x, y}, {x, z}}, sign, criterion, 0.05) end
      local a, b = mlp1:forward {x, y}[1], mlp2:forward {x, z}[1]
      assert.is_true(sign * (a - b) > 0.9)
    end
  end)

  it('CriterionTable', function ()
    local m, x = nn.CriterionTable(nn.MSECriterion()), torch.randn(5)
    assert.equal(0, m:forward {x, x})
    local err
    local net = nn.Sequential()
    net:add(nn.ParallelTable():add(nn.Sequential(nn.Linear(5, 4),
                                                 nn.Linear(4, 3)))
                              :add(nn.Identity()))
    net:add(nn.CriterionTable(nn.MSECriterion()))
    local input = {torch.ones(5), torch.ones(3)}
    local first = net:forward(input)
    for _ = 1, 50 do
      err = net:forward(input)
      net:zeroGradParameters()
      net:backward(input)
      net:updateParameters(0.05)
    end
    assert.is_true(err < first / 10)
  end)

  it('CAddTable, CSubTable, CMulTable, CDivTable, CMaxTable, CMinTable',
     function ()
    local one = torch.ones(5)
    local function all (v, m, ...)
      assert.tensor_near(one * v, m:forward {...})
    end
    all(6, nn.CAddTable(), one, one * 2, one * 3)
    all(1.2, nn.CSubTable(), one * 2.2, one)
    all(24, nn.CMulTable(), one * 2, one * 3, one * 4)
    all(0.5, nn.CDivTable(), one * 2.2, one * 4.4)
    all(3, nn.CMaxTable(), one * 2, one * 3)
    all(2, nn.CMinTable(), one * 2, one * 3)
    local inplace = nn.CAddTable(true)
    local first = one:clone()
    assert.tensor_near(one * 2, inplace:forward {first, one})
  end)
end)
