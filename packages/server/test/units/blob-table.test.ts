import { sha256, type Digest } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { createBlobTable } from '../../src/engine/blob-table.ts'

const digestOf = (number: number): Digest => sha256(new TextEncoder().encode(`${number}`))

test('a blob table keeps blobs in their order, each once, and finds their sizes', () => {
  const table = createBlobTable()
  const blobs = Array.from({ length: 20_000 }, (_, number) => ({
    digest: digestOf(number),
    size: number + 1,
  }))
  expect(blobs.every((blob) => table.add(blob))).toBe(true)
  expect(blobs.some((blob) => table.add({ ...blob, size: 7 }))).toBe(false)
  expect([...table]).toEqual(blobs)
  expect(table.length).toBe(blobs.length)
  expect(blobs.map((_, number) => table.sizeAt(number))).toEqual(blobs.map(({ size }) => size))
  expect(blobs.map(({ digest }) => table.sizeOf(digest))).toEqual(blobs.map(({ size }) => size))
  expect([table.sizeAt(blobs.length), table.sizeOf(digestOf(-1))]).toEqual([undefined, undefined])
})

test('digests that differ in one place are different blobs', () => {
  const table = createBlobTable()
  const zeros = '0'.repeat(64)
  const digests = Array.from(
    { length: 64 },
    (_, at): Digest => `sha256:${zeros.slice(0, at)}f${zeros.slice(at + 1)}`,
  )
  expect(digests.every((digest) => table.add({ digest, size: 1 }))).toBe(true)
  expect([...table].map(({ digest }) => digest)).toEqual(digests)
})
