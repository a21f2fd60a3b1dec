import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { openObjectStore } from '@trackway/server/node'
import { expect, test } from 'vitest'
import { Artifact } from '../src/index.ts'
import { noise, startServer, temporaryFolder, testKey } from './test-server.ts'

const stores = process.env['TRACKWAY_TEST_S3']?.split(' ') ?? []

test.runIf(stores.length === 0)('presigned URLs lead to a bucket', ({ skip }) =>
  skip('TRACKWAY_TEST_S3 does not name a store'),
)

test.each(stores)(
  'the bytes of large blobs are sent to %s directly, and fetched from there',
  async (location) => {
    const store = await openObjectStore(location.replace('?', `/${randomUUID()}?`), { signing: true })
    const asked: Request[] = []
    const server = await startServer({
      store,
      elsewhere(request) {
        asked.push(request)
        return globalThis.fetch(request)
      },
    })
    const artifact = new Artifact('sample', 'dataset')
    // Cut so that the last chunk is not a small one.
    await artifact.add(noise(6 * 1024 * 1024 - 200 * 1024, 1), { name: 'large' })
    await artifact.add(noise(300 * 1024, 2), { name: 'medium' })
    await artifact.add(noise(1024, 3), { name: 'small' })
    expect(await server.session.uploadArtifact(artifact)).toMatchObject({ tag: 'V1' })
    expect(server.sentBytes()).toBeLessThan(4 * 1024)

    server.forget()
    const target = join(await temporaryFolder(), 'target')
    const stored = await server.session.getArtifact('sample', 'dataset', 'V1')
    await stored.download(target)
    expect(await stored.verify(target)).toMatchObject({ ok: true })
    expect(server.requests.filter((request) => request.includes('/blobs/sha256'))).toHaveLength(1)
    expect(asked.length).toBeGreaterThan(8)
    for (const { headers, url } of asked) expect(url + JSON.stringify([...headers])).not.toContain(testKey)
  },
)
