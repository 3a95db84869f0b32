-- What to use instead of Torch7's other packages: a searcher behind all
-- others, so that a module of that name which somebody has goes first.

local says = {
  nngraph = 'nn.gModule(inputs, outputs) is in nn; or write forward as a '
            .. 'plain Lua function: autograd differentiates it',
  paths = "use Lua's io and os: io.open(path) tells whether a file is there, "
          .. "a .. '/' .. b joins paths",
  xlua = 'for x in nnlua.progress(iterator, total) replaces xlua.progress',
  image = 'plot.image and plot.grid show pictures, data.read reads .npy files',
  cutorch = 'nnlua computes on CPUs; leave out :cuda() and the cu modules',
  trepl = 'the program nnlua is the prompt',
  gnuplot = 'plot.line, plot.scatter, plot.hist and plot.image draw through '
            .. 'gnuplot',
  graph = 'nn.gModule is in nn',
  threads = 'data.loader(dataset, {workers = n}) reads in threads of its own',
  sys = 'torch.tic, torch.toc and torch.Timer measure time; os and io do '
        .. 'the rest',
  rnn = 'nn.RNN, nn.LSTM and nn.GRU are in nn',
  torchnet = 'data.TensorDataset, data.loader and optim.Logger',
  tds = "Lua 5.4's tables have no limit of 2 GB",
}
says.cunn, says.cudnn, says.cutorchrtc = says.cutorch, says.cutorch,
                                         says.cutorch

local function searcher (name)
  local text = says[name]
  if text then
    error(("there is no package '%s' in nnlua: %s"):format(name, text), 0)
  end
  return nil
end

-- Adds the searcher, once a Lua state.
return function ()
  local searchers = package.searchers
  for _, f in ipairs(searchers) do
    if f == searcher then return end
  end
  searchers[#searchers + 1] = searcher
end
