-- The descent of nn.HAM: ham:descend{states = , ...}.  Options:
--   states     where it begins, a table name -> tensor
--   step       0.1; steps 100, at most
--   tau        1, a layer's time constant: a number, or name -> number
--   keep       name -> tensor that multiplies a layer's steps: 0 clamps
--   tolerance  1e-5: it has converged when no |dE/dxhat| that is kept is above;
--              where one is NaN it stops, not converged
--   monotone   true: a step that would raise an energy is halved, at most 20
--              times each; where that does not help it isn't made, and the
--              descent stops
--   record     true: the report holds all states and energies
--   quiet      true: no energies at all
-- Returns the last states and a report: steps (made), converged, energy (the
-- last), rises (how many steps raised an energy), step (as it is at last),
-- and with record states and energies, lists of steps + 1.
-- Under a transform values can't be read: then all steps are made, and the
-- report has neither converged nor rises.

local torch = require 'torch'
local core = require 'nnlua.core'
local options_of = require 'nn.HAMDescentOptions'

local M = {}

-- The factor of each layer's steps: 1 / tau.
local function rates (ham, tau)
  local out = {}
  for _, name in ipairs(ham.names) do
    local t = tau
    if type(tau) == 'table' then t = tau[name] end
    out[name] = 1 / (t or 1)
  end
  return out
end

local function kept (o, name, g)
  local keep = o.keep and o.keep[name]
  return keep and torch.cmul(g, keep) or g
end

local function moved (ham, o, xs, gradient, rate, step)
  local out = {}
  for _, name in ipairs(ham.names) do
    local g = kept(o, name, gradient[name])
    out[name] = xs[name] - g * (step * rate[name])
  end
  return out
end

local function largest (ham, o, gradient)
  local most = 0
  for _, name in ipairs(ham.names) do
    local g = kept(o, name, gradient[name])
    local m = g:nElement() > 0 and torch.abs(g):max() or 0
    if m > most or m ~= m then most = m end
    if most ~= most then break end
  end
  return most
end

-- How much of an energy's parts may be rounding: they largely cancel, and
-- their terms did before them.
local slack_of = {float32 = 1e-5, float64 = 1e-12}

-- The energy of states (of each example), and how far rounding may move it.
local function measured (ham, xs)
  local parts = ham:energies(ham:activations(xs), xs)
  local sum, size = 0, 0
  local function add (e)
    sum, size = sum + e, size + torch.abs(e)
  end
  for _, name in ipairs(ham.names) do add(parts.neurons[name]) end
  for _, e in ipairs(parts.connections) do add(e) end
  local dtype = xs[ham.names[1]]:dtype()
  return sum, size * (slack_of[dtype] or 1e-5) + 1e-9
end

-- Did an energy (of any example) rise by more than rounding?
local function rose (before, after, slack)
  if type(before) == 'number' then
    return after > before + slack or after ~= after
  end
  return torch.gt(after, before + slack):any()
         or torch.ne(after, after):any()
end

-- The descent by values: watches energies, stops when it has converged.
local function watched (ham, o, rate, report)
  local xs, step = o.states, report.step
  local energy, slack = measured(ham, xs)
  local tolerance = o.tolerance or 1e-5
  report.rises, report.converged = 0, false
  if o.record then report.states, report.energies = {xs}, {energy} end
  for i = 1, o.steps or 100 do
    local gradient = ham:gradient(xs)
    local most = largest(ham, o, gradient)
    report.converged = most < tolerance
    if report.converged or most ~= most then break end
    local new = moved(ham, o, xs, gradient, rate, step)
    local after, room = measured(ham, new)
    if rose(energy, after, slack) then
      for _ = 1, o.monotone and 20 or 0 do
        step = step / 2
        new = moved(ham, o, xs, gradient, rate, step)
        after, room = measured(ham, new)
        if not rose(energy, after, slack) then break end
      end
      if rose(energy, after, slack) then report.rises = report.rises + 1 end
      if o.monotone and report.rises > 0 then break end
    end
    xs, energy, slack, report.steps = new, after, room, i
    if o.record then
      report.states[i + 1], report.energies[i + 1] = xs, energy
    end
  end
  report.energy, report.step = energy, step
  return xs
end

function M.descend (ham, options)
  local o = options_of.descent(ham, options)
  local report = {step = o.step or 0.1, steps = 0}
  local rate = rates(ham, o.tau)
  if not o.quiet and not core.tracing() then
    return watched(ham, o, rate, report), report
  end
  local xs = o.states
  if o.record then report.states = {xs} end
  for i = 1, o.steps or 100 do
    xs = moved(ham, o, xs, ham:gradient(xs), rate, report.step)
    report.steps = i
    if o.record then report.states[i + 1] = xs end
  end
  return xs, report
end

return M
