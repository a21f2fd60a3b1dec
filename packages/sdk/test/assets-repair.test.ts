import { chmod, chown, mkdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blobRequests, startCableServer, uploadVersion, useAssetsDirectory } from './assets-server.ts'
import { watchPrinted } from './machine.ts'
import { errorOf, noise } from './test-server.ts'

const assets = useAssetsDirectory()

test('a file that was deleted is fetched again when it is requested', async () => {
  const server = startCableServer()
  const session = await server.login()
  await uploadVersion(session, { 'a.txt': '1', 'b/c': 'c' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  await rm(join(folder, 'b/c'))
  const path = await session.fetchAsset('dataset/sample:V1[b/c]')
  expect(path).toBe(join(folder, 'b/c'))
  expect(await readFile(path, 'utf8')).toBe('c')
})

test.each([
  ['was deleted', (path: string) => rm(path)],
  ['was cut', (path: string) => truncate(path, 3)],
  ['was replaced by a link', (path: string) => rm(path).then(() => symlink('/etc/hostname', path))],
])('a version of which a file %s is not returned, and only that file is fetched again', async (_, damage) => {
  const server = startCableServer()
  const session = await server.login()
  await uploadVersion(session, { a: noise(300_000), 'b/c': noise(400_000, 2), empty: '' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  await damage(join(folder, 'b/c'))

  server.online = false
  await errorOf('network_error', session.fetchAsset('dataset/sample:V1'))
  await errorOf('network_error', session.fetchAsset('dataset/sample:V1[b/c]'))
  expect(await session.fetchAsset('dataset/sample:V1[a]')).toBe(join(folder, 'a'))

  server.online = true
  server.requests.length = 0
  expect(await session.fetchAsset('dataset/sample:V1')).toBe(folder)
  expect(Buffer.from(await readFile(join(folder, 'b/c'))).equals(noise(400_000, 2))).toBe(true)
  expect(blobRequests(server.requests)).toHaveLength(1)
})

test.each([
  ['after a line', (text: string) => text.indexOf('\n1 b\n') + 1],
  ['within a line', (text: string) => text.length - 2],
])('a version whose list of files was cut %s is not returned', async (_, cut) => {
  const session = await startCableServer().login()
  await uploadVersion(session, { a: '1', b: '2', long: '3' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  const marker = join(folder, '.SUCCESS')
  await truncate(marker, cut(await readFile(marker, 'utf8')))
  await rm(join(folder, 'long'))
  expect(await session.fetchAsset('dataset/sample:V1')).toBe(folder)
  expect(await readFile(join(folder, 'long'), 'utf8')).toBe('3')
})

test('a file whose path ends like that of another is not mistaken for it', async () => {
  const session = await startCableServer().login()
  await uploadVersion(session, { 'my b': '12345', b: '1', '7 b': '22' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  for (const path of ['my b', 'b', '7 b'])
    expect(await session.fetchAsset(`dataset/sample:V1[${path}]`)).toBe(join(folder, path))
})

test('download without a folder repairs the asset with { verify }', async () => {
  const session = await startCableServer().login()
  await uploadVersion(session, { a: 'good', b: 'b' })
  const artifact = await session.getArtifact('sample', 'dataset', 'V1', { experiment: 'uncategorized' })
  const folder = await artifact.download()
  await chmod(join(folder, 'a'), 0o644)
  await writeFile(join(folder, 'a'), 'evil')
  expect(await artifact.download()).toBe(folder)
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('evil')
  expect(await artifact.download({ verify: true })).toBe(folder)
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('good')
})

// Only root may give a folder away.
test.runIf(process.getuid?.() === 0)('an assets directory of another user is reported once', async () => {
  const session = await startCableServer().login({ quiet: false })
  await uploadVersion(session, { a: '1' })
  await mkdir(assets())
  const printed = watchPrinted()
  const said = () => printed.filter((text) => text.includes('another user'))
  await session.fetchAsset('dataset/sample:V1', { quiet: true })
  await session.fetchAsset('dataset/sample:V1')
  expect(said()).toEqual([])
  await chown(assets(), 54_321, 54_321)
  await session.fetchAsset('dataset/sample:V1', { quiet: true })
  expect(said()).toEqual([])
  await session.fetchAsset('dataset/sample:V1')
  await session.fetchAsset('dataset/sample:V1')
  expect(said()).toHaveLength(1)
  expect(said()[0]).toContain(assets())
})

test('the marker of a complete version is not an entry of it', async () => {
  const session = await startCableServer().login()
  await uploadVersion(session, { a: '1' })
  await session.fetchAsset('dataset/sample:V1')
  await errorOf('not_found', session.fetchAsset('dataset/sample:V1[.SUCCESS]'))
})

test('an entry that a version does not have is noticed before anything is downloaded', async () => {
  const server = startCableServer()
  const session = await server.login()
  await uploadVersion(session, { 'train.csv': '1', 'test/x.csv': '2' })
  server.requests.length = 0
  const error = await errorOf('not_found', session.fetchAsset('dataset/sample:V1[x.csv]'))
  expect(error.details).toMatchObject({ near: ['test/x.csv'] })
  expect(blobRequests(server.requests)).toEqual([])
  await expect(stat(assets())).rejects.toThrow('ENOENT')
})
