-- raise(text, ...): an error with the position of the innermost line that is
-- not the library's own, however many functions lie between.
return function (text, ...)
  if select('#', ...) > 0 then text = text:format(...) end
  error(require 'nn.error_place'.position() .. text, 0)
end
