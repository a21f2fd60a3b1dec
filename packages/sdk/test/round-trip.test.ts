import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { openDirectoryStore } from '@trackway/server/node'
import { expect, test } from 'vitest'
import { Artifact } from '../src/index.ts'
import { noise, startServer, temporaryFolder, writeFiles } from './test-server.ts'

const KiB = 1024
const MiB = 1024 * KiB

const samples = {
  empty: new Uint8Array(),
  'one-byte': noise(1, 2),
  'bundled/below': noise(256 * KiB - 1, 3),
  'bundled/at': noise(256 * KiB, 4),
  'blob/just-above': noise(256 * KiB + 1, 5),
  'blob/below': noise(4 * MiB - 1, 6),
  'blob/at': noise(4 * MiB, 7),
  'chunks/just-above': noise(4 * MiB + 1, 8),
  'chunks/large': noise(20 * MiB, 9),
  'names/größe-😀-\u{10ffff}.txt': 'unicode',
  'names/\uE000.txt': 'sorts before characters beyond U+FFFF in UTF-8 alone',
  'twins/a': 'the same content',
  'twins/b': 'the same content',
  'run.sh': '#!/bin/sh\n',
}

test.each(['memory', 'directory'])(
  'every size of file comes back bit for bit from a %s store',
  async (kind) => {
    const folder = await temporaryFolder()
    const store = kind === 'directory' ? { store: await openDirectoryStore(join(folder, 'store')) } : {}
    const { session } = await startServer(store)
    await writeFiles(join(folder, 'data'), samples)
    await chmod(join(folder, 'data/run.sh'), 0o755)

    const artifact = new Artifact('sample', 'dataset')
    await artifact.add(join(folder, 'data'))
    const result = await session.uploadArtifact(artifact)
    expect(result).toMatchObject({
      tag: 'V1',
      created: true,
      base: undefined,
      fileCount: Object.keys(samples).length,
    })
    expect(artifact).toMatchObject({ tag: 'V1', digest: result.digest })

    const stored = await session.getArtifact('sample', 'dataset')
    const target = await stored.download(join(folder, 'out'))
    for (const [path, content] of Object.entries(samples)) {
      expect(Buffer.from(content).equals(await readFile(join(target, path))), path).toBe(true)
    }
    expect((await stat(join(target, 'run.sh'))).mode & 0o111).not.toBe(0)
    expect((await stat(join(target, 'one-byte'))).mode & 0o111).toBe(0)
    expect(await stored.verify(join(folder, 'data'))).toEqual({
      ok: true,
      missing: [],
      changed: [],
      extra: [],
    })

    await writeFile(join(folder, 'SHA256SUMS'), await stored.checksums())
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', join(folder, 'SHA256SUMS')], { cwd: target })
  },
)

test('a version after one change sends only what is new', async () => {
  const server = await startServer()
  const folder = await temporaryFolder()
  const names = Array.from({ length: 2000 }, (_, index) => `part-${index % 10}/file-${index}.bin`)
  await writeFiles(folder, Object.fromEntries(names.map((name, index) => [name, noise(1000, index + 1)])))
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(folder)
  await server.session.uploadArtifact(artifact)
  expect(server.requests.length).toBeLessThan(8)
  expect(server.sentBytes()).toBeGreaterThan(2_000_000)

  server.forget()
  await artifact.add(noise(1000, 5000), { name: 'part-3/file-3.bin' })
  const second = await server.session.uploadArtifact(artifact)
  expect(second).toMatchObject({
    tag: 'V2',
    base: 'V1',
    fileCount: 2000,
    size: 2_000_000,
    uploadedBytes: 1000,
    reusedBytes: 1_999_000,
  })
  expect(server.sentBytes()).toBeLessThan(2000)
  // Is V1 unchanged; missing blobs; the blobs; the manifest; the version.
  expect(server.requests).toHaveLength(5)

  server.forget()
  const again = new Artifact('sample', 'dataset')
  await again.add(folder)
  const third = await server.session.uploadArtifact(again)
  expect(third).toMatchObject({ tag: 'V3', base: 'V2', uploadedBytes: 1000 })
})

test('a byte in the middle of a large file costs a chunk', async () => {
  const server = await startServer()
  const bytes = noise(24 * MiB, 11)
  const artifact = new Artifact('weights', 'model')
  await artifact.add(bytes, { name: 'weights.bin' })
  await server.session.uploadArtifact(artifact)
  const changed = bytes.slice()
  changed.fill(0, 12 * MiB, 12 * MiB + 1)
  await artifact.add(changed, { name: 'weights.bin' })
  const { uploadedBytes, tag } = await server.session.uploadArtifact(artifact)
  expect(tag).toBe('V2')
  expect(uploadedBytes).toBeLessThan(9 * MiB)
  const stored = await server.session.getArtifact('weights', 'model')
  expect(Buffer.from(await stored.entry('weights.bin').bytes()).equals(changed)).toBe(true)
})

test('the same content creates nothing, whatever it started from', async () => {
  const { session } = await startServer()
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new TextEncoder().encode('a'), { name: 'a' })
  await session.uploadArtifact(artifact)
  const expected = { tag: 'V1', created: false, uploadedBytes: 0, reusedBytes: 1 }
  expect(await session.uploadArtifact(artifact)).toMatchObject(expected)
  const fresh = new Artifact('sample', 'dataset')
  await fresh.add(new TextEncoder().encode('a'), { name: 'a' })
  expect(await session.uploadArtifact(fresh)).toMatchObject(expected)
  expect(fresh.tag).toBe('V1')
})
