import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { type AddableContent, Artifact } from '../src/index.ts'
import { errorOf, startServer } from './test-server.ts'

/** Objects of another realm, as in a test under Jest: `instanceof` does not know their class. */
function fromElsewhere(code: string): AddableContent {
  return runInNewContext(code) as AddableContent // As the code says.
}

test('bytes of another realm are added, and a stream may give them', async () => {
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(fromElsewhere('new Uint8Array([1, 2, 3])'), { name: 'bytes' })
  await artifact.add(fromElsewhere('new ArrayBuffer(4)'), { name: 'buffer' })
  await artifact.add(fromElsewhere('(async function* () { yield new Uint8Array(5) })()'), { name: 'stream' })
  expect(artifact.entryList.map(({ path, size }) => [path, size])).toEqual([
    ['buffer', 4],
    ['bytes', 3],
    ['stream', 5],
  ])
})

test('a Blob and a File are known by what they can do, whichever class they have', async () => {
  const bytes = new TextEncoder().encode('as a test’s DOM has it')
  const blob = {
    size: bytes.length,
    arrayBuffer: async () => bytes.buffer,
    slice: (start: number, end: number) => ({ arrayBuffer: async () => bytes.slice(start, end).buffer }),
  }
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(blob as unknown as AddableContent, { name: 'blob' }) // A Blob in all that is used of it.
  await artifact.add({ ...blob, name: 'file.txt' } as unknown as AddableContent) // And a File.
  const { session } = await startServer()
  await session.uploadArtifact(artifact)
  const stored = await session.getArtifact('sample', 'dataset')
  expect(await stored.entry('file.txt').text()).toBe('as a test’s DOM has it')
})

test('undefined and numbers are refused with our own message', async () => {
  for (const content of [undefined, null, 42]) {
    const adding = new Artifact('sample', 'dataset').add(content as unknown as AddableContent, { name: 'x' })
    await errorOf('option_invalid', adding)
  }
})
