import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { run, temporaryFolder } from './server-command.ts'

const commands = [
  ['serve', '--port', '0'],
  ['check'],
  ['check-store'],
  ['gc'],
  ['keys', 'list'],
  ['keys', 'add', '--create', '--user', 'ada'],
  ['retention', '--keep-last', '1'],
]

test.each(commands)('an empty --store is refused: %s', async (...words) => {
  const { code, output } = await run(...words, '--store', '')
  expect(code).not.toBe(0)
  expect(output).toContain("The path '' is empty")
})

test('~ in --store is the home folder', async () => {
  const home = await temporaryFolder()
  vi.stubEnv('HOME', home)
  onTestFinished(() => void vi.unstubAllEnvs())
  await mkdir(join(home, 'store'))
  expect((await run('keys', 'add', '--create', '--store=~/store', '--user', 'ada')).code).toBe(0)
  expect(await readdir(join(home, 'store'))).toContain('format.json')
  expect((await run('keys', 'list', '--store=~/store')).output).toContain('ada')
})
