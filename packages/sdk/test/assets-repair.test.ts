import { rm, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blobRequests, startCableServer, uploadVersion, useAssetsDirectory } from './assets-server.ts'
import { errorOf } from './test-server.ts'

const assets = useAssetsDirectory()

test('a file that was deleted is fetched again when it is asked for', async () => {
  const server = startCableServer()
  const session = await server.login()
  await uploadVersion(session, { 'a.txt': '1', 'b/c': 'c' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  await rm(join(folder, 'b/c'))
  const path = await session.fetchAsset('dataset/sample:V1[b/c]')
  expect(path).toBe(join(folder, 'b/c'))
  expect(await readFile(path, 'utf8')).toBe('c')
})

test('the mark of a complete version is no entry of it', async () => {
  const session = await startCableServer().login()
  await uploadVersion(session, { a: '1' })
  await session.fetchAsset('dataset/sample:V1')
  await errorOf('not_found', session.fetchAsset('dataset/sample:V1[.SUCCESS]'))
})

test('an entry that a version does not have is found out before anything is downloaded', async () => {
  const server = startCableServer()
  const session = await server.login()
  await uploadVersion(session, { 'train.csv': '1', 'test/x.csv': '2' })
  server.requests.length = 0
  const error = await errorOf('not_found', session.fetchAsset('dataset/sample:V1[x.csv]'))
  expect(error.details).toMatchObject({ near: ['test/x.csv'] })
  expect(blobRequests(server.requests)).toEqual([])
  await expect(stat(assets())).rejects.toThrow('ENOENT')
})
