import { execFileSync } from 'node:child_process'
import { chmod, mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type AddOptions, Artifact, login } from '../src/index.ts'
import { errorOf, temporaryFolder, writeFiles } from './test-server.ts'

const draft = () => new Artifact('sample', 'dataset')

/** The paths of what is added of a folder. */
async function pathsIn(folder: string, options: AddOptions = {}): Promise<string[]> {
  const artifact = draft()
  await artifact.add(folder, options)
  return artifact.entryList.map((entry) => entry.path)
}

async function folderOf(files: Record<string, Uint8Array | string>): Promise<string> {
  const folder = await temporaryFolder()
  await writeFiles(folder, files)
  return folder
}

/** Writes a file whose name is these bytes. */
async function writeNamed(folder: string, ...name: number[]): Promise<void> {
  await writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]), '')
}

const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')

test.each([
  ['little-endian UTF-16', utf16('.env\r\n')],
  ['big-endian UTF-16', utf16('.env\r\n').swap16()],
  ['UTF-8 with a byte-order mark', '\uFEFF.env\n'],
  ['the line endings of old Macs', '*.tmp\r.env\r'],
  ['the line endings of several systems', '*.tmp\n*.log\r.env\r'],
  ['those, the first of them', '.env\r*.log\r\n*.tmp\n'],
])('an ignore file in %s is read', async (_, content) => {
  const folder = await folderOf({ '.env': '', a: '', '.trackwayignore': content })
  expect(await pathsIn(folder)).toEqual(['a'])
})

test.each([
  ['bytes that are not UTF-8', Buffer.from([0x61, 0xff])],
  ['UTF-16 without a byte-order mark', Buffer.from('.env\n', 'utf16le')],
])('an ignore file of %s is refused by name', async (_, content) => {
  const folder = await folderOf({ a: '', 'sub/.trackwayignore': content })
  const error = await errorOf('file_unsupported', draft().add(folder))
  expect(error.message).toContain(join(folder, 'sub/.trackwayignore'))
})

test('an ignore file that is too large to be one is refused without being read', async () => {
  const folder = await folderOf({ a: '', '.trackwayignore': '' })
  await truncate(join(folder, '.trackwayignore'), 4 * 1024 * 1024 + 1)
  const error = await errorOf('file_unsupported', draft().add(folder))
  expect(error.message).toContain('has more than 4194304 bytes')
})

test('an ignore file that is a link is read, or refused if it leads nowhere', async () => {
  const shared = await folderOf({ rules: '*.tmp\n' })
  const folder = await folderOf({ a: '', 'x.tmp': '' })
  await symlink(join(shared, 'rules'), join(folder, '.trackwayignore'))
  expect(await pathsIn(folder)).toEqual(['a'])
  const other = await folderOf({ a: '' })
  await symlink('../gone', join(other, '.trackwayignore'))
  const error = await errorOf('link_refused', draft().add(other))
  expect(error.message).toContain(`${join(other, '.trackwayignore')} is a link to ../gone`)
})

test('an ignore file that is a folder or a pipe is refused without being opened', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, '.trackwayignore'))
  await errorOf('file_unsupported', draft().add(folder))
  const other = await temporaryFolder()
  execFileSync('mkfifo', [join(other, '.trackwayignore')])
  await errorOf('file_unsupported', draft().add(other))
  await errorOf('file_unsupported', draft().verify(other))
  const linked = await temporaryFolder()
  await symlink(join(other, '.trackwayignore'), join(linked, '.trackwayignore'))
  await errorOf('file_unsupported', draft().add(linked))
})

test('patterns match names in any Unicode form', async () => {
  const folder = await folderOf({ a: '', ['e\u0301']: '', ['\u00fc']: '', '.trackwayignore': 'e\u0301\n' })
  expect(await pathsIn(folder, { ignore: ['u\u0308'] })).toEqual(['a'])
  expect(await pathsIn(folder, { ignore: 'a' })).toEqual(['\u00fc'])
})

