-- The manual: nn, criterions.

return [==[
# Criterions of classes
@Errors: labels outside 1..C, with a hint for labels from 0; sizes that do not fit.

nn.ClassNLLCriterion([weights[, sizeAverage[, ignoreIndex]]])
  - sum w[y] x[.., y] over the samples, divided by the sum of w[y]
  (sizeAverage = true), for log-probabilities x.  Samples with the label
  ignoreIndex (-100) do not count.
  Shapes: x [n x C] or [C] or [n x C x *], labels [n] or a number or [n x *].
  Example:
    local c = nn.ClassNLLCriterion()
    print(c:forward(torch.Tensor{{-1, -2}, {-3, -4}}, torch.LongTensor{1, 2}))
    --> 2.5

nn.CrossEntropyCriterion([weights[, sizeAverage[, ignoreIndex]]])
  ClassNLLCriterion of LogSoftMax: for scores (logits).
  Shapes: x [n x C] or [C] or [n x C x *], labels [n] or a number or [n x *].
  Example:
    local c = nn.CrossEntropyCriterion()
    print(('%.4f'):format(c:forward(torch.zeros(1, 10), torch.LongTensor{3})))
    --> 2.3026

nn.SpatialClassNLLCriterion([weights[, sizeAverage[, ignoreIndex]]])
  ClassNLLCriterion for each pixel.
  Shapes: x [n x C x height x width], labels [n x height x width].
  Example:
    local c = nn.SpatialClassNLLCriterion()
    print(c:forward(torch.ones(1, 2, 3, 3), torch.ones(1, 3, 3):long()))
    --> -1.0

nn.MultiMarginCriterion([p[, weights[, margin]]])
  For a sample of class y, 1/C times the sum over j other than y of
  w[y] max(0, margin - x[y] + x[j])^p; p 1, margin 1.
  Shapes: x [n x C] or [C], labels [n] or a number.
  Example:
    print(nn.MultiMarginCriterion():forward(torch.Tensor{3, 2.5}, 1))
    --> 0.25

nn.MultiLabelMarginCriterion([sizeAverage])
  1/C times the sum over labels y and other classes j of
  max(0, 1 - x[y] + x[j]); a row of labels ends at its first 0.
  Shapes: x [n x C] or [C], labels [n x C] or [C].
  Example:
    local c = nn.MultiLabelMarginCriterion()
    print(('%.4f'):format(c:forward(torch.Tensor{3, 2.5, 0}, torch.LongTensor{1, 0, 0})))
    --> 0.1667

nn.MultiLabelSoftMarginCriterion([weights[, sizeAverage]])
  BCEWithLogitsCriterion, as Torch7 names it.
  Shapes: x and target [*], alike.
  Example:
    local c = nn.MultiLabelSoftMarginCriterion()
    print(('%.4f'):format(c:forward(torch.zeros(1, 2), torch.Tensor{{0, 1}})))
    --> 0.6931

nn.CTCCriterion([{blank =, sizeAverage =, zeroInfinity =}])
  Connectionist temporal classification: - ln of the probability of the labels
  over all their alignments, for scores.  The target is {labels, times,
  counts}, or the labels alone.
  Shapes: x [time x batch x classes], labels [batch x most] padded with 0.
  Example:
    local c = nn.CTCCriterion()
    print(('%.4f'):format(c:forward(torch.zeros(2, 1, 2), torch.LongTensor{{2}})))
    --> 0.2877

# Criterions of pairs of elements
@Shapes: x and target [*], alike, or a number as target; a number.
@Errors: sizes that differ, with both; options of another kind.

nn.MSECriterion([sizeAverage])
  The mean (or with false the sum) of (x - t)^2.
  Example:
    print(nn.MSECriterion():forward(torch.Tensor{1, 2}, torch.Tensor{1, 4}))
    --> 2.0

nn.WeightedMSECriterion(weights[, sizeAverage])
  The mean of w (x - t)^2; w in a shape that broadcasts with x.
  Example:
    local c = nn.WeightedMSECriterion(torch.Tensor{1, 10})
    print(c:forward(torch.Tensor{1, 2}, torch.Tensor{3, 4})) --> 22.0

nn.AbsCriterion([sizeAverage])
  The mean of |x - t|.
  Example:
    print(nn.AbsCriterion():forward(torch.Tensor{1, 2}, torch.Tensor{1, 4}))
    --> 1.0

nn.SmoothL1Criterion([sizeAverage[, beta]])
  The mean of (x - t)^2 / (2 beta) where |x - t| < beta (1), else
  |x - t| - beta / 2.
  Example:
    print(nn.SmoothL1Criterion():forward(torch.Tensor{3}, torch.Tensor{0}))
    --> 2.5

nn.HuberCriterion([sizeAverage[, delta]])
  delta (1) times SmoothL1Criterion's.
  Example:
    print(nn.HuberCriterion(true, 2):forward(torch.Tensor{3}, torch.Tensor{0}))
    --> 4.0

nn.PoissonNLLCriterion([sizeAverage[, logInput[, full[, eps]]]])
  The mean of exp(x) - t x for x the logarithm of a Poisson rate; with logInput
  = false of x - t ln(x + eps) (1e-8) for the rate itself. full (false) adds
  Stirling's approximation of ln t!.
  Example:
    print(nn.PoissonNLLCriterion():forward(torch.Tensor{0}, torch.Tensor{2}))
    --> 1.0

nn.GaussianNLLCriterion([sizeAverage[, full[, eps]]])
  The mean of (ln v + (x - t)^2 / v) / 2 for an input {x, v} of means and
  variances; v below eps (1e-6) counts as eps. full (false) adds ln(2 pi) / 2.
  Example:
    local x, v = torch.Tensor{1}, torch.Tensor{1}
    print(nn.GaussianNLLCriterion():forward({x, v}, torch.Tensor{3}))
    --> 2.0

nn.BCECriterion([weights[, sizeAverage]])
  The mean of - t ln x - (1 - t) ln(1 - x), for probabilities x.
  Example:
    print(('%.4f'):format(nn.BCECriterion():forward(torch.Tensor{0.5}, torch.Tensor{1})))
    --> 0.6931

nn.BCEWithLogitsCriterion([weights[, sizeAverage[, positive]]])
  The same for scores, exact for large ones; `positive` weighs the targets 1.
  Example:
    print(('%.4f'):format(nn.BCEWithLogitsCriterion():forward(torch.Tensor{0}, torch.Tensor{1})))
    --> 0.6931

nn.DistKLDivCriterion([sizeAverage[, logTarget]])
  The mean of t (ln t - x) where t > 0, for log-probabilities x; with logTarget
  t is a logarithm too.
  Example:
    local x = torch.log(torch.Tensor{0.5, 0.5})
    print(('%.4f'):format(nn.DistKLDivCriterion(false):forward(x, torch.Tensor{1, 0})))
    --> 0.6931

nn.SoftMarginCriterion([sizeAverage])
  The mean of ln(1 + exp(-t x)) for t = 1 or -1.
  Example:
    print(('%.4f'):format(nn.SoftMarginCriterion():forward(torch.Tensor{0}, torch.Tensor{1})))
    --> 0.6931

nn.MarginCriterion([margin[, sizeAverage]])
  The mean of max(0, margin - t x) for t = 1 or -1; margin 1.
  Example:
    local t = torch.Tensor{1, -1}
    print(nn.MarginCriterion():forward(torch.Tensor{0.5, -3}, t)) --> 0.25

nn.HingeEmbeddingCriterion([margin[, sizeAverage]])
  The mean of x where t = 1, max(0, margin - x) where t = -1; margin 1.
  Example:
    local t = torch.Tensor{1, -1}
    print(nn.HingeEmbeddingCriterion():forward(torch.Tensor{0.5, 0.25}, t))
    --> 0.625

nn.L1Cost([sizeAverage])
  The sum of |x|; there is no target.
  Example:
    print(nn.L1Cost():forward(torch.Tensor{-1, 2})) --> 3.0

# Criterions of several inputs
@Errors: an input that is no table of tensors alike.

nn.CosineEmbeddingCriterion([margin[, sizeAverage]])
  {x1, x2}: 1 - cos(x1, x2) for target 1, max(0, cos - margin) for -1.
  Shapes: {[n x k], [n x k]}, target [n] or a number.
  Example:
    local x = {torch.Tensor{{1, 0}}, torch.Tensor{{0, 1}}}
    print(nn.CosineEmbeddingCriterion():forward(x, 1)) --> 1.0

nn.L1HingeEmbeddingCriterion([margin])
  {x1, x2}: d = sum |x1 - x2| for target 1, max(0, margin - d) for -1.
  Shapes: {[k], [k]}, target 1 or -1.
  Example:
    local x = {torch.Tensor{1, 0}, torch.Tensor{0, 1}}
    print(nn.L1HingeEmbeddingCriterion():forward(x, 1)) --> 2.0

nn.MarginRankingCriterion([margin[, sizeAverage]])
  {x1, x2}: max(0, margin - t (x1 - x2)); margin 1.
  Shapes: {[n], [n]}, target [n] or a number.
  Example:
    local x = {torch.Tensor{2}, torch.Tensor{1.5}}
    print(nn.MarginRankingCriterion():forward(x, 1)) --> 0.5

nn.TripletMarginCriterion([margin[, p[, swap]]])
  {anchor, positive, negative}, no target: max(0, d(a, p) - d(a, n) + margin),
  with swap the smaller of d(a, n) and d(p, n).
  Shapes: three of [n x k].
  Example:
    local a, b = torch.Tensor{{0, 0}}, torch.Tensor{{3, 4}}
    print(nn.TripletMarginCriterion():forward {a, b, b}) --> 1.0

# Criterions made of criterions
@Shapes: those of the criterions.
@Errors: what is no criterion.

nn.MultiCriterion()
  The weighted sum of criterions of one input and target.
  Example:
    local c = nn.MultiCriterion():add(nn.MSECriterion())
                                 :add(nn.AbsCriterion(), 0.5)
    print(c:forward(torch.Tensor{3}, torch.Tensor{1})) --> 5.0

nn.ParallelCriterion([repeatTarget])
  The weighted sum of criterions, the i-th of input[i] and target[i] (or of
  the target, with repeatTarget).
  Errors: an input that is no table.
  Example:
    local c = nn.ParallelCriterion(true):add(nn.MSECriterion())
                                        :add(nn.AbsCriterion())
    print(c:forward({torch.Tensor{3}, torch.Tensor{0}}, torch.Tensor{1}))
    --> 5.0

nn.ModuleCriterion(criterion[, inputModule[, targetModule]])
  The criterion of what the modules make of input and target.
  Example:
    local c = nn.ModuleCriterion(nn.MSECriterion(), nn.Square())
    print(c:forward(torch.Tensor{2}, torch.Tensor{3})) --> 1.0

nn.CriterionTable(criterion)
  The criterion as a module of {input, target}, for the end of a network.
  Shapes: as the criterion's; to a number.
  Errors: what is no criterion.
  Example:
    local m = nn.CriterionTable(nn.MSECriterion())
    print(m:forward {torch.Tensor{2}, torch.Tensor{4}}) --> 4.0
]==]
