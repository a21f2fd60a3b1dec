// The program that runs on Node, Deno and Bun: all scenarios, or the download that one of them kills.
import { everywhere } from './everywhere.ts'
import { runScenarios, clockAndIdsAt } from './scenario.ts'
import { downloadUntilKilled, withFiles } from './with-files.ts'

const {
  TRACKWAY_HOST: host = '',
  TRACKWAY_API_KEY: apiKey = '',
  RUNTIMES_CONTROL: control = '',
} = process.env
const clockAndIds = clockAndIdsAt({ host, apiKey, control })
const [action, name = '', target = ''] = process.argv.slice(2)

if (action === 'download') await downloadUntilKilled(clockAndIds, name, target)
else
  await runScenarios({ ...everywhere, ...withFiles }, clockAndIds, (outcome) => {
    process.stdout.write(`${JSON.stringify(outcome)}\n`)
  })