test('gitignore files are applied on request, and trackwayignore files overrule them', async () => {
  const folder = await folderOf({
    '.gitignore': '*.log\nbuild/\n',
    '.trackwayignore': '!keep.log\n',
    'a.log': '',
    'keep.log': '',
    'build/out': '',
    'sub/.gitignore': '!a.log\nkeep.log\n/local\n',
    'sub/a.log': '',
    'sub/keep.log': '',
    'sub/local': '',
    'sub/deep/local': '',
  })
  expect(await pathsIn(folder, { gitignore: true })).toEqual([
    '.gitignore',
    'keep.log',
    'sub/.gitignore',
    'sub/a.log',
    'sub/deep/local',
    'sub/keep.log',
  ])
  expect(await pathsIn(folder, { gitignore: true, ignore: ['!/a.log', '.gitignore'] })).toContain('a.log')
  expect(await pathsIn(folder)).toContain('build/out')
})

test("git's history is left out, as a folder and as a file, unless a pattern includes it", async () => {
  const folder = await folderOf({
    a: '',
    '.git/config': '',
    'module/.git': 'gitdir: elsewhere',
    'module/.gitattributes': '',
  })
  expect(await pathsIn(folder)).toEqual(['a', 'module/.gitattributes'])
  expect(await pathsIn(folder, { ignore: ['!.git'] })).toEqual([
    '.git/config',
    'a',
    'module/.git',
    'module/.gitattributes',
  ])
  // A pattern that includes all folders does not include it.
  expect(await pathsIn(folder, { ignore: ['*', '!*/', '!config', '!a'] })).toEqual(['a'])
})

test('a store is left out whatever its name, unless a pattern includes it, and cannot be added itself', async () => {
  const folder = await folderOf({ a: '', 'other/format.json': '{"columns":[]}' })
  const store = join(folder, 'mine')
  const session = await login({ store: store, quiet: true })
  const artifact = draft()
  await artifact.add(join(folder, 'a'))
  await session.uploadArtifact(artifact, { experiment: 'uncategorized' })
  expect(await pathsIn(folder)).toEqual(['a', 'other/format.json'])
  expect(await pathsIn(folder, { ignore: ['!mine'] })).toContain('mine/format.json')
  for (const location of [store, join(store, 't')]) {
    const error = await errorOf('file_unsupported', draft().add(location))
    expect(error.message).toContain(`${location} is `)
    expect(error.message).toContain('Trackway store')
  }
})

test('the marker of a fetched version is left out, but not another file of the same name', async () => {
  vi.stubEnv('TRACKWAY_ASSETS_DIR', await temporaryFolder())
  const session = await login({ store: join(await temporaryFolder(), 'store'), quiet: true })
  const artifact = draft()
  await artifact.add(new Uint8Array(1), { name: 'a' })
  const place = { experiment: 'uncategorized' }
  await session.uploadArtifact(artifact, place)
  const asset = await session.fetchAsset('dataset/sample', place)
  expect(await pathsIn(asset)).toEqual(['a'])
  expect(await artifact.verify(asset)).toMatchObject({ ok: true })
  expect(await pathsIn(await folderOf({ '.SUCCESS': '' }))).toEqual(['.SUCCESS'])
  vi.unstubAllEnvs()
})

test('one error lists everything that cannot be added, with the first ten in its message', async () => {
  const folder = await folderOf({ a: '', 'back\\slash': '', 'line\nend': '' })
  for (let index = 0; index < 9; index += 1) await symlink('nowhere', join(folder, `link${index}`))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  await writeNamed(folder, 0x63, 0xe9)
  const error = await errorOf('path_invalid', draft().add(folder))
  expect(error.message).toContain('13 items')
  expect(error.message).toContain('and 3 more')
  expect(error.message).toContain('back\\slash cannot be')
  const { refused } = error.details as { refused: { code: string; message: string }[] }
  expect(refused.map(({ code }) => code).sort()).toEqual([
    'file_unsupported',
    ...Array.from({ length: 9 }, () => 'link_refused'),
    'path_invalid',
    'path_invalid',
    'path_invalid',
  ])
  expect(await pathsIn(folder, { ignore: ['link*', 'pipe', 'c*', 'back*', 'line*'] })).toEqual(['a'])
})

