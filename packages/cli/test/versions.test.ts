import { existsSync } from 'node:fs'
import { chmod, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { Artifact, login } from '@trackway/sdk'
import { expect, test, vi } from 'vitest'
import { prepareShell, type Shell } from './shell.ts'
import { writeFiles } from './user.ts'

/** A user who uploaded two versions of `dataset/sample`. */
async function prepareVersions(): Promise<Shell & { data: string }> {
  const shell = await prepareShell()
  const data = join(shell.folder, 'data')
  await writeFiles(data, { 'raw/a.csv': 'a\n', 'raw/b.csv': 'b\n', 'README.md': 'one' })
  const upload = ['upload', data, '--type', 'dataset', '--name', 'sample', '--quiet']
  await shell.run([
    ...upload,
    '--description',
    'The first',
    '--metadata',
    'rows=2',
    '--metadata',
    '{"of":["x"]}',
  ])
  await writeFiles(data, { 'README.md': 'two, longer', 'raw/c.csv': 'c\n' })
  await rm(join(data, 'raw/b.csv'))
  await shell.run([...upload, '--alias', 'production'])
  return { ...shell, data }
}

test('an upload prints the spec of its version, says where it is, and makes no version if nothing changed', async () => {
  const { folder, run } = await prepareShell()
  await writeFiles(folder, { 'data/a.csv': 'a\n', 'data/b.tmp': 'b' })
  const words = ['upload', join(folder, 'data'), '--type', 'dataset', '--name', 'sample', '--ignore', '*.tmp']
  expect(await run(words)).toEqual({
    code: 0,
    out: 'dataset/sample:V1\n',
    err: `1 file of 2 B, 2 B sent, in default/uncategorized of ${join(folder, 'store')}\n`,
  })
  const again = await run(words)
  expect(again).toMatchObject({ code: 0, out: 'dataset/sample:V1\n' })
  expect(again.err).toMatch(/^Nothing changed since V1; no version was made, in /)
  expect(await run([...words, '--quiet'])).toEqual({ code: 0, out: 'dataset/sample:V1\n', err: '' })
  expect(await run([...words, '--tag', 'V1'])).toMatchObject({ code: 0, out: 'dataset/sample:V1\n' })
  for (const tag of ['V2', 'V7']) {
    const { code, out, err } = await run([...words, '--tag', tag])
    expect({ code, out }).toEqual({ code: 5, out: '' })
    expect(err).toMatch(/nothing changed since V1, .*\(tag_out_of_order\)\n$/)
  }
})

test('ls lists artifacts, versions and files, for pipes and for people', async () => {
  const { run, json } = await prepareVersions()
  const { out } = await run(['ls'])
  expect(out).toMatch(
    /^ARTIFACT +LATEST +FILES +SIZE +MADE +ALIASES\ndataset\/sample +V2 +3 +15 B +\d{4}-.*production=V2\n$/,
  )
  expect((await run(['ls', 'model'])).out).toBe('')
  const versions = (await run(['ls', 'dataset/sample'])).out.trimEnd().split('\n')
  expect(versions.map((line) => line.split(/ +/)[0])).toEqual(['VERSION', 'V2', 'V1'])
  expect(versions[2]).toMatch(/The first$/)
  expect((await run(['ls', 'dataset/sample:production'])).out).toBe('README.md\nraw/a.csv\nraw/c.csv\n')
  expect((await run(['ls', 'dataset/sample:V1[raw/b.csv]'])).out).toBe('raw/b.csv\n')

  const tree = await run(['ls', 'dataset/sample:V2'], { isTerminal: true })
  expect(tree.out).not.toBe(stripVTControlCharacters(tree.out))
  expect(stripVTControlCharacters(tree.out)).toBe(
    [
      'dataset/sample:V2  3 files, 15 B',
      '├── raw/',
      '│   ├── a.csv  2 B',
      '│   └── c.csv  2 B',
      '└── README.md  11 B',
      '',
    ].join('\n'),
  )
  expect(stripVTControlCharacters((await run(['ls'], { isTerminal: true })).out)).toContain('just now')
  expect(await json(['ls'])).toMatchObject({
    artifacts: [{ name: 'sample', latest: { tag: 'V2' }, aliases: { production: 'V2' } }],
  })
  expect(await json(['ls', 'dataset/sample'])).toMatchObject({
    versions: [
      { tag: 'V2', aliases: ['production'] },
      { tag: 'V1', aliases: [] },
    ],
  })
  expect(await json(['ls', 'dataset/sample:V1'])).toMatchObject({
    spec: 'dataset/sample:V1',
    size: 7,
    files: [{ path: 'README.md', size: 3 }, {}, {}],
  })
})

test('a reference is listed with its URL', async () => {
  const { folder, run, json } = await prepareShell()
  const session = await login({ store: join(folder, 'store'), quiet: true })
  const artifact = new Artifact('far', 'dataset')
  const address = 'https://data.example.org/a.csv'
  await artifact.addReference(address, { digest: `sha256:${'0'.repeat(64)}`, size: 10 })
  await session.uploadArtifact(artifact, { experiment: session.experiment })
  const { out } = await run(['ls', 'dataset/far:V1'], { isTerminal: true })
  expect(stripVTControlCharacters(out)).toContain(`└── a.csv  10 B, stored at ${address}\n`)
  expect(await json(['ls', 'dataset/far:V1'])).toMatchObject({
    files: [{ path: 'a.csv', reference: address }],
  })
})

test('show prints the record of a version, without characters that a terminal obeys', async () => {
  const { run, json, data } = await prepareVersions()
  const { out } = await run(['show', 'dataset/sample:V1'])
  expect(out).toMatch(/^dataset\/sample:V1\n {2}digest +sha256:[0-9a-f]{64}\n {2}files +3, 7 B\n/)
  expect(out).toContain('The first')
  expect(out).toMatch(/"rows": 2,\n +"of": \[/)
  expect(await json(['show', 'dataset/sample'])).toMatchObject({
    spec: 'dataset/sample:V2',
    version: { tag: 'V2', base: 'V1', aliases: ['production'] },
    lineage: { producedBy: null, usedBy: [] },
  })
  const words = [
    'upload',
    data,
    '--type',
    'dataset',
    '--name',
    'evil',
    '--description',
    'red \u001b[31m alert',
  ]
  await run(words)
  expect((await run(['show', 'dataset/evil'])).out).toContain('red \uFFFD[31m alert')
  expect((await run(['ls', 'dataset/evil'])).out).toContain('red \uFFFD[31m alert')
})

test('diff exits with 1 and a line for each file that differs, and with 0 if there is none', async () => {
  const { run, json } = await prepareVersions()
  const differing = await run(['diff', 'dataset/sample:V1', 'production'])
  expect(differing.code).toBe(1)
  expect(differing.out.split('\n')).toEqual([
    'dataset/sample:V1 → dataset/sample:V2: 1 added, 1 removed, 1 changed, 1 unchanged',
    expect.stringMatching(/^ {2}~ README\.md +3 B → 11 B$/),
    expect.stringMatching(/^ {2}- raw\/b\.csv /),
    expect.stringMatching(/^ {2}\+ raw\/c\.csv /),
    '',
  ])
  expect(await run(['diff', 'dataset/sample:V2', 'dataset/sample'])).toMatchObject({ code: 0 })
  expect(await json(['diff', 'dataset/sample:V1', 'V2'])).toMatchObject({
    equal: false,
    unchanged: 1,
    added: [{ path: 'raw/c.csv' }],
  })
})

test('a version is downloaded as a whole, in parts or by file, and verified', async () => {
  const { run, json, folder } = await prepareVersions()
  const target = join(folder, 'v1')
  expect(await run(['download', 'dataset/sample:V1', target])).toEqual({
    code: 0,
    out: `${target}\n`,
    err: '',
  })
  expect(await readFile(join(target, 'README.md'), 'utf8')).toBe('one')
  expect(await run(['verify', 'dataset/sample:V1', target])).toMatchObject({ code: 0 })
  await writeFiles(target, { 'README.md': 'eno', new: '' })
  await rm(join(target, 'raw/a.csv'))
  const verified = await run(['verify', 'dataset/sample:V1', target])
  expect(verified).toMatchObject({ code: 1, err: '' })
  expect(verified.out).toMatch(/^missing {2}raw\/a\.csv\nchanged {2}README\.md\nextra {4}new\n/)
  expect(await json(['verify', 'dataset/sample:V1', target])).toMatchObject({ ok: false, extra: ['new'] })

  expect(await run(['download', 'dataset/sample:V1', target])).toMatchObject({ code: 5, out: '' })
  const mending = ['download', 'dataset/sample:V1', target, '--verify']
  expect(await run(mending)).toMatchObject({
    code: 5,
    err: expect.stringContaining('other files, such as new'),
  })
  await rm(join(target, 'new'))
  expect(await run(mending)).toMatchObject({ code: 0, out: `${target}\n` })
  expect(await run(['verify', 'dataset/sample:V1', target])).toMatchObject({ code: 0 })
  await writeFiles(target, { new: '' })
  expect(await run(['download', 'dataset/sample:V1', target, '--overwrite'])).toMatchObject({ code: 0 })
  const part = join(folder, 'part')
  await run(['download', 'dataset/sample', part, '--include', '**/*.csv', '--exclude', 'raw/a*'])
  expect(existsSync(join(part, 'raw/c.csv'))).toBe(true)
  expect(existsSync(join(part, 'raw/a.csv'))).toBe(false)
  const file = join(folder, 'file')
  const path = join(file, 'raw/b.csv')
  expect(await run(['download', 'dataset/sample:V1[raw/b.csv]', file])).toMatchObject({ out: `${path}\n` })
  expect(await readFile(path, 'utf8')).toBe('b\n')
  expect(existsSync(join(file, 'README.md'))).toBe(false)
})

test('without a folder, download uses the assets directory, which is listed and pruned', async () => {
  const { run, json, folder } = await prepareVersions()
  const { out } = await run(['download', 'dataset/sample:V1[README.md]'])
  expect(out.startsWith(join(folder, 'assets'))).toBe(true)
  expect(await readFile(out.trimEnd(), 'utf8')).toBe('one')
  await chmod(out.trimEnd(), 0o644)
  await writeFiles(dirname(out.trimEnd()), { 'README.md': 'eno' })
  await run(['download', 'dataset/sample:V1[README.md]'])
  expect(await readFile(out.trimEnd(), 'utf8')).toBe('eno')
  await run(['download', 'dataset/sample:V1[README.md]', '--verify'])
  expect(await readFile(out.trimEnd(), 'utf8')).toBe('one')
  await run(['download', 'dataset/sample'])
  expect(await run(['download', 'dataset/sample', '--include', '*'])).toMatchObject({ code: 2 })
  expect((await run(['assets', 'ls'])).out).toMatch(/dataset\/sample:V1 .*\n.*dataset\/sample:V2 /)
  expect((await run(['assets', 'prune', '--keep', '1', '--dry-run'])).out).toMatch(
    /:V1 .*\n1 version would be removed/,
  )
  expect((await run(['assets', 'prune', '--keep', '1', '--max-bytes', '1.5kB'])).out).toContain(
    '1 version removed, freeing ',
  )
  expect(await json(['assets', 'ls'])).toMatchObject({ assets: [{ tag: 'V2' }] })
  expect(await run(['assets', 'prune', '--max-bytes', 'lots'])).toMatchObject({ code: 2 })
})

test('artifact upload and artifact download take the options of deepdriver’s command', async () => {
  const { run, folder } = await prepareShell()
  await writeFiles(folder, { 'data/[a].txt': 'a' })
  const named = ['--type', 'dataset', '--name', 'sample']
  expect(await run(['artifact', 'upload', ...named, join(folder, 'data')])).toMatchObject({ code: 0 })
  const target = join(folder, 'back')
  const words = ['artifact', 'download', ...named, '--tag', 'V1', target]
  expect(await run(words)).toMatchObject({ code: 0, out: `${target}\n` })
  expect(await readFile(join(target, '[a].txt'), 'utf8')).toBe('a')
  expect(await run(['download', 'dataset/sample:V1[[a].txt]', join(folder, 'one')])).toMatchObject({
    code: 0,
  })
  expect(await run(['download', '--type', 'dataset'])).toMatchObject({ code: 2 })
  expect(await run(['download', 'dataset/sample', target, ...named])).toMatchObject({ code: 2 })
})

test('aliases are moved, with --expect only from the expected version, and removed', async () => {
  const { run, json } = await prepareVersions()
  expect((await run(['alias', 'dataset/sample:V1', 'production'])).out).toBe(
    'dataset/sample:production is V1 (it was V2)\n',
  )
  expect(await run(['alias', 'dataset/sample:V2', 'production', '--expect', 'V2'])).toMatchObject({ code: 5 })
  expect(await run(['alias', 'dataset/sample:V2', 'new', '--expect', ''])).toMatchObject({ code: 0 })
  expect((await run(['alias', 'dataset/sample:V1', 'production'])).out).toBe(
    'dataset/sample:production is V1 already\n',
  )
  expect(await json(['alias', 'dataset/sample', 'production', '--remove'])).toMatchObject({
    tag: null,
    before: 'V1',
  })
  expect(await json(['alias', 'dataset/sample', 'production'])).toMatchObject({ tag: 'V2', before: null })
  const absent = await run(['alias', 'dataset/sample', 'prodution', '--remove'])
  expect(absent).toMatchObject({ code: 3, out: '' })
  expect(absent.err).toContain('there is no such alias; did you mean production? (not_found)')
  expect((await run(['alias', 'dataset/other', 'x', '--remove'])).err).toContain('it has none')
})

test('a version is deleted after a confirmation, and restored', async () => {
  const { run, json } = await prepareVersions()
  expect(await run(['rm', 'dataset/sample:V1'])).toMatchObject({ code: 2, out: '' })
  expect(await run(['rm', 'dataset/sample', '--yes'])).toMatchObject({ code: 2 })
  expect(await run(['rm', 'dataset/sample:V2', '--yes'])).toMatchObject({ code: 5 })
  const declined = await run(['rm', 'dataset/sample:V1'], { typed: 'n' })
  expect(declined).toMatchObject({ code: 130, out: '' })
  expect(declined.err).toMatch(
    /Delete dataset\/sample:V1 \(3 files, 7 B\) in default\/uncategorized of .*\? \[y\/N\] /,
  )
  expect(await run(['rm', 'dataset/sample:V1'], { typed: 'y' })).toMatchObject({ code: 0 })
  expect(await run(['show', 'dataset/sample:V1'])).toMatchObject({ code: 3 })
  const left = await run(['ls', 'dataset/sample'])
  expect(left.err).toBe(
    '1 deleted version not shown; --deleted lists them, and trackway restore restores one.\n',
  )
  expect(left.out).not.toMatch(/^V1/m)
  expect((await run(['ls', 'dataset/sample', '--deleted'])).out).toMatch(/^V1 .* deleted /m)
  expect(await json(['ls', 'dataset/sample', '--deleted'])).toMatchObject({
    versions: [{ tag: 'V2' }, { tag: 'V1', deleted: true }],
  })
  expect(await run(['restore', 'dataset/sample:V1'])).toMatchObject({
    code: 0,
    out: 'dataset/sample:V1 is restored\n',
  })
})

test('reading does not create a store, and an aborted upload says so', async () => {
  const { folder, run } = await prepareShell()
  expect(await run(['ls'])).toMatchObject({ code: 3, out: '' })
  expect(existsSync(join(folder, 'store'))).toBe(false)
  await writeFiles(folder, { 'a.txt': 'a' })
  const words = ['upload', join(folder, 'a.txt'), '--type', 'dataset', '--name', 'sample']
  const aborted = await run(words, { signal: AbortSignal.abort() })
  expect(aborted).toMatchObject({ code: 130, out: '' })
  vi.stubEnv('TRACKWAY_EXPERIMENT', 'flowers')
  expect((await run([...words, '--experiment', 'trees'])).err).toContain('default/trees of')
  expect((await run(words)).err).toContain('default/flowers of')
})
