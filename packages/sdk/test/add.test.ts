import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Artifact } from '../src/index.ts'
import { errorOf, noise, temporaryFolder, writeFiles } from './test-server.ts'

function draft(): Artifact {
  return new Artifact('sample', 'dataset')
}

function pathsOf(artifact: Artifact): string[] {
  return artifact.entryList.map((entry) => entry.path)
}

const text = (content: string) => new TextEncoder().encode(content)

test('names, types, descriptions and metadata are checked at once', () => {
  expect(() => new Artifact('bad name', 'dataset')).toThrow(expect.objectContaining({ code: 'name_invalid' }))
  expect(() => new Artifact('sample', 'con')).toThrow(expect.objectContaining({ code: 'name_invalid' }))
  const invalid = expect.objectContaining({ code: 'option_invalid' })
  expect(() => new Artifact('sample', 'dataset', { metadata: { value: Number.NaN } })).toThrow(invalid)
  expect(() => new Artifact('sample', 'dataset', { description: 'x'.repeat(4097) })).toThrow(invalid)
  expect(new Artifact('some/directory/asset', 'model', { metadata: { score: 1 } })).toMatchObject({
    name: 'some/directory/asset',
    metadata: { score: 1 },
    tag: undefined,
    digest: undefined,
    base: undefined,
    fileCount: 0,
    size: 0,
  })
})

test('a folder’s entries are relative to it, a file gets its own name, and { name } changes both', async () => {
  const folder = await temporaryFolder()
  await writeFiles(folder, { 'a.txt': 'a', 'sub/b.txt': 'bb' })
  const artifact = draft()
  await artifact.add(folder)
  await artifact.add(folder, { name: 'copy' })
  await artifact.add(pathToFileURL(join(folder, 'a.txt')), { name: 'again.txt' })
  await artifact.add(join(folder, 'sub/b.txt'))
  expect(pathsOf(artifact)).toEqual([
    'a.txt',
    'again.txt',
    'b.txt',
    'copy/a.txt',
    'copy/sub/b.txt',
    'sub/b.txt',
  ])
  expect(artifact.size).toBe(9)
})

test('bytes, buffers, Blobs, Files and streams become entries', async () => {
  const artifact = draft()
  async function* generate() {
    yield text('gen')
    yield text('erated')
  }
  await artifact.add(text('bytes'), { name: 'bytes' })
  await artifact.add(text('buffer').buffer, { name: 'buffer' })
  await artifact.add(new Blob(['blob']), { name: 'blob' })
  await artifact.add(new File(['file'], 'file.txt'))
  await artifact.add(new Blob(['stream']).stream(), { name: 'stream' })
  await artifact.add(generate(), { name: 'generated' })
  const contents = await Promise.all(artifact.entryList.map((entry) => entry.text()))
  expect(contents).toEqual(['blob', 'buffer', 'bytes', 'file', 'generated', 'stream'])
  await errorOf('option_invalid', artifact.add(text('x')))
  await errorOf('option_invalid', artifact.add(new Blob(['x']).stream()))
})

test('a stream that fails leaves the artifact and the disk as they were', async () => {
  const spools = await temporaryFolder()
  vi.stubEnv('TMPDIR', spools)
  onTestFinished(() => void vi.unstubAllEnvs())
  async function* failing() {
    yield noise(3 * 1024 * 1024)
    yield noise(3 * 1024 * 1024)
    throw new Error('the source broke')
  }
  const artifact = draft()
  await expect(artifact.add(failing(), { name: 'a' })).rejects.toThrow('the source broke')
  expect(artifact.fileCount).toBe(0)
  expect(await readdir(spools)).toEqual([])
})

test('ignore files and patterns exclude files as git would', async () => {
  const folder = await temporaryFolder()
  await writeFiles(folder, {
    '.trackwayignore': '*.log\n/build/\n!keep.log\n# a comment\n',
    'a.log': '',
    'keep.log': '',
    'build/out': '',
    'sub/build/out': '',
    'sub/.trackwayignore': '!loud.log\n/local\ndeep/*.txt\nbuild/\n',
    'sub/loud.log': '',
    'sub/quiet.log': '',
    'sub/local': '',
    'sub/inner/local': '',
    'sub/deep/x.txt': '',
    'sub/inner/deep/x.txt': '',
    local: '',
    'other/loud.log': '',
    'Case.LOG': '',
    'secret.key': '',
    'keep.me': '',
    '.trackway/store': '',
    'sub/.trackway/store': '',
  })
  const artifact = draft()
  await artifact.add(folder, { ignore: ['*.key', '!a.log'] })
  expect(pathsOf(artifact)).toEqual([
    'Case.LOG',
    'a.log',
    'keep.log',
    'keep.me',
    'local',
    'sub/inner/deep/x.txt',
    'sub/inner/local',
    'sub/loud.log',
  ])
})