test('names that are not UTF-8 are shown by their bytes, however many look alike, and patterns leave them out', async () => {
  const folder = await folderOf({ a: '', ['c\uFFFD']: '' })
  await writeNamed(folder, 0x63, 0xe9)
  await writeNamed(folder, 0x63, 0xea)
  const error = await errorOf('path_invalid', draft().add(folder))
  expect(error.message).toContain(`${folder}/c\\xe9`)
  expect(error.message).toContain(`${folder}/c\\xea`)
  expect(error.message).toContain('rename or remove them')
  expect(await pathsIn(folder, { ignore: ['c?'] })).toEqual(['a'])
  await writeFiles(folder, { '.trackwayignore': 'c*\n' })
  expect(await pathsIn(folder)).toEqual(['a'])
})

test('a folder whose name is not allowed is refused as a whole', async () => {
  const folder = await folderOf({ 'Icon\r/a': '', 'Icon\r/b': '' })
  const error = await errorOf('path_invalid', draft().add(folder))
  expect(error.message).toContain('Icon\\r" cannot be the path of an entry: it has a control character')
  expect(await pathsIn(folder, { ignore: ['Icon*'] })).toEqual([])
})

test('two names that differ only in their Unicode form are named with both forms', async () => {
  const folder = await folderOf({ ['e\u0301']: '', ['\u00e9']: '', a: '' })
  const error = await errorOf('entry_conflict', draft().add(folder))
  expect(error.message).toContain(`${folder}/e\u0301 (decomposed, NFD)`)
  expect(error.message).toContain(`${folder}/\u00e9 (composed, NFC)`)
  const artifact = draft()
  await artifact.add(join(folder, 'e\u0301'))
  const later = await errorOf('entry_conflict', artifact.add(join(folder, '\u00e9')))
  expect(later.message).toContain('Unicode form')
})

test('many links from many folders end the walk, and a few nested ones do not', async () => {
  const folder = await temporaryFolder()
  const names = Array.from({ length: 25 }, (_, index) => `d${index}`)
  for (const name of names) await mkdir(join(folder, name))
  for (const [index, name] of names.slice(0, -1).entries()) {
    for (const link of ['a', 'b']) await symlink(`../d${index + 1}`, join(folder, name, link))
  }
  const error = await errorOf('link_refused', draft().add(folder))
  expect(error.message).toMatch(/more than 1000 ways/)
  await errorOf('link_refused', draft().verify(folder))

  const few = await folderOf({ 'shared/file': '' })
  for (let index = 0; index < 40; index += 1) {
    await mkdir(join(few, `own${index}`))
    await symlink('../shared', join(few, `own${index}`, 'link'))
    await symlink(`own${index}`, join(few, `to${index}`))
  }
  expect(await pathsIn(few)).toHaveLength(81)
})

test('an upload mentions files that may contain secrets, and the folders that are left out', async () => {
  const folder = await folderOf({ a: '', '.env': 'KEY=1', 'sub/.env.local': '', 'x.env': '', '.envrc': '' })
  await mkdir(join(folder, 'empty/inner'), { recursive: true })
  const session = await login({ store: join(await temporaryFolder(), 'store') })
  const told = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  const place = { experiment: 'uncategorized' }
  const artifact = draft()
  await artifact.add(folder)
  await artifact.add(folder)
  await session.uploadArtifact(artifact, place)
  const lines = told.mock.calls.map(([text]) => String(text))
  expect(lines).toEqual([
    expect.stringMatching(/^Uploading \.env, sub\/\.env\.local, which may contain secrets/),
    expect.stringMatching(/^1 empty folder is left out/),
  ])
  told.mockClear()
  await session.uploadArtifact(artifact, place)
  await artifact.add(folder)
  await session.uploadArtifact(artifact, { ...place, quiet: true })
  expect(told).not.toHaveBeenCalled()
  told.mockRestore()
})

