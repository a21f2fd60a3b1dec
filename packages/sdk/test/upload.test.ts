import { appendFile, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import {
  errorOf,
  noise,
  refusal,
  startServer,
  temporaryFolder,
  writeFiles,
  type TestServer,
} from './test-server.ts'
import { fileSource } from '../src/disk/files/file-source.ts'
import { Artifact, type Progress } from '../src/index.ts'

vi.mock(import('../src/disk/files/file-source.ts'), { spy: true })

const MiB = 1024 * 1024
const text = (content: string) => new TextEncoder().encode(content)

async function draftOf(files: Record<string, string | Uint8Array>): Promise<Artifact> {
  const artifact = new Artifact('sample', 'dataset')
  for (const [name, content] of Object.entries(files)) {
    await artifact.add(typeof content === 'string' ? text(content) : content, { name })
  }
  return artifact
}

async function readAll({ session }: TestServer, revision?: string): Promise<Record<string, string>> {
  const artifact = await session.getArtifact('sample', 'dataset', revision)
  return Object.fromEntries(
    await Promise.all(artifact.entryList.map(async (entry) => [entry.path, await entry.text()])),
  )
}

async function put(artifact: Artifact, name: string, content: string): Promise<void> {
  await artifact.add(text(content), { name })
}

test('an artifact without entries is refused', async () => {
  const { session } = await startServer()
  await errorOf('artifact_empty', session.uploadArtifact(new Artifact('sample', 'dataset')))
})

test('changing, adding and removing make the next version, and a draft names its base', async () => {
  const server = await startServer()
  await server.session.uploadArtifact(await draftOf({ a: '1', b: '1', c: '1' }))
  const artifact = await server.session.getArtifact('sample', 'dataset')
  expect(artifact).toMatchObject({ tag: 'V1', base: undefined })
  artifact.remove('a')
  await put(artifact, 'b', '2')
  await put(artifact, 'd', '2')
  expect(artifact).toMatchObject({ tag: undefined, digest: undefined, base: 'V1', fileCount: 3 })
  artifact.description = 'second'
  artifact.metadata = { score: 2 }
  const result = await server.session.uploadArtifact(artifact)
  expect(result).toMatchObject({ tag: 'V2', base: 'V1', created: true, fileCount: 3, size: 3 })
  expect(artifact).toMatchObject({ tag: 'V2', base: 'V1', digest: result.digest })
  expect(await readAll(server)).toEqual({ b: '2', c: '1', d: '2' })
  expect(await readAll(server, 'V1')).toEqual({ a: '1', b: '1', c: '1' })
  const second = await server.session.getArtifact('sample', 'dataset', result.digest.slice(0, 20))
  expect(second).toMatchObject({ description: 'second', metadata: { score: 2 } })
})

test('an executable bit alone makes a version', async () => {
  const { session } = await startServer()
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'run'), 'x', { mode: 0o644 })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(folder)
  await session.uploadArtifact(artifact)
  await rm(join(folder, 'run'))
  await writeFile(join(folder, 'run'), 'x', { mode: 0o755 })
  await artifact.add(folder)
  expect(await session.uploadArtifact(artifact)).toMatchObject({ tag: 'V2', created: true, uploadedBytes: 0 })
})

test('two uploads from one version both make versions by default', async () => {
  const server = await startServer()
  await server.session.uploadArtifact(await draftOf({ a: '1' }))
  const [ours, theirs] = await Promise.all([
    server.session.getArtifact('sample', 'dataset'),
    server.session.getArtifact('sample', 'dataset'),
  ])
  await put(ours, 'ours', '1')
  await put(theirs, 'theirs', '1')
  const results = await Promise.all([
    server.session.uploadArtifact(ours),
    server.session.uploadArtifact(theirs),
  ])
  expect(results.map((result) => result.tag).sort()).toEqual(['V2', 'V3'])
  expect(results.map((result) => result.base)).toEqual(['V1', 'V1'])
})

test('with onConflict fail the second one is refused, names the latest, and is as it was', async () => {
  const server = await startServer()
  await server.session.uploadArtifact(await draftOf({ a: '1' }))
  const ours = await server.session.getArtifact('sample', 'dataset')
  const theirs = await server.session.getArtifact('sample', 'dataset')
  await put(theirs, 'a', '2')
  await server.session.uploadArtifact(theirs)
  await put(ours, 'a', '3')
  const error = await errorOf('tag_conflict', server.session.uploadArtifact(ours, { onConflict: 'fail' }))
  expect(error.details).toMatchObject({ current: 'V2' })
  expect(ours).toMatchObject({ tag: undefined, base: 'V1' })
  expect(await server.session.uploadArtifact(ours)).toMatchObject({ tag: 'V3', base: 'V1' })
})

