// The code that is bundled and runs in a browser. Outcomes are passed to a function that the script defines.
import { everywhere } from './everywhere.ts'
import { inBrowsers } from './in-browsers.ts'
import { runScenarios, clockAndIdsAt, type Outcome } from './scenario.ts'

declare global {
  var tellOutcome: (outcome: Outcome) => void
  /** Runs all scenarios, or some by name. */
  var runAll: (at: Parameters<typeof clockAndIdsAt>[0], names?: readonly string[]) => Promise<void>
}

globalThis.runAll = (at, names) => {
  const scenarios = Object.entries({ ...everywhere, ...inBrowsers })
  const chosen = scenarios.filter(([name]) => names === undefined || names.includes(name))
  return runScenarios(Object.fromEntries(chosen), clockAndIdsAt(at), (outcome) => tellOutcome(outcome))
}
