-- The text of a progress bar: render(state, columns) -> a line.

local function duration (seconds)
  seconds = math.floor(seconds + 0.5)
  local h, m, s = seconds // 3600, seconds // 60 % 60, seconds % 60
  return h > 0 and ('%d:%02d:%02d'):format(h, m, s)
         or ('%02d:%02d'):format(m, s)
end

local function rate_text (rate)
  if rate ~= rate or rate == math.huge or rate <= 0 then return '-/s' end
  if rate < 1 then return ('%.1fs each'):format(1 / rate) end
  if rate >= 1e7 then return ('%.0fM/s'):format(rate / 1e6) end
  if rate >= 1e5 then return ('%.0fk/s'):format(rate / 1e3) end
  return (rate < 100 and '%.1f/s' or '%.0f/s'):format(rate)
end

-- Letters of UTF-8 text, for its width.
local function width (text) return utf8.len(text) or #text end

local function cut (text, columns)
  if width(text) <= columns then return text end
  local last = utf8.len(text) and utf8.offset(text, columns + 1)
  return text:sub(1, (last or columns + 1) - 1)
end

local EIGHTHS = {'▏', '▎', '▍', '▌', '▋', '▊', '▉'}

local function gauge (share, cells, fancy)
  local eighths = math.floor(share * cells * 8)
  local full = eighths // 8
  if not fancy then
    return '[' .. ('#'):rep(full) .. ('-'):rep(cells - full) .. ']'
  end
  local part = EIGHTHS[eighths % 8] or ''
  return '▕' .. ('█'):rep(full) .. part
         .. (' '):rep(cells - full - (part ~= '' and 1 or 0)) .. '▏'
end

-- The line for a state, at most `columns` letters wide: parts are left out
-- until it fits.  state: count, total, elapsed, label, note, fancy (UTF-8),
-- plain (no gauge).
return function (state, columns)
  local count, total = state.count, state.total
  local rate = state.elapsed > 0 and count / state.elapsed or 0
  local label = state.label and state.label .. ' ' or ''
  local note = state.note and '  ' .. state.note or ''
  if not total or total <= 0 then
    return cut(('%s%d [%s, %s]%s'):format(label, count,
      duration(state.elapsed), rate_text(rate), note), columns)
  end
  local share = math.min(count / total, 1)
  local head = ('%s%3d%%'):format(label, math.floor(share * 100))
  local counts = (' %d/%d'):format(count, total)
  local left = rate > 0 and duration((total - count) / rate) or '--:--'
  local times = (' [%s<%s, %s]'):format(duration(state.elapsed), left,
                                        rate_text(rate))
  local rest = columns - width(head .. counts .. times .. note) - 3
  if rest >= 5 and not state.plain then
    local bar = gauge(share, math.min(rest, 30), state.fancy)
    return head .. ' ' .. bar .. counts .. times .. note
  end
  for _, text in ipairs {head .. counts .. times .. note,
                         head .. counts .. note, head .. counts} do
    if width(text) <= columns then return text end
  end
  return cut(('%3d%%'):format(math.floor(share * 100)) .. counts, columns)
end
