import { collectBytes } from '../byte-stream.ts'
import type { ByteRange, ByteStream, ListOptions, ListPage, ObjectStore } from '../object-store.ts'

/** One check that a store must pass. */
export interface StoreCheck {
  /** The promise, in a few words. */
  property: string
  /** Whether the probe runs it on every store that is opened; the others take longer. */
  quick: boolean
  /** Throws an error that says what went wrong. */
  run: (store: ObjectStore, target: CheckTarget) => Promise<void>
}

/**
 * Where a check writes. Keys begin with the folder and contain the id, so that checks in several processes
 * don't meet; the id is in the last segment, since a directory store keeps every folder that it ever made.
 */
export interface CheckTarget {
  /** Ends with a slash. */
  folder: string
  /** Letters and digits. */
  id: string
}

export function demand(condition: boolean, complaint: string): asserts condition {
  if (!condition) throw new Error(complaint)
}

export function demandBytes(actual: Uint8Array | undefined, expected: Uint8Array, what: string): void {
  demand(actual !== undefined, `${what} is missing`)
  demand(
    actual.length === expected.length,
    `${what} has ${actual.length} bytes instead of ${expected.length}`,
  )
  const wrong = actual.findIndex((byte, index) => byte !== expected[index])
  demand(wrong === -1, `${what} differs from what was stored at byte ${wrong}`)
}

export function demandKeys(actual: string[], expected: string[], what: string): void {
  const isSame = actual.length === expected.length && actual.every((key, index) => key === expected[index])
  demand(isSame, `${what} returns ${abbreviate(actual)} instead of ${abbreviate(expected)}`)
}

function abbreviate(keys: string[]): string {
  const more = keys.length > 12 ? `, … (${keys.length})` : ''
  return `[${keys.slice(0, 12).join(', ')}${more}]`
}

/** Bytes that look random but are the same each time. */
export function makeBytes(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed * 2_654_435_761 + 1
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    bytes[index] = state >>> 24
  }
  return bytes
}

export async function readObject(
  store: ObjectStore,
  key: string,
  range?: ByteRange,
): Promise<Uint8Array | undefined> {
  const object = await store.get(key, range)
  return object && (await collectBytes(object.body))
}

/** All pages of a listing, and how many there were. */
export async function listAll(
  store: ObjectStore,
  options: ListOptions,
): Promise<ListPage & { pages: number }> {
  const all: ListPage & { pages: number } = { objects: [], prefixes: [], pages: 0 }
  let after = options.after
  do {
    const page = await store.list(after === undefined ? options : { ...options, after })
    all.objects.push(...page.objects)
    all.prefixes.push(...page.prefixes)
    all.pages += 1
    demand(page.next === undefined || after === undefined || page.next > after, 'A listing does not advance')
    after = page.next
  } while (after !== undefined)
  return all
}

export async function inParallel<T>(
  items: T[],
  atOnce: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of left) await act(item)
    }),
  )
}

export async function* streamOf(...pieces: Uint8Array[]): ByteStream {
  yield* pieces
}
