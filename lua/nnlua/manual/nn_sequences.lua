-- The manual: nn, recurrent layers and attention.

return [==[
# Recurrent layers
@Shapes: x [time x batch x inputSize], y [time x batch x hiddenSize], states [layers x batch x hiddenSize].
@Errors: another input size than the module's, states that do not fit.

nn.RNN(inputSize, hiddenSize[, layers[, 'tanh' or 'relu']])
  h = tanh(W x + b + U h + c) for each step.  forward(x) starts from zeros and
  gives y; forward{x, h0} gives {y, h}.
  Example:
    print(nn.RNN(3, 5):forward(torch.ones(7, 2, 3)):size(3)) --> 5

nn.LSTM(inputSize, hiddenSize[, layers])
  c = f c + i g, h = o tanh(c), gates i f g o from x and h.  forward(x) starts
  from zeros and gives y; forward{x, h0, c0} gives {y, h, c}.
  Example:
    local h = torch.zeros(1, 2, 5)
    local out = nn.LSTM(3, 5):forward {torch.ones(7, 2, 3), h, h}
    print(#out, out[1]:size(1))                 --> 3 7

nn.GRU(inputSize, hiddenSize[, layers])
  n = tanh(W x + b + r (U h + c)), h = (1 - z) n + z h, gates r z from x and h.
  forward as nn.RNN's.
  Example:
    print(nn.GRU(3, 5, 2):forward(torch.ones(7, 2, 3)):size(2)) --> 2

nn.RNNCell(inputSize, hiddenSize[, 'tanh' or 'relu'])
nn.SimpleCell(inputSize, hiddenSize[, 'tanh' or 'relu'])
  One step of nn.RNN: {x, h} to h.
  Shapes: x [batch x inputSize], h [batch x hiddenSize].
  Example:
    print(nn.RNNCell(3, 5):forward({torch.ones(2, 3), torch.zeros(2, 5)}):size(2))
    --> 5

nn.LSTMCell(inputSize, hiddenSize)
  One step of nn.LSTM: {x, h, c} to {h, c}.
  Shapes: x [batch x inputSize], h and c [batch x hiddenSize].
  Example:
    local h = torch.zeros(2, 5)
    print(#nn.LSTMCell(3, 5):forward({torch.ones(2, 3), h, h})) --> 2

nn.GRUCell(inputSize, hiddenSize)
  One step of nn.GRU: {x, h} to h.
  Shapes: x [batch x inputSize], h [batch x hiddenSize].
  Example:
    print(nn.GRUCell(3, 5):forward({torch.ones(2, 3), torch.zeros(2, 5)}):size(2))
    --> 5

# Attention
@Errors: sizes of queries, keys and values that do not fit, a mask of other sizes.

nn.Attention([causal[, scale]])
  {q, k, v[, mask]} to softmax(scale q k') v; scale is 1 / sqrt(size); causal:
  position i sees keys 1..i.  A mask is bool (true = may attend) or added to
  the scores.
  Shapes: q [* x length x size], k [* x keys x size], v [* x keys x n], mask
  [length x keys]; [* x length x n].
  Example:
    local x = torch.Tensor{{{1, 0}, {0, 1}}}
    print(nn.Attention(true):forward({x, x, x})[1][1]) --> 1 0

nn.MultiHeadAttention(embed, heads[, {kdim =, vdim =, causal =, attention =}])
nn.MultiHeadDotProductAttention(embed, heads[, {kdim =, vdim =, causal =, attention =}])
  x attends to itself, or for {q, k, v[, ignored]} to other sequences; ignored
  [batch x keys] is true for keys to leave out.  attention = true: the output
  is {y, attention}.
  Shapes: [batch x length x embed], the output too.
  Errors: heads that do not divide embed.
  Example:
    print(nn.MultiHeadAttention(8, 2):forward(torch.randn(3, 5, 8)):size(3))
    --> 8
]==]
