// What runs in a browser, bundled. Outcomes go to the function that the script put there.
import { everywhere } from './everywhere.ts'
import { inBrowsers } from './in-browsers.ts'
import { runScenarios, surroundingsAt, type Outcome } from './scenario.ts'

declare global {
  var tellOutcome: (outcome: Outcome) => void
  var runAll: (at: Parameters<typeof surroundingsAt>[0]) => Promise<void>
}

globalThis.runAll = (at) =>
  runScenarios({ ...everywhere, ...inBrowsers }, surroundingsAt(at), (outcome) => tellOutcome(outcome))
