import { type Digest, type Manifest, type VersionRecord } from '@trackway/protocol'
import { collectBytes } from '../stores/byte-stream.ts'
import type { ByteRange, ByteStream } from '../stores/object-store.ts'
import { createIndexReader, indexManifest, weighIndex, type Block } from './manifest-index.ts'
import { entryWith, pathsAround, placeOf, type StoredEntry } from './stored-entry.ts'
import { createWeighedCache } from './weighed-cache.ts'

/** The entries of a stored manifest, which is not held while they are used. */
export interface StoredEntries {
  /** The entry with this path, and its blobs. */
  find(path: string): Promise<StoredEntry | undefined>
  /** Paths to which one that is not there may be compared. */
  around(path: string): Promise<string[]>
  /** Every entry in turn. */
  all(): AsyncIterable<StoredEntry>
}

/** What reading entries rests on. */
export interface EntriesContext {
  /** A small manifest as a whole. */
  read(team: string, digest: Digest): Promise<Manifest>
  get(team: string, digest: Digest, range?: ByteRange): Promise<ByteStream>
  /** What an error says of a manifest that was right when it was stored. */
  damaged(team: string, digest: Digest, cause: unknown): unknown
}

/** Larger ones are not parsed as a whole: of each entry the lines are read that are needed. */
const wholeBytes = 1024 * 1024

/** Bytes that the indexes of large manifests may hold. */
const indexBytes = 16 * 1024 * 1024

/** Reads entries: of small manifests from the parsed whole, of large ones by an index over the stored bytes. */
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
    const named = (error: unknown): never => {
      throw context.damaged(team, digest, error)
    }
    return {
      find: (path) =>
        open()
          .then((reader) => reader.find(path))
          .catch(named),
      around: (path) =>
        open()
          .then((reader) => reader.around(path))
          .catch(named),
      async *all() {
        const entries = (await open().catch(named)).entries()
        for (;;) {
          const next = await entries.next().catch(named)
          if (next.done) return
          yield next.value
        }
      },
    }
  }
}

function readWhole({ entries, blobs }: Manifest): ReturnType<typeof createIndexReader> {
  const byNumber = { get: (index: number) => blobs[index] }
  return {
    async find(path) {
      const entry = entries[placeOf(entries, path)]
      return entry?.path === path ? entryWith(entry, byNumber) : undefined
    },
    async around(path) {
      return pathsAround(entries, placeOf(entries, path))
    },
    async *entries() {
      for (const entry of entries) yield entryWith(entry, byNumber)
    },
  }
}
