import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackTar } from 'modern-tar'
import { expect, test } from 'vitest'
import { Artifact, type Progress } from '../src/index.ts'
import { errorOf, noise, startServer, temporaryFolder, writeFiles, type TestServer } from './test-server.ts'
import { startWeb } from './web-server.ts'

const mebibyte = 1024 * 1024
const long = `${'folder/'.repeat(40)}file.txt`

async function store(server: TestServer, files: Record<string, Uint8Array | string>): Promise<Artifact> {
  const folder = await temporaryFolder()
  await writeFiles(folder, files)
  if ('run.sh' in files) await chmod(join(folder, 'run.sh'), 0o755)
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(folder)
  await server.session.uploadArtifact(artifact, { quiet: true })
  server.forget()
  return artifact
}

async function unpack(stream: ReadableStream<Uint8Array>) {
  const files = await unpackTar(stream)
  return new Map(files.map(({ header, data }) => [header.name, { header, bytes: data ?? new Uint8Array() }]))
}

function readAll(stream: ReadableStream<Uint8Array>): Promise<ArrayBuffer> {
  return new Response(stream).arrayBuffer()
}

test('an archive contains every file unchanged, and takes few requests', async () => {
  const server = await startServer()
  const small = Array.from(
    { length: 300 },
    (_, index) => [`small/${index}`, `${index} `.repeat(300)] as const,
  )
  const files: Record<string, Uint8Array | string> = {
    ...Object.fromEntries(small),
    'large.bin': noise(5 * mebibyte),
    'middle.bin': noise(mebibyte, 2),
    'again.bin': noise(5 * mebibyte),
    'run.sh': 'echo',
    'größe 名.txt': 'name',
    [long]: 'far below',
    empty: '',
  }
  const artifact = await store(server, files)
  const blob = await artifact.archive({ quiet: true }).blob()
  expect(blob.type).toBe('application/x-tar')
  expect((await unpack(blob.stream())).size).toBe(Object.keys(files).length)
  server.forget()
  const unpacked = await unpack(artifact.archive({ quiet: true }).stream())
  expect([...unpacked.keys()].sort()).toEqual(Object.keys(files).sort())
  for (const [path, content] of Object.entries(files))
    expect(Buffer.compare(unpacked.get(path)?.bytes ?? Buffer.of(), Buffer.from(content))).toBe(0)
  expect(unpacked.get('run.sh')?.header.mode).toBe(0o755)
  expect(unpacked.get('empty')?.header.mode).toBe(0o644)
  expect(server.requests.length).toBeLessThan(40)
})

test('an archive may contain a part of a version that another was made from', async () => {
  const server = await startServer()
  const artifact = await store(server, { 'a/1.csv': 'one', 'a/2.txt': 'two', 'b/3.csv': 'three' })
  artifact.remove('a/1.csv')
  await artifact.add(new TextEncoder().encode('new'), { name: 'a/4.csv' })
  await server.session.uploadArtifact(artifact, { quiet: true })
  const latest = await server.session.getArtifact('sample', 'dataset', 'latest', {})
  const unpacked = await unpack(
    latest.archive({ include: '**/*.csv', exclude: 'b/**', quiet: true }).stream(),
  )
  expect([...unpacked].map(([path, { bytes }]) => [path, new TextDecoder().decode(bytes)])).toEqual([
    ['a/4.csv', 'new'],
  ])
  await errorOf('option_invalid', readAll(latest.archive({ concurrency: 0 }).stream()))
  await errorOf('not_found', latest.archive({ include: 'nothing' }).blob())
})

test('an artifact that is not uploaded cannot be archived', async () => {
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new Uint8Array(3), { name: 'a' })
  expect(() => artifact.archive()).toThrow(expect.objectContaining({ code: 'option_invalid' }))
})

