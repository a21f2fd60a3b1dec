// For vitest and Jest. In Jest, `test` is a global and cannot be imported here.
import { runScenario, scenarios } from './scenarios.js'

for (const [name, scenario] of Object.entries(scenarios)) globalThis.test(name, () => runScenario(scenario))
