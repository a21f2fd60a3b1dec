import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openObjectStore } from '@trackway/server/node'
import { sha256 } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { Artifact, login } from '../src/index.ts'
import { errorOf, noise, temporaryFolder } from './test-server.ts'

const stores = process.env['TRACKWAY_TEST_S3']?.split(' ') ?? []

test.runIf(stores.length === 0)('references lead into a bucket', ({ skip }) =>
  skip('TRACKWAY_TEST_S3 does not name a store'),
)

test.each(stores)('an object in %s is versioned in place', async (bucket) => {
  const location = bucket.replace('?', `/${randomUUID()}?`)
  const store = await openObjectStore(location)
  const address = (key: string) => location.replace('?', `/${key}?`)
  const bytes = noise(9 * 1024 * 1024)
  await store.putIfAbsent('folder/file.bin', bytes)
  await store.putIfAbsent('gone', noise(10))
  const session = await login({ store: await temporaryFolder(), quiet: true })
  await session.init({ experiment: 'references' })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.addReference(address('folder/file.bin'))
  await artifact.addReference(address('gone'), { digest: sha256(noise(10)), size: 10 })
  await artifact.addReference(address('never'), { digest: sha256(noise(10)), size: 10 })
  await session.uploadArtifact(artifact)

  const stored = await session.getArtifact('sample', 'dataset')
  const entry = stored.entry('file.bin')
  expect(entry).toMatchObject({ size: bytes.length, digest: sha256(bytes) })
  expect(await entry.bytes({ start: 5_000_000, end: 5_000_010 })).toEqual(bytes.slice(5_000_000, 5_000_010))
  const target = await stored.download(join(await temporaryFolder(), 'target'), { include: '*.bin' })
  expect(Buffer.compare(await readFile(join(target, 'file.bin')), bytes)).toBe(0)

  await errorOf('not_found', stored.entry('never').bytes())
  for (const other of [noise(10, 2), noise(11)]) {
    await store.delete('gone')
    await store.putIfAbsent('gone', other)
    const { message } = await errorOf('integrity_error', stored.entry('gone').bytes())
    expect(message).toContain('gone at s3://')
  }
  const signal = AbortSignal.abort()
  await errorOf('aborted', artifact.addReference(address('folder/file.bin'), { name: 'b', signal }))
})
