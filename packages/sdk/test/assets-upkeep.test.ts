import { access, mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listAssets, pruneAssets, removeAsset, type Asset } from '../src/index.ts'
import { startCableServer, uploadVersion, useAssetsDirectory } from './assets-server.ts'
import { errorOf, noise, temporaryFolder } from './test-server.ts'

const assets = useAssetsDirectory()
const hourMs = 60 * 60 * 1000

async function only(): Promise<Asset> {
  const [asset, ...others] = await listAssets()
  if (asset === undefined || others.length > 0) throw new Error('There must be exactly one asset')
  return asset
}

test('versions are listed in their order, even after the ninth', async () => {
  const session = await startCableServer().login()
  for (let version = 1; version <= 10; version += 1) {
    await uploadVersion(session, { a: `${version}` })
    if (version !== 1) await session.fetchAsset(`dataset/sample:V${version}`)
  }
  expect((await listAssets()).map(({ tag }) => tag)).toEqual(
    Array.from({ length: 9 }, (_, index) => `V${index + 2}`),
  )
})

test('only versions in the assets directory are removed', async () => {
  const session = await startCableServer().login()
  await uploadVersion(session, { a: '1' })
  await session.fetchAsset('dataset/sample:V1')
  const asset = await only()
  const elsewhere = await temporaryFolder()
  for (const folder of [elsewhere, assets(), join(asset.folder, '..'), join(assets(), '../V1')]) {
    await errorOf('option_invalid', removeAsset({ ...asset, folder }))
  }
  await access(elsewhere)
  await access(join(asset.folder, 'a'))
  await removeAsset(asset)
  await removeAsset(asset)
  expect(await readdir(assets())).toEqual([])
})

test('for a version that two stores have, the caller has to say which is meant', async () => {
  const sessions = [await startCableServer().login(), await startCableServer().login()]
  for (const session of sessions) {
    await uploadVersion(session, { a: '1' })
    await session.fetchAsset('dataset/sample:V1')
  }
  const [first, second] = sessions.map(({ storeId }) => storeId)
  await errorOf('option_invalid', removeAsset('dataset/sample:V1'))
  await removeAsset('dataset/sample:V1', { storeId: first })
  expect((await only()).storeId).toBe(second)
})

test('a use is recorded, but not more than once in an hour', async () => {
  const session = await startCableServer().login()
  await uploadVersion(session, { a: '1' })
  const marker = join(await session.fetchAsset('dataset/sample:V1'), '.SUCCESS')
  for (const [agoMs, isNoted] of [
    [hourMs / 2, false],
    [2 * hourMs, true],
  ] as const) {
    const past = new Date(Date.now() - agoMs)
    await utimes(marker, past, past)
    await session.fetchAsset('dataset/sample:V1')
    expect((await only()).usedAt.getTime() > past.getTime() + 1000).toBe(isNoted)
  }
})

test('files that versions share are counted once, and are freed with the last of them', async () => {
  const session = await startCableServer().login()
  const shared = noise(300_000)
  for (const own of ['1', '22']) await uploadVersion(session, { shared, own })
  const folders = [
    await session.fetchAsset('dataset/sample:V1'),
    await session.fetchAsset('dataset/sample:V2'),
  ]
  const inodes = await Promise.all(folders.map(async (folder) => (await stat(join(folder, 'shared'))).ino))
  const copies = new Set(inodes).size

  const { freedBytes, remainingBytes } = await pruneAssets({ keep: 1, dryRun: true })
  expect(freedBytes + remainingBytes).toBeLessThan(copies * 300_000 + 5_000)
  expect(freedBytes).toBeLessThan((copies - 1) * 300_000 + 2_000)
  const all = await pruneAssets({ keep: 0 })
  expect(all).toMatchObject({ freedBytes: freedBytes + remainingBytes, remainingBytes: 0 })
})

test('a download that can be resumed is kept for a day, and so is one that is just beginning', async () => {
  const folder = join(assets(), 'store/team/uncategorized/dataset/v1', `V1.trackway-${'0'.repeat(12)}`)
  await mkdir(join(folder, 'content'), { recursive: true })
  const past = new Date(Date.now() - 25 * hourMs)
  await utimes(folder, past, past)
  await pruneAssets({ keep: 1 })
  await access(folder)
  await writeFile(join(folder, 'content/a'), 'half')
  for (const path of ['content/a', 'content', '']) await utimes(join(folder, path), past, past)
  await pruneAssets({ keep: 1, dryRun: true })
  await access(folder)
  await pruneAssets({ keep: 1 })
  expect(await readdir(assets())).toEqual([])
})

test('the lock of a dead holder is removed with the leftovers, and that of a living one is kept', async () => {
  const folder = join(assets(), 'store/team/uncategorized/dataset/sample')
  await mkdir(folder, { recursive: true })
  for (const tag of ['V1', 'V2']) {
    await writeFile(join(folder, `${tag}.lock`), JSON.stringify({ host: 'another-machine', pid: 1 }))
  }
  const past = new Date(Date.now() - hourMs)
  await utimes(join(folder, 'V1.lock'), past, past)
  await pruneAssets({ keep: 1 })
  expect(await readdir(folder)).toEqual(['V2.lock'])
})
