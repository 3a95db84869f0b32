-- The manual: nn, modules of images and of frames.

return [==[
# Convolutions
@Shapes: [batch x planes x height x width], or one sample without batch.
@Errors: another number of planes than the module's, images smaller than the kernel.

nn.SpatialConvolution(nIn, nOut, kW, kH[, dW[, dH[, padW[, padH[, groups]]]]])
nn.Conv(nIn, nOut, kW, kH[, dW[, dH[, padW[, padH[, groups]]]]])
nn.SpatialConvolutionMM(nIn, nOut, kW, kH[, dW[, dH[, padW[, padH]]]])
  A convolution with a kernel of width kW and height kH in steps of dW, dH (1),
  with padW, padH (0) zeros around the image.
  Shapes: [batch x nIn x h x w] to [batch x nOut x (h + 2 padH - kH) // dH + 1
  x ...]; weight [nOut x nIn / groups x kH x kW].
  Example:
    local m = nn.SpatialConvolution(1, 8, 3, 3, 1, 1, 1, 1)
    print(m:forward(torch.ones(2, 1, 28, 28)):size(2)) --> 8

nn.SpatialDilatedConvolution(nIn, nOut, kW, kH[, dW[, dH[, padW[, padH[, dilationW[, dilationH]]]]]])
  As SpatialConvolution, with dilationW, dilationH (1) from one element of the
  kernel to the next.
  Example:
    local m = nn.SpatialDilatedConvolution(1, 2, 3, 3, 1, 1, 0, 0, 2, 2)
    print(m:forward(torch.ones(1, 7, 7)):size(2)) --> 3

nn.SpatialDepthWiseConvolution(nIn, multiplier, kW, kH[, dW[, dH[, padW[, padH]]]])
  Each plane by itself, to `multiplier` planes.
  Shapes: [batch x nIn x h x w] to [batch x nIn multiplier x ...].
  Example:
    local m = nn.SpatialDepthWiseConvolution(3, 2, 3, 3)
    print(m:forward(torch.ones(3, 5, 5)):size(1)) --> 6

nn.SpatialFullConvolution(nIn, nOut, kW, kH[, dW[, dH[, padW[, padH[, adjW[, adjH[, groups]]]]]]])
nn.ConvTranspose(nIn, nOut, kW, kH[, dW[, dH[, padW[, padH[, adjW[, adjH[, groups]]]]]]])
  The transposed convolution.  A table {x, like} as input gives an output of
  the size of `like`.
  Shapes: [batch x nIn x h x w] to [batch x nOut x (h - 1) dH - 2 padH + kH +
  adjH x ...].
  Example:
    local m = nn.SpatialFullConvolution(1, 2, 2, 2, 2, 2)
    print(m:forward(torch.ones(1, 3, 3)):size(2)) --> 6

# Pooling
@Shapes: [batch x planes x height x width], or one sample without batch.
@Errors: images smaller than a window, padding of more than half a window.

nn.SpatialMaxPooling(kW, kH[, dW[, dH[, padW[, padH]]]])
  The largest element of windows of kW x kH in steps of dW, dH (the window's
  sizes).  m:ceil() lets the last window reach out.
  Example:
    local x = torch.range(1, 16):view(1, 4, 4)
    print(nn.SpatialMaxPooling(2, 2):forward(x):view(-1)) --> 6 8 14 16

nn.SpatialMaxUnpooling(pooling)
  Each element goes where the pooling, which ran before it, had found its
  greatest; 0 elsewhere, in images of the size of the pooling's input.
  Errors: a pooling that did not run, another size than it gave.
  Example:
    local pool = nn.SpatialMaxPooling(2, 2)
    local net = nn.Sequential(pool, nn.SpatialMaxUnpooling(pool))
    print(net:forward(torch.range(1, 4):view(1, 2, 2)):view(-1)) --> 0 0 0 4

nn.SpatialDilatedMaxPooling(kW, kH[, dW[, dH[, padW[, padH[, dilationW[, dilationH]]]]]])
  As SpatialMaxPooling, of elements with gaps between them.
  Example:
    local x = torch.range(1, 9):view(1, 3, 3)
    local m = nn.SpatialDilatedMaxPooling(2, 2, 1, 1, 0, 0, 2, 2)
    print(m:forward(x):view(-1))                --> 9

nn.SpatialAveragePooling(kW, kH[, dW[, dH[, padW[, padH]]]])
  The mean of windows, in steps of 1 by default; the padding counts, unless
  m:setCountExcludePad() was called.
  Example:
    local x = torch.range(1, 16):view(1, 4, 4)
    print(nn.SpatialAveragePooling(2, 2, 2, 2):forward(x):view(-1))
    --> 3.5000 5.5000 11.5000 13.5000

nn.SpatialAdaptiveMaxPooling(oW, oH)
  Windows such that the output has width oW and height oH.
  Example:
    local m = nn.SpatialAdaptiveMaxPooling(2, 3)
    print(m:forward(torch.ones(1, 7, 9)):size(2)) --> 3

nn.SpatialAdaptiveAveragePooling(oW, oH)
  The same with means; (1, 1) gives the mean of each plane.
  Example:
    local x = torch.range(1, 4):view(1, 2, 2)
    print(nn.SpatialAdaptiveAveragePooling(1, 1):forward(x):view(-1))
    --> 2.5000

nn.SpatialZeroPadding(left[, right[, top[, bottom]]])
  Zeros around images; negative numbers cut.
  Errors: cutting more than there is.
  Example:
    local m = nn.SpatialZeroPadding(1, 1, 1, 1)
    print(m:forward(torch.ones(1, 2, 2)):size(3)) --> 4

nn.SpatialUpSamplingNearest(scale)
  Each element scale x scale times.
  Example:
    local x = torch.Tensor{{{1, 2}}}
    print(nn.SpatialUpSamplingNearest(2):forward(x):select(1, 1))
    --> 1 1 2 2
    --> 1 1 2 2

# Frames
@Errors: another size of a frame than the module's, fewer frames than a window.

nn.TemporalConvolution(size, nOut, kW[, dW])
  A convolution over frames: windows of kW of them in steps of dW (1).
  Shapes: [batch x frames x size] to [batch x (frames - kW) // dW + 1 x nOut],
  or without batch.
  Example:
    local m = nn.TemporalConvolution(4, 6, 3)
    print(m:forward(torch.ones(10, 4)):size(1)) --> 8

nn.TemporalMaxPooling(kW[, dW])
  The largest of windows of kW frames in steps of dW (kW).
  Shapes: [batch x frames x size] to [batch x (frames - kW) // dW + 1 x size],
  or without batch.
  Example:
    print(nn.TemporalMaxPooling(2):forward(torch.Tensor{{1}, {3}, {2}, {0}}))
    --> 3 2
]==]
