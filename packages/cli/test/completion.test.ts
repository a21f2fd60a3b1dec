import { spawnSync } from 'node:child_process'
import { symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { prepareShell } from './shell.ts'
import { writeFiles } from './user.ts'

const bin = fileURLToPath(new URL('../bin/trackway.js', import.meta.url))
const has = (program: string) => spawnSync(program, ['--version']).error === undefined

/** A user with two versions of an artifact, and a function that completes words. */
async function prepareCompletion() {
  const shell = await prepareShell()
  await writeFiles(shell.folder, { 'a.txt': 'a', 'b.txt': 'b' })
  for (const file of ['a.txt', 'b.txt'])
    await shell.run([
      'upload',
      join(shell.folder, file),
      '--type',
      'dataset',
      '--name',
      'sample',
      '--alias',
      'best',
    ])
  const complete = async (...words: string[]) => {
    const { out } = await shell.run(['complete', '--', ...words])
    return out
      .split('\n')
      .flatMap((line) => line.split('\t').slice(0, 1))
      .filter((value) => value !== '')
  }
  return { ...shell, complete }
}

test('commands, options, choices and stored names are completed, and paths are left to the shell', async () => {
  const { complete, folder } = await prepareCompletion()
  expect(await complete('')).toEqual(expect.arrayContaining(['upload', 'ls', 'serve']))
  expect(await complete('re')).toEqual(['restore'])
  expect(await complete('assets', 'p')).toEqual(['prune'])
  expect(await complete('assets', 'prune', '--k')).toEqual(['--keep'])
  expect(await complete('upload', 'x', '--on-conflict', 'm')).toEqual(['merge'])
  expect(await complete('completion', '')).toEqual(['bash', 'zsh', 'fish'])
  expect(await complete('upload', './d')).toEqual([])
  expect(await complete('download', 'dataset/sample:V1', './d')).toEqual([])
  expect(await complete('show', 'dat')).toEqual(['dataset/sample', 'dataset/sample:'])
  expect(await complete('show', 'dataset/sample:')).toEqual([
    'dataset/sample:latest',
    'dataset/sample:best',
    'dataset/sample:V2',
    'dataset/sample:V1',
  ])
  expect(await complete('diff', '--json', 'dataset/sample:V1', 'dataset/sample:b')).toEqual([
    'dataset/sample:best',
  ])
  expect(await complete('show', '--store', join(folder, 'nothing'), '')).toEqual([])
  vi.stubEnv('TRACKWAY_HOST', 'http://127.0.0.1:1')
  expect(await complete('show', '')).toEqual([])
  expect(await complete('show', `--store=${join(folder, 'store')}`, 'd')).toHaveLength(2)
})

test.skipIf(!has('bash'))('bash completes after a colon, and does not run what is typed', async () => {
  const { folder, run } = await prepareCompletion()
  await symlink(bin, join(folder, 'trackway'))
  const { out } = await run(['completion', 'bash'])
  const script = `${out}
COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
_trackway trackway
printf '%s\\n' "\${COMPREPLY[@]}"`
  await writeFile(join(folder, 'complete.sh'), script)
  const complete = (line: string) =>
    spawnSync('bash', ['--norc', join(folder, 'complete.sh'), line], {
      encoding: 'utf8',
      cwd: folder,
      env: { ...process.env, PATH: `${folder}:${dirname(process.execPath)}:${process.env['PATH']}` },
    })
  expect(complete('trackway show dataset/sample:V')).toMatchObject({ stdout: 'V2\nV1\n', stderr: '' })
  complete('trackway show $(touch pwned)`touch pwned`;touch pwned ')
  expect(spawnSync('ls', [folder], { encoding: 'utf8' }).stdout).not.toContain('pwned')
})

test.each(['zsh', 'fish'] as const)('%s accepts its script', async (shell) => {
  const { folder, run } = await prepareShell()
  const { out } = await run(['completion', shell])
  expect(out).toContain('complete -- ')
  if (!has(shell)) return
  const path = join(folder, 'script')
  await writeFile(path, out)
  expect(spawnSync(shell, ['-n', path], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
})
