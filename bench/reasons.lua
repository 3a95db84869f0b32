-- Why a figure may fall short: what profiles showed, by a work's title.

local list = {
  {"ternary epoch",
   "profiled: of our step 78 % are the products and 8 % the states, "
   .. "their noise and their densities, with one thread as with two; why "
   .. "two gain less than JAX's was not found"},
  {"epoch",
   "profiled: the micro-kernel takes 76 % of a jitted step and runs at 98 "
   .. "GFLOP/s, the core's peak; packing is 8 %, the update of the weights "
   .. "7 %; what shares the machine's caches shifts a row by 15 %"},
  {"denoiser step 200-10-200, eager",
   "three tenths of an eager step's 130,000 instructions are products "
   .. "and kernels, a fifth is Lua's interpreter and collector, the rest "
   .. "bindings and tape"},
  {"regression step 128 x 3-5-6, eager",
   "of an eager step's 133,000 instructions a third are Lua's, and fewer "
   .. "than a fourth products and kernels; the rest is bindings and tape"},
  {"classifier step 8 x 36-12-12-1, eager",
   "an eager step's 210,000 instructions are nearly all of Lua, "
   .. "bindings and tape: ten gradients in nested tables, 60 operations"},
  {"regression step 128 x 3-5-6, whole loop",
   "of 25,000 instructions a third are the five products, whose weights' "
   .. "gradients are chains of 128 dependent FMAs, and two fifths are what "
   .. "surrounds the kernels of twelve units"},
  {"polynom 128 x 12, eager",
   "37,000 instructions, two fifths of them in kernels: 4.4 us on a core "
   .. "that is alone (then the figure is met), 6 to 7.5 us where a neighbour "
   .. "shares it, and PyTorch's time grows by a tenth"},
  {"classifier step 8 x 36-12-12-1, jit",
   "46,000 instructions a step; 7.2 times as fast as JAX in the last run"},
  {"KAF step",
   "profiled: 72 % of our step are the products, 641 MFLOP at the core's "
   .. "peak, 12 % the activations, 8 % packing; PyTorch as published takes 39 "
   .. "to 71 ms, JAX 43 to 61; processors that share a core halve the peak; "
   .. "4.5 to 6.0 and 1.4 to 1.6 in six runs, 5.0 to 5.6 and 1.5 in the middle"},
  {"x + y on 8 floats",
   "1,480 instructions, 0.12 us on this core when it is alone (0.29 with "
   .. "the gradient recorded); what shares the core adds to that"},
}

-- The reason for a row that missed what was wanted.
return function (row)
  for _, entry in ipairs(list) do
    if row.work:find(entry[1], 1, true) then return entry[2] end
  end
  if row.wanted:find "^<" then return "not looked into" end
  return ('%.2f times what was wanted; not looked into'):format(
    row.ratio and tonumber(row.wanted) and row.ratio / row.wanted or 0)
end
