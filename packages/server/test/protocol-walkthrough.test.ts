import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { createApiKey, createApp, createMemoryStore } from '../src/index.ts'
import { serve } from '../src/node/index.ts'

const page = await readFile(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')
const walkthrough = /^## Walkthrough\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(page)?.[1] ?? ''
/** Each block of commands and the block of output after it. `…` in the output means any text of one line. */
const steps = [...walkthrough.matchAll(/```sh\n([\s\S]*?)```(?:\n+```text\n([\s\S]*?)```)?/g)].map(
  ([, commands = '', output = '']) => ({ commands, output }),
)
const divider = '=== next step ==='
const lacking = ['bash', 'curl', 'sha256sum', 'tar'].filter((program) => !runs(program))
if (lacking.length > 0)
  process.stderr.write(`The walkthrough is not run: this machine has no ${lacking.join(', ')}\n`)

function runs(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function startServer() {
  const store = createMemoryStore()
  const { key } = await createApiKey(store, { user: 'ada', roles: { default: 'write' } })
  const server = await serve({ app: await createApp({ store }), port: 0 })
  onTestFinished(() => server.close())
  return { url: server.url, key }
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-walkthrough-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function patternOf(output: string): RegExp {
  const literal = output.split('…').map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${literal.join('.*')}$`)
}

test.skipIf(lacking.length > 0)(
  'the walkthrough of docs/protocol.md prints what the page shows',
  async () => {
    expect(steps.length).toBeGreaterThan(10)
    const { url, key } = await startServer()
    const script = steps.map(({ commands }) => commands).join(`\necho '${divider}'\n`)
    const { stdout } = await promisify(execFile)('bash', ['-c', `set -eu\n${script}`], {
      cwd: await emptyFolder(),
      env: { PATH: process.env['PATH'], TRACKWAY_HOST: url, TRACKWAY_API_KEY: key, no_proxy: '*' },
      timeout: 15_000,
    })
    const outputs = stdout.replaceAll('\r', '').split(`${divider}\n`)
    expect(outputs).toHaveLength(steps.length)
    for (const [index, { output }] of steps.entries()) {
      expect(outputs[index]?.trimEnd()).toMatch(patternOf(output.trimEnd()))
    }
  },
)