test('an upload that makes a new artifact with type and name swapped mentions it once', async () => {
  const folder = await folderOf({ a: '' })
  const session = await login({ store: join(await temporaryFolder(), 'store') })
  const place = { experiment: 'uncategorized' }
  const told = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  onTestFinished(() => told.mockRestore())
  for (const [name, type] of [
    ['sample', 'dataset'],
    ['other', 'sample'],
    ['dataset', 'sample'],
    ['dataset', 'sample'],
  ] as const) {
    const artifact = new Artifact(name, type)
    await artifact.add(folder)
    await session.uploadArtifact(artifact, place)
  }
  expect(told.mock.calls.map(([text]) => String(text))).toEqual([
    'Uploading sample/dataset, which is new, although there is dataset/sample; were its type and name swapped?\n',
  ])
})

test('an upload mentions a file that may contain secrets even if it gets another path', async () => {
  const folder = await folderOf({ '.env': 'KEY=1' })
  const session = await login({ store: join(await temporaryFolder(), 'store') })
  const told = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  const artifact = draft()
  await artifact.add(join(folder, '.env'), { name: 'settings' })
  await session.uploadArtifact(artifact, { experiment: 'uncategorized' })
  expect(told.mock.calls).toEqual([
    [expect.stringContaining(`${join(folder, '.env')}, which may contain secrets`)],
  ])
  told.mockRestore()
})

test('a folder with a format.json of its own is not mistaken for a store', async () => {
  const folder = await folderOf({ 'shop/format.json': '{"storeId":"Berlin"}', 'shop/prices': '' })
  expect(await pathsIn(folder)).toEqual(['shop/format.json', 'shop/prices'])
})

test('the signal ends a walk', async () => {
  const folder = await folderOf({ a: '' })
  const signal = AbortSignal.abort()
  await errorOf('aborted', draft().add(folder, { signal }))
  await errorOf('aborted', draft().add(join(folder, 'a'), { signal }))
  await errorOf('aborted', draft().verify(folder, { signal }))
})

test('verify treats a folder as add did: links, ignore files, patterns and executable bits', async () => {
  const folder = await folderOf({
    'd/x': 'x',
    run: '',
    other: '',
    'x.tmp': '',
    'x.log': '',
    'x.key': '',
    '.gitignore': '*.log\n',
    '.trackwayignore': '*.tmp\n',
    '.git/config': '',
    '.trackway/a': '',
  })
  await chmod(join(folder, 'run'), 0o755)
  await symlink('d', join(folder, 'to-folder'))
  await symlink('run', join(folder, 'to-file'))
  const options = { gitignore: true, ignore: ['*.key'] }
  const artifact = draft()
  await artifact.add(folder, options)
  expect(await artifact.verify(folder, options)).toMatchObject({ ok: true })
  expect(await artifact.verify(folder)).toMatchObject({ ok: false, extra: ['x.key', 'x.log'] })

  await chmod(join(folder, 'other'), 0o755)
  await symlink('/etc/hostname', join(folder, 'out'))
  expect(await artifact.verify(folder, options)).toEqual({
    ok: false,
    missing: [],
    changed: ['other'],
    extra: ['out'],
  })
})

test('verify compares entries that ignore rules now exclude', async () => {
  const folder = await folderOf({ '.git/config': 'a', b: 'b', 'c.log': 'c' })
  const artifact = draft()
  await artifact.add(folder, { ignore: ['!.git'] })
  await writeFiles(folder, { '.trackwayignore': '*.log\n' })
  expect(await artifact.verify(folder)).toMatchObject({ ok: true })
  artifact.remove('c.log')
  await artifact.add(new Uint8Array(1), { name: 'c.log' })
  expect(await artifact.verify(folder)).toMatchObject({ changed: ['c.log'] })
})
