// For vitest, and for Jest, which gives no `test` to import here.
import { runScenario, scenarios } from './scenarios.js'

for (const [name, scenario] of Object.entries(scenarios)) globalThis.test(name, () => runScenario(scenario))
