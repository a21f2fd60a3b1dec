// The program that runs on Node, Deno and Bun: all scenarios, or the download that one of them kills.
import { everywhere } from './everywhere.ts'
import { runScenarios, surroundingsAt } from './scenario.ts'
import { downloadUntilKilled, withFiles } from './with-files.ts'

const {
  TRACKWAY_HOST: host = '',
  TRACKWAY_API_KEY: apiKey = '',
  RUNTIMES_CONTROL: control = '',
} = process.env
const surroundings = surroundingsAt({ host, apiKey, control })
const [action, name = '', target = ''] = process.argv.slice(2)

if (action === 'download') await downloadUntilKilled(surroundings, name, target)
else
  await runScenarios({ ...everywhere, ...withFiles }, surroundings, (outcome) => {
    process.stdout.write(`${JSON.stringify(outcome)}\n`)
  })