test('an ignore file in a folder with odd characters applies only there', async () => {
  const folder = await temporaryFolder()
  await writeFiles(folder, {
    '[a] *b/.trackwayignore': '*.tmp\n',
    '[a] *b/x.tmp': '',
    '[a] *b/y': '',
    'a xb/x.tmp': '',
  })
  const artifact = draft()
  await artifact.add(folder)
  expect(pathsOf(artifact)).toEqual(['[a] *b/y', 'a xb/x.tmp'])
})

test('links are followed inside the folder and refused if they lead outside, nowhere or in a loop', async () => {
  const folder = await temporaryFolder()
  const outside = await temporaryFolder()
  await writeFiles(folder, { 'data/file': 'content', 'data/run': '#!/bin/sh' })
  await chmod(join(folder, 'data/run'), 0o755)
  await symlink('data/run', join(folder, 'link-to-file'))
  await symlink('data', join(folder, 'link-to-folder'))
  const artifact = draft()
  await artifact.add(folder)
  expect(pathsOf(artifact)).toEqual([
    'data/file',
    'data/run',
    'link-to-file',
    'link-to-folder/file',
    'link-to-folder/run',
  ])
  expect(artifact.entry('link-to-file').executable).toBe(true)

  await writeFile(join(outside, 'secret'), '')
  for (const target of [join(outside, 'secret'), outside, 'nowhere', '.', '..', 'bad']) {
    const location = join(await temporaryFolder(), 'added')
    await mkdir(location)
    await symlink(target, join(location, 'bad'))
    const error = await errorOf('link_refused', draft().add(location))
    expect(error.details).toEqual({ link: join(location, 'bad'), target })
    expect(error.message).toContain(target)
    const without = draft()
    await without.add(location, { ignore: ['bad'] })
    expect(without.fileCount).toBe(0)
  }
})

test('a pipe is refused without being opened', async () => {
  const folder = await temporaryFolder()
  execFileSync('mkfifo', [join(folder, 'pipe')])
  await errorOf('file_unsupported', draft().add(folder))
  await errorOf('file_unsupported', draft().add(join(folder, 'pipe')))
})

test('what cannot be added is refused by name and leaves the artifact as it was', async () => {
  const folder = await temporaryFolder()
  const artifact = draft()
  await artifact.add(text('1'), { name: 'a/b' })
  expect((await errorOf('file_not_found', artifact.add(join(folder, 'nothing')))).message).toContain(
    'nothing',
  )
  await errorOf('path_invalid', artifact.add(text(''), { name: '../escape' }))
  await errorOf('path_invalid', artifact.add(text(''), { name: '/absolute' }))
  await errorOf('entry_conflict', artifact.add(text('2'), { name: 'a/b' }))
  await errorOf('entry_conflict', artifact.add(text('2'), { name: 'a' }))
  await errorOf('entry_conflict', artifact.add(text('2'), { name: 'a/b/c' }))
  await writeFiles(folder, { first: '', 'a/b/deep': '' })
  await errorOf('entry_conflict', artifact.add(folder))
  expect(pathsOf(artifact)).toEqual(['a/b'])
})

test('names that are not UTF-8 are refused, and decomposed ones become composed', async () => {
  const folder = await temporaryFolder()
  await writeFiles(folder, { ['e\u0301']: 'decomposed' })
  const artifact = draft()
  await artifact.add(folder)
  expect(pathsOf(artifact)).toEqual(['\u00e9'])
  await writeFiles(folder, { ['\u00e9']: 'composed' })
  await errorOf('entry_conflict', draft().add(folder))

  const bad = await temporaryFolder()
  await writeFile(Buffer.concat([Buffer.from(`${bad}/`), Buffer.from([0x66, 0xff])]), '')
  await errorOf('path_invalid', draft().add(bad))
})

test('adding the same file again is not a conflict', async () => {
  const folder = await temporaryFolder()
  await writeFiles(folder, { a: '1' })
  const artifact = draft()
  await artifact.add(folder)
  await writeFiles(folder, { a: '22', b: '' })
  await artifact.add(folder)
  expect(pathsOf(artifact)).toEqual(['a', 'b'])
  expect(artifact.size).toBe(2)
})

test('remove accepts an entry or a folder, and suggests what was meant', async () => {
  const artifact = draft()
  for (const name of ['train.csv', 'old/a', 'old/b/c', 'older']) await artifact.add(text(name), { name })
  artifact.remove('old/')
  expect(pathsOf(artifact)).toEqual(['older', 'train.csv'])
  artifact.remove('older')
  const missing = expect.objectContaining({
    code: 'not_found',
    message: expect.stringContaining('train.csv'),
  })
  expect(() => artifact.remove('Train.csv')).toThrow(missing)
  expect(() => artifact.remove('data/train.csv')).toThrow(missing)
  expect(() => artifact.entry('trian.csv')).toThrow(missing)
  expect(() => artifact.remove('old/')).toThrow(expect.objectContaining({ code: 'not_found' }))
  expect(pathsOf(artifact)).toEqual(['train.csv'])
})
