import { sha256, type Digest } from '@trackway/protocol'
import { expect, test } from 'vitest'
import type { LocatedEntry } from '../../src/version/located-entry.ts'
import { findBlobsToRepack } from '../../src/upload/blobs-to-repack.ts'
import { planFetches } from '../../src/read/plan-fetches.ts'

const sizes = { bundled: 256 * 1024, blob: 4 * 1024 * 1024, request: 8 * 1024 * 1024, digests: 1000 }
const fileBytes = 10_000
const isStored = () => true
let made = 0

function newDigest(): Digest {
  return sha256(new TextEncoder().encode(`blob ${(made += 1)}`))
}

/** Lays files end to end into bundles, as an upload does. */
function bundle(paths: readonly string[]): LocatedEntry[] {
  const inBundle = Math.floor(sizes.blob / fileBytes)
  const entries: LocatedEntry[] = []
  for (let first = 0; first < paths.length; first += inBundle) {
    const group = paths.slice(first, first + inBundle)
    const blob = { digest: newDigest(), size: group.length * fileBytes }
    for (const [index, path] of group.entries()) {
      const slices = [{ blob, offset: index * fileBytes, length: fileBytes }]
      entries.push({ path, size: fileBytes, digest: newDigest(), executable: false, slices })
    }
  }
  return entries
}

function pathsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index).padStart(6, '0'))
}

/** The cost of reading: requests, and bytes. */
function reading(entries: readonly LocatedEntry[]): { requests: number; bytes: number } {
  const fetches = planFetches(entries)
  return { requests: fetches.length, bytes: fetches.reduce((sum, { start, end }) => sum + end - start, 0) }
}

test('a fresh upload is not repacked', () => {
  expect(findBlobsToRepack(bundle(pathsOf(10_000)), { sizes, isStored })).toEqual(new Set())
})

test('after a thousand versions with scattered changes, reading costs as much as after a fresh upload', () => {
  const paths = pathsOf(10_000)
  const fresh = reading(bundle(paths))
  const entries = new Map(bundle(paths).map((entry) => [entry.path, entry]))
  let written = 0
  for (let version = 2; version <= 1000; version += 1) {
    const changed = Array.from(
      { length: 100 },
      (_, index) => paths[(version * 7919 + index * 101) % 10_000] ?? '',
    )
    const blobsBefore = new Set(
      [...entries.values()].flatMap(({ slices }) => slices.map(({ blob }) => blob.digest)),
    )
    for (const entry of bundle([...new Set(changed)].sort())) entries.set(entry.path, entry)
    const all = [...entries.values()]
    const worst = findBlobsToRepack(all, { sizes, isStored: (digest) => blobsBefore.has(digest) })
    const again = all
      .filter(({ slices }) => slices.some(({ blob }) => worst.has(blob.digest)))
      .map(({ path }) => path)
    expect(again.length * fileBytes).toBeLessThanOrEqual(32 * 1024 * 1024)
    written += again.length * fileBytes
    for (const entry of bundle(again.sort())) entries.set(entry.path, entry)
  }
  const { requests, bytes } = reading([...entries.values()])
  expect(requests).toBeLessThanOrEqual(2 * fresh.requests)
  expect(bytes).toBeLessThanOrEqual(1.25 * fresh.bytes)
  // What is repacked, per byte that changed.
  expect(written / (999 * 100 * fileBytes)).toBeLessThan(6)
})

test('blobs that are not stored yet are kept', () => {
  const scattered = pathsOf(500).flatMap((path) => bundle([path]))
  expect(findBlobsToRepack(scattered, { sizes, isStored: () => false })).toEqual(new Set())
  expect(findBlobsToRepack(scattered, { sizes, isStored }).size).toBeGreaterThan(400)
})

test('a repacking that saves next to nothing is not done', () => {
  expect(findBlobsToRepack([...bundle(['a']), ...bundle(['b'])], { sizes, isStored })).toEqual(new Set())
})
