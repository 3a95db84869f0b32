-- elementwise_text.lua: writes the elementwise cases of ops.lua as plain text
-- for C tests: lua5.4 elementwise_text.lua ops.lua > ops_elementwise.txt
--
-- Each case is a line "case KERNEL DTYPE INPUTS COUNT NAME" and COUNT lines of
-- the inputs and the wanted result, in C's %a notation (integers: decimal).
local ops = dofile(arg[1])

-- names of ours where they differ; false: functions made of other kernels
local kernel = {
  reciprocal = "recip", cmax = "max2", cmin = "min2", floor_divide = "idiv",
  round_even = "rint", trunc_divide = false,
}

local function rename (op)
  if kernel[op] == nil then return op end
  return kernel[op]
end

local function text (v)
  if math.type(v) == "integer" then return ("%d"):format(v) end
  if v ~= v then return "nan" end
  return ("%a"):format(v)
end

local function write_case (c, op, want)
  local x, y = c.inp.x, c.inp.y
  local dtype = x.dtype == "float32" and "f32" or x.dtype == "int64" and "i64"
    or "f64"
  print(("case %s %s %d %d %s"):format(op, dtype, y and 2 or 1, #x.data,
    c.name))
  for i = 1, #x.data do
    local line = { text(x.data[i]) }
    if y then line[#line + 1] = text(y.data[i]) end
    line[#line + 1] = text(want.data[i])
    print(table.concat(line, " "))
  end
end

print("# made by elementwise_text.lua from ops.lua, which says how its values")
print("# were computed (mpmath at 320 bits; NumPy and SciPy where not finite)")
for _, c in ipairs(ops.cases) do
  if c.name == "elementwise/integer_division" then
    for _, op in ipairs { "floor_divide", "fmod", "remainder" } do
      write_case(c, rename(op), c.out[op])
    end
  elseif c.name:match("^elementwise/") and rename(c.op) then
    write_case(c, rename(c.op), c.out.y or c.out.z)
  end
end
