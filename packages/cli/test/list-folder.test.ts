import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { prepareShell } from './shell.ts'
import { writeFiles } from './user.ts'

const bin = fileURLToPath(new URL('../bin/trackway.js', import.meta.url))

async function prepareFolders() {
  const shell = await prepareShell()
  const files = {
    'README.md': 'read',
    'train/a.txt': 'a',
    'train/deep/b.txt': 'bb',
    'train/deep/er/c.txt': 'ccc',
    'test/d': 'd',
  }
  const inData = Object.entries(files).map(([path, content]) => [`data/${path}`, content])
  await writeFiles(shell.folder, Object.fromEntries(inData))
  await shell.run(['upload', join(shell.folder, 'data'), '--type', 'dataset', '--name', 'sample'])
  return shell
}

test('a folder without a version is refused', async () => {
  const { run } = await prepareFolders()
  const { code, out, err } = await run(['ls', 'dataset', 'train'])
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain("'dataset' does not name an artifact, and a folder belongs to a version")
})

test('one folder of a version is listed, with the totals of its subfolders', async () => {
  const { run, json } = await prepareFolders()
  for (const folder of ['train', 'train/', './train', 'train//']) {
    const { code, out, err } = await run(['ls', 'dataset/sample:V1', folder])
    expect({ code, out, err }).toEqual({ code: 0, out: 'train/deep/\ntrain/a.txt\n', err: '' })
  }
  expect((await run(['ls', 'dataset/sample', '.'])).out).toBe('test/\ntrain/\nREADME.md\n')
  expect((await run(['ls', 'dataset/sample', 'README.md'])).out).toBe('README.md\n')
  expect(await json(['ls', 'dataset/sample', 'train'])).toMatchObject({
    spec: 'dataset/sample:V1',
    folder: 'train',
    folders: [{ path: 'train/deep', fileCount: 2, size: 5 }],
    files: [{ path: 'train/a.txt', size: 1 }],
    size: 6,
  })
  const shown = await run(['ls', 'dataset/sample', 'train/'], { isTerminal: true })
  // oxlint-disable-next-line no-control-regex -- Styles begin with a control character.
  expect(shown.out.replaceAll(/\u001b\[\d+m/g, '')).toBe(
    'dataset/sample:V1 train  3 files, 6 B\n  deep/  2 files, 5 B\n  a.txt  1 B\n',
  )
})

test.each([
  ['trian', 'did you mean train/?'],
  ['deep', 'did you mean train/deep/?'],
  ['something/else', 'the version has test/, train/'],
])('a folder %s that does not exist is an error that suggests similar folders', async (folder, hint) => {
  const { run } = await prepareFolders()
  const { code, err } = await run(['ls', 'dataset/sample', folder])
  expect(code).toBe(3)
  expect(err).toContain(`Listing ${folder}/ of dataset/sample:V1: there is no such folder; ${hint}`)
})

/** Runs the command on a terminal of 10 lines, and returns what the terminal shows. */
async function runOnTerminal(line: string, variables: NodeJS.ProcessEnv): Promise<string> {
  const command = `stty rows 10 cols 80; ${process.execPath} ${bin} ${line}`
  const env = { ...process.env, ...variables }
  const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], { env })
  return stdout
}

test.runIf(process.platform === 'linux')('a long list is shown in the pager on a terminal', async () => {
  const { folder, run } = await prepareShell()
  const names = Array.from({ length: 50 }, (_, index) => `file-${index}.txt`)
  await writeFiles(folder, Object.fromEntries(names.map((name) => [`data/${name}`, 'x'])))
  await run(['upload', join(folder, 'data'), '--type', 'dataset', '--name', 'big'])
  const paged = join(folder, 'paged')
  const keep = { PAGER: `cat > ${paged}` }
  expect(await runOnTerminal('ls dataset/big:V1', keep)).toBe('')
  expect(await readFile(paged, 'utf8')).toContain('file-49.txt')
  for (const [line, variables] of [
    ['ls dataset/big:V1 --no-pager', { PAGER: 'false' }],
    ['ls dataset/big:V1', { PAGER: 'cat' }],
    ['ls dataset/big:V1', { PAGER: '' }],
    ['ls dataset/big:V1', { PAGER: 'no-such-pager-here 2> /dev/null' }],
    ['ls dataset/big:V1 --json', { PAGER: 'false' }],
    ['ls dataset/big:V1 file-49.txt', { PAGER: 'false' }],
  ] as const) {
    expect(await runOnTerminal(line, variables)).toContain('file-49.txt')
  }
})
