import { existsSync, readFileSync } from 'node:fs'
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { Artifact, type Session, type UploadOptions } from '../src/index.ts'
import { startCableServer } from './assets-server.ts'
import { noise, temporaryFolder, writeFiles } from './test-server.ts'

const MiB = 1024 * 1024
const place = { experiment: 'uncategorized' }
const counters = '/proc/self/io'
const countsReads = existsSync(counters)

beforeEach(async () => {
  vi.stubEnv('XDG_CACHE_HOME', await temporaryFolder())
})

/** A minute has gone by since files were written: they are old enough for their times to be trusted. */
function letTimePass(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
  onTestFinished(() => void vi.useRealTimers())
}

/** Bytes that this process reads while something is done. */
async function bytesRead(work: () => Promise<unknown>): Promise<number> {
  const read = () => Number(/rchar: (\d+)/.exec(readFileSync(counters, 'utf8'))?.[1])
  const before = read()
  await work()
  return read() - before
}

async function uploadFolder(session: Session, folder: string, options: UploadOptions = {}) {
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(folder)
  return session.uploadArtifact(artifact, { ...place, ...options })
}

async function textOf(session: Session, path: string): Promise<string> {
  return (await session.getArtifact('sample', 'dataset', 'latest', place)).entry(path).text()
}

async function folderOfFiles(): Promise<string> {
  const folder = await temporaryFolder()
  const small = Array.from(
    { length: 20 },
    (_, index) => [`small/${index}`, noise(50_000, index + 1)] as const,
  )
  await writeFiles(folder, {
    ...Object.fromEntries(small),
    middle: noise(MiB, 30),
    large: noise(5 * MiB, 31),
  })
  return folder
}

/** Changes a file so that its size and the time of its last change are what they were. */
async function changeSecretly(path: string, content: string): Promise<void> {
  const { atime, mtime, size } = await stat(path)
  await writeFile(path, content)
  await utimes(path, atime, mtime)
  expect((await stat(path)).size).toBe(size)
}

test.runIf(countsReads)('files that did not change are not read again, unless it is asked for', async () => {
  const session = await startCableServer().login()
  const folder = await folderOfFiles()
  letTimePass()
  const first = await bytesRead(() => uploadFolder(session, folder))
  expect(first).toBeGreaterThan(7_000_000)

  await writeFile(join(folder, 'new'), 'new')
  const second = await bytesRead(async () => {
    expect(await uploadFolder(session, folder)).toMatchObject({ tag: 'V2', uploadedBytes: 3, fileCount: 23 })
  })
  expect(second).toBeLessThan(MiB)
  const latest = await session.getArtifact('sample', 'dataset', 'V2', place)
  expect(await latest.verify(folder)).toMatchObject({ ok: true })

  const third = await bytesRead(async () => {
    expect(await uploadFolder(session, folder, { hashCache: false })).toMatchObject({ created: false })
  })
  expect(third).toBeGreaterThan(7_000_000)
})

test('files that are known are not assumed to be in a store', async () => {
  const folder = await folderOfFiles()
  letTimePass()
  await uploadFolder(await startCableServer().login(), folder)
  const session = await startCableServer().login()
  const { uploadedBytes, size: bytes } = await uploadFolder(session, folder)
  expect(uploadedBytes).toBe(bytes)
  const stored = await session.getArtifact('sample', 'dataset', 'V1', place)
  expect(await stored.verify(await stored.download(join(await temporaryFolder(), 'target')))).toMatchObject({
    ok: true,
  })
})

test('a change that preserves size and time is noticed', async () => {
  const session = await startCableServer().login()
  const folder = await temporaryFolder()
  await writeFiles(folder, { a: 'one', large: noise(5 * MiB) })
  // A Date cannot tell the fractions of a millisecond, which have to be the same afterwards.
  await utimes(join(folder, 'a'), 1_000_000, 1_000_000)
  letTimePass()
  await uploadFolder(session, folder)
  await changeSecretly(join(folder, 'a'), 'two')
  expect(await uploadFolder(session, folder)).toMatchObject({ tag: 'V2', uploadedBytes: 3 })
  expect(await textOf(session, 'a')).toBe('two')
})

test.runIf(countsReads)('a file that has just been written is read again', async () => {
  const session = await startCableServer().login()
  const folder = await temporaryFolder()
  await writeFiles(folder, { a: noise(2 * MiB) })
  await uploadFolder(session, folder)
  expect(await bytesRead(() => uploadFolder(session, folder))).toBeGreaterThan(2 * MiB)
  letTimePass()
  await uploadFolder(session, folder)
  expect(await bytesRead(() => uploadFolder(session, folder))).toBeLessThan(MiB)
})

test('a cache that was damaged counts as empty', async () => {
  const cache = await temporaryFolder()
  vi.stubEnv('XDG_CACHE_HOME', cache)
  const session = await startCableServer().login()
  const folder = await temporaryFolder()
  await writeFiles(folder, { a: 'one', b: 'two' })
  letTimePass()
  await uploadFolder(session, folder)
  const hashes = join(cache, 'trackway', 'hashes')
  const names = (await readdir(hashes)).filter((name) => !name.startsWith('.'))
  expect(names).toHaveLength(1)
  const path = join(hashes, names[0] ?? '')
  const text = await readFile(path, 'latin1')
  // Were it believed, `a` would be what `b` is.
  const [a = '', b = ''] = text.match(/[0-9a-f]{64}(?=")/g) ?? []
  await writeFile(path, text.replace(a, b), 'latin1')
  await writeFile(join(folder, 'c'), 'six')
  await uploadFolder(session, folder)
  expect(await textOf(session, 'a')).toBe('one')
  expect(await textOf(session, 'b')).toBe('two')
})

test.runIf(countsReads)('a file of /proc, which reports a size of 0, is read each time', async () => {
  const session = await startCableServer().login()
  letTimePass()
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(counters)
  expect(await session.uploadArtifact(artifact, place)).toMatchObject({ tag: 'V1', created: true })
  await artifact.add(counters)
  expect(await session.uploadArtifact(artifact, place)).toMatchObject({ tag: 'V2', created: true })
})
