import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ObjectStore } from '../../src/stores/object-store.ts'
import { probeStore } from '../../src/stores/probe-store.ts'
import { describeObjectStore } from '../../src/testing/index.ts'
import { type FileSystem, nodeFileSystem } from '../../src/node/directory/file-system.ts'
import { openDirectoryStore } from '../../src/node/directory/directory-store.ts'

let folder: string
let count = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trackway-store-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A path that does not exist yet. */
const fresh = () => join(folder, `${(count += 1)}`)
const bytes = new TextEncoder().encode('some bytes')

/** Node's file system with a log of what was flushed, and with other functions if given. */
function watch(changes: Partial<FileSystem> = {}) {
  const flushed: string[] = []
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    async open(path, flags) {
      const file = await nodeFileSystem.open(path, flags)
      const sync = async () => void flushed.push(path)
      return { ...pick(file), sync }
    },
    ...changes,
  }
  return { fileSystem, flushed }
}

function pick(file: Awaited<ReturnType<FileSystem['open']>>) {
  return {
    read: file.read.bind(file),
    writev: file.writev.bind(file),
    sync: file.sync.bind(file),
    stat: file.stat.bind(file),
    close: file.close.bind(file),
  }
}

function fail(code: string, syscall: string) {
  return () => Promise.reject(Object.assign(new Error(`${code}: refused, ${syscall}`), { code, syscall }))
}

const linkTwice: FileSystem['link'] = async (existing, added) => {
  await nodeFileSystem.link(existing, added)
  await nodeFileSystem.link(existing, added)
}

const openUnflushable: FileSystem['open'] = async (path, flags) => ({
  ...pick(await nodeFileSystem.open(path, flags)),
  ...(flags === 'r' && { sync: fail('EINVAL', 'fsync') }),
})

const statAnHourAgo: FileSystem['stat'] = async (path) => {
  const stats = await nodeFileSystem.stat(path)
  return { ...stats, mtimeMs: stats.mtimeMs - 60 * 60 * 1000, isFile: () => stats.isFile() }
}

const refuseFolderB: FileSystem['readdir'] = (path) =>
  path.endsWith('/b') ? fail('EIO', 'scandir')() : nodeFileSystem.readdir(path)

// The suite's many puts do not need a real disk's flushes; separate tests check what is flushed when.
describeObjectStore(
  'a directory',
  async () => ({ store: await openDirectoryStore(fresh(), { fileSystem: watch().fileSystem }) }),
  { describe, test },
)

test('the probe accepts a directory on disk', async () => {
  const path = fresh()
  await probeStore(await openDirectoryStore(path))
  expect((await readdir(join(path, 'probe'))).toSorted()).toEqual(['fold'])
})

test('a key is the path of its object', async () => {
  const path = fresh()
  const store = await openDirectoryStore(path)
  await store.putIfAbsent('t/a%2Fb/v/1.json', bytes)
  expect((await stat(join(path, 't/a%2Fb/v/1.json'))).size).toBe(bytes.length)
  expect(await readdir(join(path, 't/a%2Fb/v'))).toEqual(['1.json'])
})

test('a put flushes the file, its folder and every folder above before it returns', async () => {
  const path = fresh()
  const { fileSystem, flushed } = watch()
  const store = await openDirectoryStore(path, { fileSystem })
  expect(flushed.splice(0)).toEqual([folder])
  await store.putIfAbsent('a/b/c', bytes)
  expect(flushed.shift()).toMatch(/~[0-9a-f-]+$/)
  expect(flushed.splice(0).toSorted()).toEqual([path, join(path, 'a'), join(path, 'a/b')])
  await store.putIfAbsent('a/b/d', bytes)
  expect(flushed.slice(1)).toEqual([join(path, 'a/b')])
})

test('puts into one folder share its flushes', async () => {
  const { fileSystem, flushed } = watch()
  const store = await openDirectoryStore(fresh(), { fileSystem })
  await Promise.all(Array.from({ length: 100 }, (_, index) => store.putIfAbsent(`a/${index}`, bytes)))
  expect(flushed.filter((path) => path.endsWith('/a')).length).toBeLessThan(60)
})