test('with onConflict merge the changes of many writers all survive', async () => {
  const server = await startServer()
  await server.session.uploadArtifact(await draftOf({ shared: '1', gone: '1' }))
  const writers = await Promise.all(
    [1, 2, 3, 4].map(async (writer) => {
      const artifact = await server.session.getArtifact('sample', 'dataset')
      await put(artifact, `writer-${writer}`, 'x')
      if (writer === 1) artifact.remove('gone')
      return artifact
    }),
  )
  const uploads = writers.map((artifact) => server.session.uploadArtifact(artifact, { onConflict: 'merge' }))
  const tags = (await Promise.all(uploads)).map((result) => result.tag)
  expect(tags.sort()).toEqual(['V2', 'V3', 'V4', 'V5'])
  expect(Object.keys(await readAll(server))).toEqual([
    'shared',
    'writer-1',
    'writer-2',
    'writer-3',
    'writer-4',
  ])
  const last = writers.find((artifact) => artifact.tag === 'V5')
  expect(last).toMatchObject({ base: 'V4', fileCount: 5 })
})

test('a merge with conflicts names the paths, and creates nothing', async () => {
  const server = await startServer()
  await server.session.uploadArtifact(await draftOf({ a: '1', b: '1' }))
  const ours = await server.session.getArtifact('sample', 'dataset')
  const theirs = await server.session.getArtifact('sample', 'dataset')
  await put(theirs, 'a', '2')
  await server.session.uploadArtifact(theirs)
  await put(ours, 'a', '3')
  const error = await errorOf('merge_conflict', server.session.uploadArtifact(ours, { onConflict: 'merge' }))
  expect(error.details).toMatchObject({ paths: ['a'] })
  expect(await readAll(server)).toEqual({ a: '2', b: '1' })
  expect(ours).toMatchObject({ tag: undefined, base: 'V1' })
  expect(await ours.entry('a').text()).toBe('3')
})

test('a requested tag must be the next one', async () => {
  const { session } = await startServer()
  await errorOf('revision_invalid', session.uploadArtifact(await draftOf({ a: '1' }), { tag: 'first' }))
  await errorOf('tag_out_of_order', session.uploadArtifact(await draftOf({ a: '1' }), { tag: 'V2' }))
  const both = { tag: 'V1', onConflict: 'merge' } as const
  await errorOf('option_invalid', session.uploadArtifact(await draftOf({ a: '1' }), both))
  expect(await session.uploadArtifact(await draftOf({ a: '1' }), { tag: 'V1' })).toMatchObject({ tag: 'V1' })
  await errorOf('tag_conflict', session.uploadArtifact(await draftOf({ a: '2' }), { tag: 'V1' }))
})

test.each([1000, MiB, 9 * MiB])(
  'a file of %i bytes that is written to while it is read is named',
  async (size) => {
    const server = await startServer()
    const path = join(await temporaryFolder(), 'growing')
    await writeFile(path, noise(size))
    const changes = [
      () => appendFile(path, 'more'),
      () => truncate(path, 10),
      () => utimes(path, new Date(0), new Date(0)),
    ]
    for (const change of changes) {
      await writeFile(path, noise(size))
      const source = fileSource(path)
      const artifact = new Artifact('sample', 'dataset')
      vi.mocked(fileSource).mockReturnValueOnce({
        label: path,
        async open() {
          const content = await source.open()
          return {
            ...content,
            async *read(start, end) {
              yield* content.read(start, Math.min(end, start + 1))
              await change()
              yield* content.read(start + 1, end)
            },
          }
        },
      })
      onTestFinished(() => void vi.restoreAllMocks())
      await artifact.add(path)
      const error = await errorOf('file_changed', server.session.uploadArtifact(artifact))
      expect(error.message).toContain(path)
    }
  },
)

test('an error names a file that was removed after it was added', async () => {
  const { session } = await startServer()
  const folder = await temporaryFolder()
  await writeFiles(folder, { a: '1', b: '1' })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(folder)
  await rm(join(folder, 'b'))
  expect((await errorOf('file_not_found', session.uploadArtifact(artifact))).message).toContain(
    join(folder, 'b'),
  )
})

test('a large stream is spooled until it is uploaded, and can be uploaded again after a failure', async () => {
  const spools = await temporaryFolder()
  vi.stubEnv('TMPDIR', spools)
  onTestFinished(() => void vi.unstubAllEnvs())
  const server = await startServer()
  const bytes = noise(9 * MiB)
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new Blob([bytes.slice()]).stream(), { name: 'large' })
  expect(await readdir(spools)).toHaveLength(1)
  server.intercept((request) => (request.method === 'PUT' ? refusal() : undefined))
  await errorOf('forbidden', server.session.uploadArtifact(artifact))
  server.intercept(() => undefined)
  await server.session.uploadArtifact(artifact)
  expect(await readdir(spools)).toEqual([])
  expect(Buffer.from(await artifact.entry('large').bytes()).equals(bytes)).toBe(true)
})

