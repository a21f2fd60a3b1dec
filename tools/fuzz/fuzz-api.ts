// Sends valid and invalid requests to a server according to its OpenAPI document, and fails if a response is
// a server error or does not match the document. Run by `pnpm fuzz`; `--quick` sends fewer requests.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Artifact, login } from '@trackway/sdk'

const version = '4.32.5'
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
]
const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    'max-examples': { type: 'string' },
  },
})
const temporary = mkdtempSync(join(tmpdir(), 'trackway-fuzz-'))
const hooks = fileURLToPath(new URL('fuzz-api-hooks.py', import.meta.url))
const bin = fileURLToPath(new URL('../../packages/server/bin/trackway-server.js', import.meta.url))
let server: ChildProcess | undefined

try {
  const program = findSchemathesis()
  if (program === undefined) {
    console.log(
      'The API was not fuzzed: that needs python3 with venv, and an index of packages to install from.',
    )
  } else {
    const { url, key } = await startServer()
    await fill(url, key)
    process.exitCode = fuzz(program, url, key)
  }
} finally {
  server?.kill()
  rmSync(temporary, { recursive: true, force: true })
}

/** Installs the program if necessary, and returns its path; undefined if it cannot be installed. */
function findSchemathesis(): string | undefined {
  const cache = process.env['TRACKWAY_FUZZ_CACHE'] ?? temporary
  const folder = join(cache, `schemathesis-${version}`)
  const program = join(folder, 'bin', 'schemathesis')
  if (existsSync(program)) return program
  try {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'ignore' })
    const words = ['install', '--quiet', '--disable-pip-version-check', `schemathesis==${version}`]
    execFileSync(join(folder, 'bin', 'pip'), words, { stdio: ['ignore', 'ignore', 'inherit'] })
    return program
  } catch {
    // Otherwise the next run would use an incomplete installation.
    rmSync(folder, { recursive: true, force: true })
    return undefined
  }
}

async function startServer(): Promise<{ url: string; key: string }> {
  const words = [bin, 'serve', '--store', join(temporary, 'data'), '--port', '0']
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  server = child
  let printed = ''
  child.stdout.on('data', (bytes: Buffer) => (printed += bytes.toString()))
  while (!printed.includes('is listening on')) {
    await Promise.race([once(child.stdout, 'data'), once(child, 'close')])
    if (child.exitCode !== null) throw new Error(`The server did not start: ${printed}`)
  }
  const url = /listening on (\S+)/.exec(printed)?.[1]
  const key = /API key \(shown once\): (\S+)/.exec(printed)?.[1]
  if (url === undefined || key === undefined) throw new Error('The server did not print its URL and key')
  return { url, key }
}

/** Creates what the examples of the document name, so that requests get past the first lookup. */
async function fill(host: string, apiKey: string): Promise<void> {
  const session = await login({ host, apiKey, quiet: true })
  await session.init({ experiment: 'demo', run: 'train-1' })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new TextEncoder().encode('# Sample\n'), { name: 'README.md' })
  await artifact.add(new TextEncoder().encode('a,b\n1,2\n'), { name: 'train.csv' })
  await session.uploadArtifact(artifact)
  await session.setAlias('sample', 'dataset', 'production', 'V1')
}

/** Runs the program and returns its exit code: 1 if it found something. */
function fuzz(program: string, url: string, key: string): number {
  const words = [
    'run',
    `${url}/api/v1/openapi.json`,
    '--header',
    `Authorization: Bearer ${key}`,
    '--phases',
    'examples,coverage,fuzzing',
    '--checks',
    checks.join(','),
    '--max-examples',
    flags['max-examples'] ?? (flags.quick ? '10' : '100'),
    '--seed',
    flags.seed,
    '--continue-on-failure',
    '--warnings',
    'off',
    '--no-color',
  ]
  const env = { ...process.env, SCHEMATHESIS_HOOKS: hooks }
  const { status } = spawnSync(program, words, { cwd: temporary, env, stdio: 'inherit' })
  return status === 0 ? 0 : 1
}