test('nothing is fetched before it is read, and little more than was read is fetched', async () => {
  const server = await startServer()
  const artifact = await store(server, { large: noise(28 * mebibyte) })
  const reader = artifact.archive({ quiet: true, concurrency: 2 }).stream().getReader()
  expect(server.requests).toEqual([])
  for (let bytes = 0; bytes < mebibyte; ) bytes += (await reader.read()).value?.length ?? mebibyte
  await reader.cancel()
  expect(server.requests.length).toBeGreaterThan(0)
  expect(server.requests.length).toBeLessThan(16) // Of about 30.
})

test('progress is reported, up to the last byte', async () => {
  const server = await startServer()
  const artifact = await store(server, { large: noise(6 * mebibyte), small: 'x', empty: '' })
  const told: Progress[] = []
  await readAll(
    artifact.archive({ quiet: true, onProgress: (progress) => void told.push(progress) }).stream(),
  )
  const totals = { files: 3, totalFiles: 3, bytes: 6 * mebibyte + 1, totalBytes: 6 * mebibyte + 1 }
  expect(told.at(-1)).toMatchObject({ phase: 'download', ...totals })
})

test('an abort ends the archive with an error', async () => {
  const server = await startServer()
  const artifact = await store(server, { large: noise(12 * mebibyte) })
  const controller = new AbortController()
  const reader = artifact.archive({ quiet: true, signal: controller.signal }).stream().getReader()
  await reader.read()
  controller.abort()
  await errorOf('aborted', readToEnd(reader))
  await errorOf('aborted', artifact.archive({ signal: AbortSignal.abort() }).blob())
})

async function readToEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

test.each([
  ['a small file', { 'a.txt': 'first', 'b.txt': 'second' }],
  ['a chunk of a large one', { large: noise(5 * mebibyte) }],
])(
  '%s that arrives wrong is fetched once more, and fails the archive if it stays wrong',
  async (_, files) => {
    const server = await startServer()
    const artifact = await store(server, files)
    let wrong = 1
    server.intercept(async (request) => {
      if (!new URL(request.url).pathname.includes('/blobs/') || wrong === 0) return undefined
      wrong -= 1
      const response = await server.fetch(request)
      const bytes = new Uint8Array(await response.arrayBuffer())
      bytes[0] = (bytes[0] ?? 0) ^ 1
      return new Response(bytes, response)
    })
    expect((await unpack(artifact.archive({ quiet: true }).stream())).size).toBe(Object.keys(files).length)
    wrong = 100
    await errorOf('integrity_error', readAll(artifact.archive({ quiet: true }).stream()))
  },
)

test('references are in the archive, and an archive of a reference that changed fails', async () => {
  const web = await startWeb({ '/there.txt': 'there' })
  const server = await startServer({ elsewhere: (request) => fetch(request) })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.addReference(`${web.url}/there.txt`)
  await artifact.add(new TextEncoder().encode('here'), { name: 'z.txt' })
  await server.session.uploadArtifact(artifact, { quiet: true })
  const files = await unpack(artifact.archive().stream())
  expect([...files].map(([path, { bytes }]) => [path, new TextDecoder().decode(bytes)])).toEqual([
    ['z.txt', 'here'],
    ['there.txt', 'there'],
  ])
  web.files.set('/there.txt', new TextEncoder().encode('other'))
  await errorOf('integrity_error', readAll(artifact.archive().stream()))
})

test('a reader that stops does not wait for a server that does not answer', {
  timeout: 5000,
}, async () => {
  const server = await startServer()
  const artifact = await store(server, { a: 'text' })
  const asked = Promise.withResolvers<void>()
  server.intercept((request) => {
    if (!new URL(request.url).pathname.includes('/blobs/')) return Promise.resolve(undefined)
    asked.resolve()
    return new Promise<never>(() => {})
  })
  for (const stream of [artifact.archive().stream(), artifact.entry('a').stream()]) {
    const reader = stream.getReader()
    const reading = reader.read()
    await asked.promise
    await reader.cancel()
    expect(await reading).toEqual({ done: true, value: undefined })
  }
})
