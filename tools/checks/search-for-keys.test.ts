import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const script = fileURLToPath(new URL('search-for-keys.ts', import.meta.url))

test.each([
  ['a key', `GET /me tw_${'aZ0-_9'.repeat(7)}x 200`, 1],
  ['a key between quotes and colors', `\u001b[31m"tw_${'a'.repeat(43)}"\u001b[0m`, 1],
  ['a key of a test', 'tw_mock and tw_secret', 0],
  ['a name that is too long for a key', `tw_${'a'.repeat(44)}`, 0],
  ['no key', 'all tests passed', 0],
])('a log with %s', (_, line, status) => {
  const folder = mkdtempSync(join(tmpdir(), 'trackway-search-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const log = join(folder, 'log')
  writeFileSync(log, `first\n${line}\nlast\n`)
  const run = spawnSync(process.execPath, [script, log], { encoding: 'utf8' })
  expect(run.status).toBe(status)
  expect(run.stderr.includes('line 2')).toBe(status === 1)
  expect(run.stderr + run.stdout).not.toContain('tw_')
})
