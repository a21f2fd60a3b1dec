import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const execute = promisify(execFile)
const readme = await readFile('README.md', 'utf8')
const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? '')

/** Runs code as a user's script, in a folder from which the packages can be found by their names. */
async function runScript(code: string, files: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join('packages', 'mock-server', '.readme-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [path, content] of Object.entries({ ...files, 'script.mjs': code })) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  const env = { ...process.env, XDG_CONFIG_HOME: folder }
  const { stdout } = await execute('node', ['script.mjs'], { cwd: folder, env, timeout: 20_000 })
  return stdout
}

test('the README shows two programs', () => {
  expect(blocks).toHaveLength(2)
})

test('the first program of the README makes V1 and V2 and reads V1 back', async () => {
  const output = await runScript(blocks[0] ?? '', { 'data/train.csv': 'a,b\n1,2\n', 'data/old.csv': 'old' })
  expect(output).toMatch(/^V1\n/)
  expect(output).toContain("tag: 'V2'")
  expect(output).toMatch(/ 8 .*v1\n$/)
})

test('the README’s test against the mock sees its faults', async () => {
  const output = await runScript(blocks[1] ?? '')
  expect(output).toBe('a,b\n1,2\n\n2\n')
})
