import type { Digest, Manifest, ManifestEntry, Part, VersionRecord } from '@trackway/protocol'
import { collectBytes } from '../stores/byte-stream.ts'
import type { ByteRange, ByteStream } from '../stores/object-store.ts'
import { createIndexReader, indexManifest, weighIndex, type Block } from './manifest-index.ts'
import {
  bytesOf,
  pathsAround,
  placeOf,
  storedEntry,
  type SomeParts,
  type StoredEntry,
} from './stored-entry.ts'
import { createWeighedCache } from './weighed-cache.ts'

/** The entries of a stored manifest, which is not kept in memory. */
export interface StoredEntries {
  /** The entry with this path. */
  find(path: string): Promise<StoredEntry | undefined>
  /** Paths to suggest in place of one that does not exist. */
  around(path: string): Promise<string[]>
  /** Every entry in turn. */
  all(): AsyncIterable<StoredEntry>
}

/** What reading entries depends on. */
export interface EntriesContext {
  /** A small manifest as a whole. */
  read(team: string, digest: Digest): Promise<Manifest>
  get(team: string, digest: Digest, range?: ByteRange): Promise<ByteStream>
  /** Describes damage of a manifest that was valid when it was stored. */
  damaged(team: string, digest: Digest, cause: unknown): unknown
}

/** Larger manifests are not parsed as a whole: only the lines that each entry needs are read. */
const wholeBytes = 1024 * 1024

/** Maximum bytes of the indexes of large manifests. */
const indexBytes = 16 * 1024 * 1024

/**
 * Reads entries: of small manifests from the parsed whole, of large ones with an index over the stored bytes.
 */
export function storedEntries(context: EntriesContext) {
  const indexes = createWeighedCache<Block[]>({ most: indexBytes, weigh: weighIndex })

  async function readIndex(team: string, digest: Digest) {
    const blocks = await indexes(`${team} ${digest}`, async () =>
      indexManifest(await context.get(team, digest), digest),
    )
    return createIndexReader(blocks, async (range) => collectBytes(await context.get(team, digest, range)))
  }

  return (team: string, { digest, size }: VersionRecord['manifest']): StoredEntries => {
    type Reader = ReturnType<typeof createIndexReader>
    let opened: Promise<Reader> | undefined
    const open = () => (opened ??= openReader())
    const openReader = async (): Promise<Reader> =>
      size > wholeBytes ? readIndex(team, digest) : readWhole(await context.read(team, digest))
    const fail = (error: unknown): never => {
      throw context.damaged(team, digest, error)
    }
    async function* named<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
      try {
        yield* items
      } catch (error) {
        throw context.damaged(team, digest, error)
      }
    }
    const withName = ({ entry, slices }: StoredEntry): StoredEntry => ({
      entry,
      slices: (range) => named(slices(range)),
    })
    return {
      find: (path) =>
        open()
          .then(async (reader) => {
            const found = await reader.find(path)
            return found && withName(found)
          })
          .catch(fail),
      around: (path) =>
        open()
          .then((reader) => reader.around(path))
          .catch(fail),
      async *all() {
        for await (const entry of named((await open().catch(fail)).entries())) yield withName(entry)
      },
    }
  }
}

function readWhole({ entries, blobs }: Manifest): ReturnType<typeof createIndexReader> {
  const byNumber = Promise.resolve({ get: (number: number) => blobs[number] })
  const read = (entry: ManifestEntry) =>
    storedEntry(
      entry,
      () => inGroups(entry.parts ?? []),
      () => byNumber,
    )
  return {
    async find(path) {
      const entry = entries[placeOf(entries, path)]
      return entry?.path === path ? read(entry) : undefined
    },
    async around(path) {
      return pathsAround(entries, placeOf(entries, path))
    },
    async *entries() {
      for (const entry of entries) yield read(entry)
    },
  }
}

const groupParts = 4_096

function* inGroups(parts: readonly Part[]): Generator<SomeParts> {
  let position = 0
  for (let at = 0; at < parts.length; at += groupParts) {
    const group = parts.slice(at, at + groupParts)
    yield { position, parts: group }
    position += bytesOf(group)
  }
}