test.each<[string, (store: ObjectStore) => Promise<unknown>]>([
  ['head', async (store) => expect(await store.head('a/b')).toMatchObject({ size: bytes.length })],
  ['get', async (store) => expect(await store.get('a/b')).toMatchObject({ size: bytes.length })],
  ['a put', async (store) => expect(await store.putIfAbsent('a/b', bytes)).toBe(false)],
])('%s makes durable what another process has just linked', async (_, ask) => {
  const path = fresh()
  await mkdir(join(path, 'a'), { recursive: true })
  const { fileSystem, flushed } = watch()
  const store = await openDirectoryStore(path, { fileSystem })
  await writeFile(join(path, 'a/b'), bytes)
  flushed.length = 0
  await ask(store)
  expect(flushed.toSorted()).toEqual([path, join(path, 'a')])
  flushed.length = 0
  await ask(store)
  expect(flushed).toEqual([])
})

test('a store reads its own puts without flushing again', async () => {
  const { fileSystem, flushed } = watch()
  const store = await openDirectoryStore(fresh(), { fileSystem })
  await store.putIfAbsent('a/b', bytes)
  flushed.length = 0
  await store.head('a/b')
  await store.get('a/b')
  expect(flushed).toEqual([])
})

test.each([
  ['ENOSPC', 'insufficient_storage'],
  ['EDQUOT', 'insufficient_storage'],
  ['EIO', 'store_unavailable'],
  ['EMFILE', 'store_unavailable'],
  ['ESTALE', 'store_unavailable'],
  ['EACCES', 'store_unsuitable'],
  ['EPERM', 'store_unsuitable'],
  ['EROFS', 'store_unsuitable'],
  ['ENOTDIR', 'store_unsuitable'],
  ['EISDIR', 'store_unsuitable'],
  ['ELOOP', 'store_unsuitable'],
  ['EFBIG', 'store_unsuitable'],
])('%s is reported as %s, with the object that it affects', async (code, expected) => {
  const open: FileSystem['open'] = (path, flags) =>
    flags === 'wx' ? fail(code, 'open')() : nodeFileSystem.open(path, flags)
  const store = await openDirectoryStore(fresh(), { fileSystem: { ...nodeFileSystem, open } })
  await expect(store.putIfAbsent('a/b', bytes)).rejects.toMatchObject({
    code: expected,
    retryable: expected === 'store_unavailable',
    cause: { code },
    message: expect.stringContaining('store the object a/b in the folder'),
  })
})

test('a file that cannot be flushed is not stored, and not flushed again', async () => {
  const path = fresh()
  let flushes = 0
  const open: FileSystem['open'] = async (file, flags) => ({
    ...pick(await nodeFileSystem.open(file, flags)),
    ...(flags === 'wx' && { sync: () => ((flushes += 1), fail('EIO', 'fsync')()) }),
  })
  const store = await openDirectoryStore(path, { fileSystem: { ...nodeFileSystem, open } })
  await expect(store.putIfAbsent('a/b', bytes)).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(flushes).toBe(1)
  expect(await store.head('a/b')).toBeUndefined()
  expect(await readdir(join(path, 'a'))).toEqual([])
})

test('a link whose reply was lost is recognized as its own', async () => {
  const store = await openDirectoryStore(fresh(), { fileSystem: { ...nodeFileSystem, link: linkTwice } })
  expect(await store.putIfAbsent('a', bytes)).toBe(true)
  expect(await store.putIfAbsent('a', bytes)).toBe(false)
})

test('a file system that cannot flush a folder is accepted', async () => {
  const fileSystem = { ...nodeFileSystem, open: openUnflushable }
  const store = await openDirectoryStore(fresh(), { fileSystem })
  expect(await store.putIfAbsent('a/b', bytes)).toBe(true)
})

test('a folder that cannot be flushed fails the put, and the next reader flushes it again', async () => {
  const path = fresh()
  const { fileSystem, flushed } = watch()
  const folderB = join(path, 'a/b')
  let isBroken = true
  const open: FileSystem['open'] = async (at, flags) =>
    at === folderB && isBroken ? fail('EIO', 'open')() : fileSystem.open(at, flags)
  const store = await openDirectoryStore(path, { fileSystem: { ...fileSystem, open } })
  await expect(store.putIfAbsent('a/b/c', bytes)).rejects.toMatchObject({ code: 'store_unavailable' })
  await expect(store.head('a/b/c')).rejects.toMatchObject({ code: 'store_unavailable' })
  isBroken = false
  expect(await store.head('a/b/c')).toMatchObject({ size: bytes.length })
  expect(flushed).toContain(folderB)
})

test('a message names no path except the one that the store was opened with', async () => {
  const fileSystem = { ...nodeFileSystem, unlink: fail('EACCES', "unlink '/secret/a'") }
  const store = await openDirectoryStore(fresh(), { fileSystem })
  const failure = await store.delete('a').catch(String)
  expect(failure).toContain('Could not delete the object a in the folder')
  expect(failure).not.toContain('secret')
})

