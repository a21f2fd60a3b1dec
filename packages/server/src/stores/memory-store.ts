import { concatenateBytes } from '@trackway/protocol'
import { callback, checkOptions, type KindsOf } from '@trackway/protocol/options'
import { clampRange } from './byte-range.ts'
import { collectBytes, drainBytes, isStream, piecesOf } from './byte-stream.ts'
import { assertObjectKey } from './object-key.ts'
import type {
  ByteStream,
  ListOptions,
  ListPage,
  ObjectBody,
  ObjectInfo,
  ObjectStore,
} from './object-store.ts'
import { createSortedKeys, type SortedKeys } from './sorted-keys.ts'

/** Options of a memory store. */
export interface MemoryStoreOptions {
  /** The store's clock, in milliseconds, from which ages follow. Default: `Date.now`. */
  now?: (() => number) | undefined
}

const optionKinds = { now: callback('Date.now') } satisfies KindsOf<MemoryStoreOptions>

interface StoredObject {
  bytes: Uint8Array
  storedAt: number
}

const pieceSize = 1024 * 1024

/**
 * A store in this process's memory: for the mock server, for tests, and in browsers. It keeps every
 * promise of an object store except durability.
 */
export function createMemoryStore(given: MemoryStoreOptions = {}): ObjectStore {
  checkOptions('createMemoryStore', given, optionKinds)
  const { now = Date.now } = given
  const objects = new Map<string, StoredObject>()
  const keys = createSortedKeys()

  function describe(key: string, { bytes, storedAt }: StoredObject): ObjectInfo {
    return { key, size: bytes.length, ageMs: now() - storedAt }
  }

  async function head(key: string): Promise<ObjectInfo | undefined> {
    assertObjectKey(key)
    const object = objects.get(key)
    return object && describe(key, object)
  }

  const get: ObjectStore['get'] = async (key, range) => {
    assertObjectKey(key)
    const object = objects.get(key)
    if (object === undefined) return undefined
    const { start, end } = clampRange(range, object.bytes.length)
    return { ...describe(key, object), body: readPieces(object.bytes.subarray(start, end)) }
  }

  async function putIfAbsent(key: string, body: ObjectBody): Promise<boolean> {
    assertObjectKey(key)
    if (objects.has(key)) {
      if (isStream(body)) await drainBytes(body)
      return false
    }
    // A copy: the caller may reuse its memory.
    const bytes = isStream(body)
      ? await collectBytes(body)
      : concatenateBytes(piecesOf(body).map((piece) => new Uint8Array(piece)))
    // Nothing is awaited from here on, so that no other put comes between the check and the write.
    if (objects.has(key)) return false
    objects.set(key, { bytes, storedAt: now() })
    keys.add(key)
    return true
  }

  async function list(options: ListOptions): Promise<ListPage> {
    const page: ListPage = { objects: [], prefixes: [] }
    let left = options.limit ?? 1000
    let last: string | undefined
    for (const { key, folded } of walk(keys, options)) {
      if (left === 0) return last === undefined ? page : { ...page, next: last }
      const object = objects.get(key)
      if (folded) page.prefixes.push(key)
      else if (object !== undefined) page.objects.push(describe(key, object))
      last = key
      left -= 1
    }
    return page
  }

  async function remove(key: string): Promise<void> {
    assertObjectKey(key)
    if (objects.delete(key)) keys.delete(key)
  }

  return { description: 'memory', isLocal: true, get, head, putIfAbsent, list, delete: remove }
}

/** The keys and folded prefixes that a listing shows, in order. */
function* walk(keys: SortedKeys, { prefix, after = '', delimiter }: ListOptions) {
  let position = keys.positionOf(after > prefix ? after : prefix)
  for (;;) {
    const key = keys.at(position)
    if (key === undefined || !key.startsWith(prefix)) return
    const slash = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length)
    const shown = slash === -1 ? key : key.slice(0, slash + 1)
    if (shown > after) yield { key: shown, folded: slash !== -1 }
    // '0' follows '/' in ASCII: the first key that can come after everything that was folded.
    position = slash === -1 ? position + 1 : keys.positionOf(`${key.slice(0, slash)}0`)
  }
}

/** Copies, so that no reader can change what is stored. */
async function* readPieces(bytes: Uint8Array): ByteStream {
  for (let start = 0; start < bytes.length; start += pieceSize) yield bytes.slice(start, start + pieceSize)
}
