import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { Artifact } from '../src/index.ts'
import { noise, startServer, temporaryFolder } from './test-server.ts'

// Somebody who may write beside a target puts links there, so that a download writes, or removes,
// somewhere else.

const large = noise(9 * 1024 * 1024)
let artifact: Artifact
let parent: string
let elsewhere: string
let target: string

beforeEach(async () => {
  const server = await startServer()
  const draft = new Artifact('sample', 'dataset')
  await draft.add(new TextEncoder().encode('content'), { name: 'file' })
  await draft.add(new TextEncoder().encode('inner'), { name: 'sub/file' })
  await draft.add(large, { name: 'large' })
  await server.session.uploadArtifact(draft)
  artifact = await server.session.getArtifact('sample', 'dataset')
  parent = await temporaryFolder()
  elsewhere = join(await temporaryFolder(), 'elsewhere')
  target = join(parent, 'target')
  await mkdir(join(elsewhere, 'content', 'sub'), { recursive: true })
  await writeFile(join(elsewhere, 'content', 'precious'), 'precious')
  await writeFile(join(elsewhere, 'large'), Buffer.alloc(large.length))
})

/** Other users' files are unchanged, and the download is complete. */
async function expectHarmless(): Promise<void> {
  expect(await readdir(elsewhere, { recursive: true })).toEqual(
    expect.arrayContaining(['content', 'content/sub', 'content/precious', 'large']),
  )
  expect(await readFile(join(elsewhere, 'content/precious'), 'utf8')).toBe('precious')
  expect(await readdir(join(elsewhere, 'content'))).toHaveLength(2)
  expect(Buffer.alloc(large.length).equals(await readFile(join(elsewhere, 'large')))).toBe(true)
  for (const name of ['', 'file', 'sub', 'sub/file', 'large'])
    expect((await lstat(join(target, name))).isSymbolicLink(), name).toBe(false)
  expect(await artifact.verify(target)).toMatchObject({ ok: true })
}

const staging = () => join(parent, 'target.trackway-0123456789ab')

test('a staging folder that is a link to a folder is not taken over', async () => {
  await symlink(elsewhere, staging())
  await artifact.download(target)
  await expectHarmless()
  expect(await readlink(staging())).toBe(elsewhere)
})

test('a staging folder that others may write to is not taken over', async () => {
  await mkdir(join(staging(), 'content'), { recursive: true })
  await mkdir(join(staging(), 'replaced'))
  await chmod(staging(), 0o777)
  await artifact.download(target)
  await expectHarmless()
  expect(await readdir(staging())).toEqual(['content', 'replaced'])
})

test.each([
  ['its content', 'content', () => join(elsewhere, 'content')],
  ['a folder in it', 'content/sub', () => join(elsewhere, 'content')],
  ['a file in it', 'content/file', () => join(elsewhere, 'content/precious')],
  ['a file that has the right size', 'content/large', () => join(elsewhere, 'large')],
  ['what is to be restored', 'replaced', () => join(elsewhere, 'content')],
])('a staging folder left behind of which %s is a link is not written through', async (_, name, to) => {
  await mkdir(staging(), { mode: 0o700 })
  if (name.includes('/')) await mkdir(join(staging(), 'content'))
  await symlink(to(), join(staging(), name))
  await artifact.download(target, { overwrite: true })
  await expectHarmless()
})

test('a link in the folder that is replaced is removed, and its target is kept', async () => {
  await mkdir(target)
  await symlink(join(elsewhere, 'content'), join(target, 'sub'))
  await symlink(join(elsewhere, 'large'), join(target, 'large'))
  await artifact.download(target, { overwrite: true })
  await expectHarmless()
})

test('a target that is a link to a file is not written through', async () => {
  await symlink(join(elsewhere, 'content/precious'), target)
  await artifact.download(target, { overwrite: true }).catch(() => {})
  expect(await readFile(join(elsewhere, 'content/precious'), 'utf8').catch(() => 'gone')).toBe('precious')
})

test('a half-written file of an earlier download is still resumed', async () => {
  await mkdir(join(staging(), 'content'), { recursive: true, mode: 0o700 })
  await writeFile(join(staging(), 'content', 'file'), 'content')
  await utimes(staging(), 0, 0)
  await artifact.download(target)
  expect(await readdir(parent)).toEqual(['target'])
  await expectHarmless()
})
