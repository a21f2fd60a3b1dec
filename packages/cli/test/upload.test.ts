import { chmod, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { prepareShell, type Shell } from './shell.ts'
import { writeFiles } from './user.ts'

let shell: Shell

beforeEach(async () => {
  shell = await prepareShell()
})

const sample = ['--type', 'dataset', '--name', 'some/sample.csv', '--quiet']

/** The paths of the latest version. */
async function paths(): Promise<string[]> {
  const { files } = (await shell.json(['ls', 'dataset/some/sample.csv:latest'])) as {
    files: { path: string }[]
  }
  return files.map(({ path }) => path)
}

test('standard input becomes a file, named by --as or after the artifact', async () => {
  const input = 'a,b\n'
  expect(await shell.run(['upload', '-', ...sample], { input })).toMatchObject({ code: 0 })
  expect(await paths()).toEqual(['sample.csv'])
  await writeFiles(shell.folder, { 'data/a': '', b: '' })
  const both = ['upload', join(shell.folder, 'data'), '-', ...sample]
  expect(await shell.run(both, { input })).toMatchObject({ code: 0 })
  expect(await paths()).toEqual(['a', 'sample.csv'])
  expect(await shell.run(['upload', '-', '--as', 'raw/e\u0301.csv', ...sample], { input })).toMatchObject({
    code: 0,
  })
  expect(await paths()).toEqual(['raw/\u00e9.csv'])
  const spec = 'dataset/some/sample.csv:V3[raw/e\u0301.csv]'
  expect(await shell.run(['download', spec, join(shell.folder, 'out')])).toMatchObject({ code: 0 })
  expect(await shell.run(['upload', join(shell.folder, 'b'), '--as', 'c', ...sample])).toMatchObject({
    code: 0,
  })
  expect(await paths()).toEqual(['c'])
})

test.each([
  ['a terminal', ['upload', '-'], { isInputTerminal: true }, 'pipe something in'],
  ['nothing', ['upload', '-'], { input: '' }, 'which is empty'],
  ['twice', ['upload', '-', '-'], { input: 'a' }, 'can be read only once'],
  [
    'under one name beside a file',
    ['upload', '-', 'b', '--as', 'x'],
    { input: 'a' },
    '--as needs exactly one path',
  ],
])('standard input is refused: %s', async (_, words, running, message) => {
  const { code, err } = await shell.run([...words, ...sample], running)
  expect(code).toBe(2)
  expect(err).toContain(message)
})

test('a folder that has not changed since its upload verifies', async () => {
  const data = join(shell.folder, 'data')
  await writeFiles(data, {
    'd/x': 'x',
    run: '',
    plain: '',
    'a.log': '',
    'a.tmp': '',
    'a.key': '',
    '.gitignore': '*.log',
    '.trackwayignore': '*.tmp',
    '.git/HEAD': '',
  })
  await chmod(join(data, 'run'), 0o755)
  await symlink('d', join(data, 'link'))
  const filter = ['--gitignore', '--ignore', '*.key']
  expect(await shell.run(['upload', data, ...filter, ...sample])).toMatchObject({ code: 0 })
  expect(await paths()).toEqual(['.gitignore', 'd/x', 'link/x', 'plain', 'run'])
  expect(await shell.run(['verify', 'dataset/some/sample.csv', data, ...filter])).toMatchObject({ code: 0 })
  const { code, out } = await shell.run(['verify', 'dataset/some/sample.csv', data])
  expect(code).toBe(1)
  expect(out).toContain('extra    a.key\nextra    a.log\n')
  const asset = (await shell.run(['download', 'dataset/some/sample.csv', '--quiet'])).out.trim()
  expect(await shell.run(['verify', 'dataset/some/sample.csv', asset])).toMatchObject({ code: 0 })
})
