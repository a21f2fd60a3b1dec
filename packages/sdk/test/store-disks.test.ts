import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Artifact, login } from '../src/index.ts'
import { canMount, mountMemory, remount } from './mounts.ts'
import { errorOf, noise, temporaryFolder } from './test-server.ts'

const place = { experiment: 'disks' }

async function draftOf(bytes: Uint8Array): Promise<Artifact> {
  const draft = new Artifact('sample', 'dataset')
  await draft.add(bytes, { name: 'a' })
  return draft
}

describe.runIf(canMount)('a store on a disk', () => {
  test('that is read-only can be read, and refuses an upload at once', async () => {
    const disk = join(await temporaryFolder(), 'disk')
    mountMemory(disk)
    const folder = join(disk, 'store')
    const session = await login({ store: folder, quiet: true })
    await session.uploadArtifact(await draftOf(noise(10)), place)
    remount(disk, 'ro')
    const again = await login({ store: folder, quiet: true })
    expect((await again.getArtifact('sample', 'dataset', 'V1', place)).digest).toBeDefined()
    const begin = performance.now()
    const error = await errorOf('store_unsuitable', again.uploadArtifact(await draftOf(noise(20)), place))
    expect(error.message).toContain('the file system is read-only')
    expect(error.retryable).toBe(false)
    expect(performance.now() - begin).toBeLessThan(5000)
  })

  test('that is full refuses an upload at once and keeps what it had', async () => {
    const disk = join(await temporaryFolder(), 'disk')
    mountMemory(disk, 'size=4m,mode=777')
    const session = await login({ store: join(disk, 'store'), quiet: true })
    await session.uploadArtifact(await draftOf(noise(10)), place)
    const large = await draftOf(noise(8 * 1024 * 1024, 3))
    const error = await errorOf('insufficient_storage', session.uploadArtifact(large, place))
    expect(error.message).toContain('the disk is full')
    expect((await session.getArtifact('sample', 'dataset', 'latest', place)).tag).toBe('V1')
  })
})
