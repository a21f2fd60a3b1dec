import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { runInNewContext } from 'node:vm'
import { TrackwayError } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { type AddableContent, type AddOptions, Artifact } from '../src/index.ts'
import { errorOf, temporaryFolder } from './test-server.ts'

const draft = () => new Artifact('sample', 'dataset')
const text = (content: string) => new TextEncoder().encode(content)

async function* generate(...pieces: string[]) {
  for (const piece of pieces) yield text(piece)
}

async function usedUp<Stream extends AsyncIterable<unknown>>(stream: Stream): Promise<Stream> {
  for await (const _ of stream);
  return stream
}

async function partlyRead(): Promise<ReadableStream<Uint8Array>> {
  const stream = Readable.toWeb(Readable.from([text('a'), text('b')])) as ReadableStream<Uint8Array>
  const reader = stream.getReader()
  await reader.read()
  reader.releaseLock()
  return stream
}

async function usedBody(): Promise<ReadableStream<Uint8Array> | null> {
  const response = new Response('content')
  await response.text()
  return response.body
}

const used: [string, () => Promise<unknown>][] = [
  ['a generator at its end', () => usedUp(generate('a'))],
  ['a generator that yields nothing', async () => generate()],
  ['a Node stream at its end', () => usedUp(Readable.from([text('a')]))],
  ['a destroyed Node stream', async () => Readable.from([text('a')]).destroy()],
  ['a web stream at its end', () => usedUp(new Blob(['a']).stream())],
  ['a web stream that was partly read', partlyRead],
  ['the body of a response that was read', usedBody],
  [
    'a locked stream',
    async () => {
      const stream = new Blob(['a']).stream()
      stream.getReader()
      return stream
    },
  ],
]

test.each(used)('%s is refused and adds nothing', async (_, make) => {
  const artifact = draft()
  const content = (await make()) as AddableContent
  const error = await errorOf('option_invalid', artifact.add(content, { name: 'x' }))
  expect(error.message).toMatch(/stream for x: .*new Uint8Array\(0\)/)
  expect(artifact.fileCount).toBe(0)
})

test('a new stream that is empty is an empty file', async () => {
  const artifact = draft()
  await artifact.add(new Blob([]).stream(), { name: 'web' })
  await artifact.add(Readable.from([]), { name: 'node' })
  await artifact.add({ [Symbol.asyncIterator]: () => generate() }, { name: 'iterable' })
  expect(artifact.entryList.map(({ path, size }) => [path, size])).toEqual([
    ['iterable', 0],
    ['node', 0],
    ['web', 0],
  ])
})

const silent: [string, () => AddableContent][] = [
  ['of the web', () => new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) })],
  ['of Node', () => new Readable({ read() {} })],
  [
    'from a generator',
    () =>
      (async function* () {
        yield text('a')
        await new Promise(() => {})
      })(),
  ],
]

test.each(silent)('the signal ends the adding of a stream %s that hangs', async (_, make) => {
  const ending = new AbortController()
  const adding = draft().add(make(), { name: 'x', signal: ending.signal })
  ending.abort()
  await errorOf('aborted', adding)
})

test('a stream that fails is an error that names the entry and the cause', async () => {
  const cause = new Error('the source broke')
  const failing = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(cause) })
  const error = await errorOf('file_error', draft().add(failing, { name: 'a/b' }))
  expect(error.message).toContain('a/b: it failed: the source broke')
  expect(error.cause).toBe(cause)
  const destroyed = new Readable({ read() {} }).on('error', () => {}).destroy(cause)
  expect((await errorOf('file_error', draft().add(destroyed, { name: 'x' }))).cause).toBe(cause)
  const stored = new TrackwayError('integrity_error', 'Reading a: it is damaged')
  const damaged = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(stored) })
  expect(await errorOf('integrity_error', draft().add(damaged, { name: 'x' }))).toBe(stored)
})

test.each([
  [null, 'null'],
  ['x', "'x'"],
  [{ name: 7 }, '{ name }'],
  [{ name: 'x', ignore: [/a/] }, '{ ignore }'],
] as [unknown, string][])('the options %o are refused', async (options, words) => {
  // As callers without types can.
  const error = await errorOf('option_invalid', draft().add(text('a'), options as AddOptions))
  expect(error.message).toContain(words)
})

test.each([
  [null, 'null cannot'],
  [undefined, 'undefined cannot'],
  [7, 'A number'],
  [{ rows: 1 }, 'A plain object'],
  [[1, 2], 'An Array'],
  [new Float32Array(4), 'new Uint8Array(x.buffer, x.byteOffset, x.byteLength)'],
  [new DataView(new ArrayBuffer(2)), 'new Uint8Array(x.buffer'],
  [new Response('x'), 'body'],
  [{ [Symbol.asyncIterator]: 1 }, 'A plain object'],
] as [unknown, string][])('%s cannot be added, and the error says what can be', async (content, words) => {
  // As callers without types can.
  const error = await errorOf('option_invalid', draft().add(content as AddableContent, { name: 'x' }))
  expect(error.message).toContain(words)
})

test('a URL of anything but a local file is refused, as a URL and as a string', async () => {
  for (const content of [
    new URL('file://host/share/x'),
    'file:///tmp/x',
    'https://host/x',
    new URL('https://host/x'),
  ]) {
    const error = await errorOf('file_unsupported', draft().add(content))
    expect(error.message).toContain(String(content))
  }
  await errorOf('file_unsupported', draft().verify('file:///tmp/x'))
  const folder = await temporaryFolder()
  await draft().add(pathToFileURL(folder))
})

test('bytes of another realm are bytes', async () => {
  const artifact = draft()
  await artifact.add(runInNewContext('new Uint8Array([97])') as Uint8Array, { name: 'a' })
  await artifact.add(runInNewContext('new Uint8Array([97]).buffer') as ArrayBuffer, { name: 'b' })
  expect(await Promise.all(artifact.entryList.map((entry) => entry.text()))).toEqual(['a', 'a'])
})

test('a Blob that yields fewer bytes than its size is not accepted as complete', async () => {
  const blob = new Blob(['abc'])
  Object.defineProperty(blob, 'size', { value: 9 })
  const artifact = draft()
  await artifact.add(blob, { name: 'x' })
  await errorOf('file_changed', artifact.entry('x').bytes())
})

test('names are found in any Unicode form', async () => {
  const artifact = draft()
  await artifact.add(text('1'), { name: 'e\u0301/e\u0301.txt' })
  expect(artifact.entry('\u00e9/e\u0301.txt').path).toBe('\u00e9/\u00e9.txt')
  artifact.remove('e\u0301/')
  expect(artifact.fileCount).toBe(0)
  await artifact.add(text('1'), { name: '\u00e9' })
  artifact.remove('e\u0301')
  expect(artifact.fileCount).toBe(0)
})

test('bytes whose memory was transferred are refused, and not stored as an empty file', async () => {
  const transfer = (memory: ArrayBuffer) => void structuredClone(memory, { transfer: [memory] })
  const [memory, bytes] = [new ArrayBuffer(3), text('abc')]
  transfer(memory)
  transfer(bytes.buffer)
  for (const content of [memory, bytes]) {
    const { message } = await errorOf('option_invalid', draft().add(content, { name: 'x' }))
    expect(message).toContain('their memory was transferred')
  }
  const later = text('later')
  const artifact = draft()
  await artifact.add(later, { name: 'x' })
  transfer(later.buffer)
  await errorOf('option_invalid', artifact.entry('x').text())
  await artifact.add(new Uint8Array(0), { name: 'empty' })
  expect(await artifact.entry('empty').text()).toBe('')
})
