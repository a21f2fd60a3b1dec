import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startMockServer } from '@trackway/mock-server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { prepareShell } from './shell.ts'
import { writeFiles } from './user.ts'

const named = ['--type', 'dataset', '--name', 'sample', '--quiet']

/** A shell whose store has a version, in a folder with a secret. */
async function begin() {
  const shell = await prepareShell()
  const current = join(shell.folder, 'current')
  await writeFiles(shell.folder, { 'data/a': '1', 'current/.env': 'SECRET' })
  await shell.run(['upload', join(shell.folder, 'data'), ...named])
  vi.spyOn(process, 'cwd').mockReturnValue(current)
  onTestFinished(() => void vi.restoreAllMocks())
  return { ...shell, current }
}

test.each([
  ['upload', '', ...named],
  ['upload', '../data', '', ...named],
  ['download', 'dataset/sample', ''],
  ['download', 'dataset/sample', ' ', '--overwrite'],
  ['download', 'dataset/sample', '', '--include', '*'],
  ['verify', 'dataset/sample', ''],
  ['ls', '--store', ''],
  ['upload', '../data', ...named, '--store', ''],
  ['push', 'dataset/sample', '--to', ''],
  ['serve', '--store', ''],
])('an empty path, as from an unset variable, is refused: %j', async (...words) => {
  const { run, current } = await begin()
  const { code, out, err } = await run(words)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toMatch(/\(option_invalid\)\n$/)
  expect(await readdir(current)).toEqual(['.env'])
  expect((await run(['ls', 'dataset/sample'])).out).not.toContain('V2')
})

test('~ is the home folder if the shell did not expand it', async () => {
  const { run, json, folder } = await begin()
  const home = join(folder, 'home')
  await mkdir(home)
  vi.stubEnv('HOME', home)
  const data = join(folder, 'data')
  expect(await run(['upload', data, ...named, '--store=~/store'])).toMatchObject({ code: 0 })
  expect(await run(['download', 'dataset/sample', '--store=~/store', '~/out', '--quiet'])).toEqual({
    code: 0,
    out: `${join(home, 'out')}\n`,
    err: '',
  })
  expect(await json(['push', 'dataset/sample', '--store=~/store', '--to=~/copy'])).toMatchObject({
    to: join(home, 'copy'),
  })
  vi.stubEnv('TRACKWAY_ASSETS_DIR', '~/assets')
  expect((await run(['download', 'dataset/sample', '--store=~/store', '--quiet'])).out).toContain(
    join(home, 'assets/'),
  )
  expect((await readdir(home)).sort()).toEqual(['assets', 'copy', 'out', 'store'])
  expect(await readdir(join(folder, 'current'))).toEqual(['.env'])
})

test('~ alone is refused as a source, since * may have matched a folder of that name', async () => {
  const { run } = await begin()
  const { code, err } = await run(['upload', '~', ...named])
  expect(code).toBe(2)
  expect(err).toContain('write $HOME or ./~')
})

test('login fails if there is no folder for the configuration', async () => {
  const { run } = await begin()
  vi.stubEnv('HOME', '')
  vi.stubEnv('XDG_CONFIG_HOME', '')
  await using server = await startMockServer({ apiKey: 'tw_secret' })
  const { code, err } = await run(['login', server.url, '--api-key', 'tw_secret'])
  expect(code).toBe(2)
  expect(err).toContain('There is no folder for the configuration file')
  expect((await run(['ls'])).code).toBe(0)
})