test.each(['EPERM', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])(
  'a file system without hard links (%s) is refused with what to do instead',
  async (code) => {
    const fileSystem = { ...nodeFileSystem, link: fail(code, 'link') }
    const store = await openDirectoryStore(fresh(), { fileSystem })
    await expect(probeStore(store)).rejects.toMatchObject({
      code: 'store_unsuitable',
      message: expect.stringMatching(/no hard links.*keep the store on a local disk/),
    })
  },
)

test.each(['', '  '])('the path %j is refused', async (path) => {
  await expect(openDirectoryStore(path)).rejects.toMatchObject({ code: 'option_invalid' })
})

test('a file system whose clock is an hour late is refused', async () => {
  const fileSystem = { ...nodeFileSystem, stat: statAnHourAgo }
  await expect(probeStore(await openDirectoryStore(fresh(), { fileSystem }))).rejects.toMatchObject({
    code: 'store_unsuitable',
  })
})

test('a listing skips temporary files and removes those that are a day old', async () => {
  const path = fresh()
  const store = await openDirectoryStore(path)
  await store.putIfAbsent('a/b', bytes)
  await writeFile(join(path, 'a/~new'), bytes)
  await writeFile(join(path, 'a/~old'), bytes)
  await utimes(join(path, 'a/~old'), new Date(), new Date(Date.now() - 25 * 60 * 60 * 1000))
  const { objects } = await store.list({ prefix: '' })
  expect(objects.map(({ key }) => key)).toEqual(['a/b'])
  expect((await readdir(join(path, 'a'))).toSorted()).toEqual(['b', '~new'])
})

test('a page reads only the folders that it shows', async () => {
  const path = fresh()
  const read: string[] = []
  const readdirLogged: FileSystem['readdir'] = (at) => (read.push(at), nodeFileSystem.readdir(at))
  const store = await openDirectoryStore(path, { fileSystem: { ...nodeFileSystem, readdir: readdirLogged } })
  for (let index = 10; index < 50; index += 1) await store.putIfAbsent(`a/${index}/x`, bytes)
  const page = await store.list({ prefix: 'a/', after: 'a/30/x', limit: 2 })
  expect(page.objects.map(({ key }) => key)).toEqual(['a/31/x', 'a/32/x'])
  expect(read).toEqual(['a', 'a/30', 'a/31', 'a/32', 'a/33'].map((name) => join(path, name)))
})

test('a listing throws if a folder can’t be read, and if the store is gone', async () => {
  const path = fresh()
  const store = await openDirectoryStore(path, { fileSystem: { ...nodeFileSystem, readdir: refuseFolderB } })
  await store.putIfAbsent('a/b/c', bytes)
  await expect(store.list({ prefix: '' })).rejects.toMatchObject({ code: 'store_unavailable' })
  await rm(path, { recursive: true })
  await expect(store.list({ prefix: 'x/' })).rejects.toMatchObject({ code: 'store_unavailable' })
  await expect(store.putIfAbsent('a/b/c', bytes)).rejects.toMatchObject({
    code: 'store_unavailable',
    retryable: false,
  })
})

test('the age of an object is the time since it was written', async () => {
  const path = fresh()
  const store = await openDirectoryStore(path)
  await store.putIfAbsent('a', bytes)
  await utimes(join(path, 'a'), new Date(), new Date(Date.now() - 60_000))
  expect((await store.head('a'))?.ageMs).toBeGreaterThanOrEqual(60_000)
})

test('a body that is read keeps its object, and one that is not read holds nothing open', async () => {
  const store = await openDirectoryStore(fresh())
  const large = new Uint8Array(3 * 1024 * 1024).fill(7)
  await store.putIfAbsent('a', large)
  let size = 0
  for await (const piece of (await store.get('a'))?.body ?? []) {
    if (size === 0) await store.delete('a')
    size += piece.length
  }
  expect(size).toBe(large.length)
  await store.putIfAbsent('a', large)
  const before = await openFiles()
  for (let index = 0; index < 20; index += 1) {
    await store.get('a')
    for await (const piece of (await store.get('a'))?.body ?? []) if (piece.length > 0) break
  }
  expect(await openFiles()).toBe(before)
})

async function openFiles(): Promise<number> {
  return process.platform === 'linux' ? (await readdir('/proc/self/fd')).length : 0
}