test('blobs that the server turns out to lack are made and sent again', async () => {
  const server = await startServer()
  const folder = await temporaryFolder()
  await writeFiles(folder, { small: 'small', other: 'other', large: noise(9 * MiB) })
  server.intercept((request) =>
    request.url.endsWith('/blobs/missing') ? Response.json({ missing: [] }) : undefined,
  )
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(folder)
  expect(await server.session.uploadArtifact(artifact)).toMatchObject({ tag: 'V1', created: true })
  expect(await artifact.verify(folder)).toMatchObject({ ok: true })
})

test('an abort ends an upload, and nothing more is sent', async () => {
  const server = await startServer()
  const abort = new AbortController()
  const artifact = await draftOf({ a: noise(30 * MiB) })
  server.intercept((request) => {
    if (request.url.endsWith('/blobs')) abort.abort(new Error('enough'))
    return undefined
  })
  await errorOf('aborted', server.session.uploadArtifact(artifact, { signal: abort.signal }))
  const { length } = server.requests
  await new Promise((resolve) => setImmediate(resolve))
  expect(server.requests).toHaveLength(length)
  expect(server.requests.some((request) => request.includes('/versions') && request.startsWith('POST'))).toBe(
    false,
  )
  await errorOf('aborted', server.session.uploadArtifact(artifact, { signal: AbortSignal.abort() }))
})

test('a file that left a version and returns is sent again if it was in a bundle, but not if it is large', async () => {
  const { session } = await startServer()
  const kept = noise(3000, 1)
  const left = noise(4000, 2)
  const whole = { 'a.bin': kept, 'large.bin': noise(5 * MiB, 3), 'left.png': left }
  const sent: number[] = []
  for (const files of [whole, { 'a.bin': kept }, whole, { 'a.bin': kept }, whole]) {
    const { uploadedBytes } = await session.uploadArtifact(await draftOf(files))
    sent.push(uploadedBytes)
  }
  expect(sent).toEqual([5 * MiB + 7000, 0, left.length, 0, 0])
})

test('progress ends with everything', async () => {
  const { session } = await startServer()
  const told: Progress[] = []
  const artifact = await draftOf({ a: noise(5 * MiB), b: noise(1000), c: noise(1000) })
  await session.uploadArtifact(artifact, { onProgress: (progress) => told.push(progress) })
  const total = 5 * MiB + 2000
  expect(told.at(-1)).toMatchObject({
    phase: 'commit',
    files: 3,
    totalFiles: 3,
    bytes: total,
    totalBytes: total,
    reusedBytes: 1000,
    duplicateBytes: 1000,
  })
  await put(artifact, 'd', 'new')
  await session.uploadArtifact(artifact, { onProgress: (progress) => told.push(progress) })
  expect(told.at(-1)).toMatchObject({ files: 4, bytes: total + 3, reusedBytes: total, duplicateBytes: 0 })
})

test('a bundle of which little is still used is repacked', async () => {
  const server = await startServer()
  const files = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [`f${index}`, noise(100_000, index + 1)]),
  )
  const artifact = await draftOf(files)
  await server.session.uploadArtifact(artifact)
  for (let index = 2; index < 20; index += 1) artifact.remove(`f${index}`)
  expect(await server.session.uploadArtifact(artifact)).toMatchObject({ tag: 'V2', uploadedBytes: 200_000 })
  server.forget()
  const stored = await server.session.getArtifact('sample', 'dataset')
  for (const entry of stored.entryList) {
    expect(Buffer.from(await entry.bytes()).equals(files[entry.path] ?? new Uint8Array())).toBe(true)
  }
})

test('a version of another store or team is read there and stored here', async () => {
  const [here, there] = [await startServer(), await startServer()]
  const files = { small: 'small', other: 'other', large: noise(9 * MiB) }
  await there.session.uploadArtifact(await draftOf(files))
  const copied = await there.session.getArtifact('sample', 'dataset')
  const result = await here.session.uploadArtifact(copied)
  expect(result).toMatchObject({ tag: 'V1', created: true, base: undefined, digest: copied.digest })
  const stored = await here.session.getArtifact('sample', 'dataset')
  expect(Buffer.from(await stored.entry('large').bytes()).equals(files.large)).toBe(true)
  expect(await stored.entry('other').text()).toBe('other')
})

test('a server with low limits gets small requests', async () => {
  const limits = { requestBytes: 100_000, blobBytes: 40_000, digests: 3 }
  const server = await startServer({ limits })
  const files = { large: noise(5 * MiB), medium: noise(300_000, 2), a: noise(30_000, 3), b: noise(30_000, 4) }
  await server.session.uploadArtifact(await draftOf(files))
  const stored = await server.session.getArtifact('sample', 'dataset')
  for (const entry of stored.entryList) {
    expect(Buffer.from(await entry.bytes()).equals(Reflect.get(files, entry.path))).toBe(true)
  }
})
