import { digestHex, type Digest, type ManifestBlob } from '@trackway/protocol'
import { textCache } from '#platform'
import type { LocalEntry } from '../content/local-entry.ts'

/** What is known of a file's content without reading it. */
export interface Remembered {
  digest: Digest
  /** For a large file: the blobs that it is cut into, in order. */
  blobs?: readonly ManifestBlob[] | undefined
}

/**
 * What files contained when they were last read, so that unchanged ones do not have to be read again. Like
 * git's index, it considers a file unchanged while its size, times, inode and device are the same, and does
 * not trust a file that was changed so recently that its times are not conclusive.
 */
export interface HashCache {
  find(file: LocalEntry): Remembered | undefined
  /**
   * Records a file that was read in the state that `identity` identifies; undefined: too recent to be
   * remembered.
   */
  remember(file: LocalEntry, identity: string | undefined, content: Remembered): void
  /** Forgets a file whose content was not as remembered. */
  forget(file: LocalEntry): void
  save(): Promise<void>
}

/** A cache that is always empty. */
export const noHashCache: HashCache = {
  find: () => undefined,
  remember() {},
  forget() {},
  save: () => Promise.resolve(),
}

type Row = [path: string, identity: string, digest: string, blobs?: [digest: string, size: number][]]

interface FolderCache {
  rows: Map<string, Row>
  used: Set<string>
  changed: boolean
}

const prefix = 'sha256:'

/** Reads what is remembered of folders. It is in the user's cache folder, one file per added folder. */
export async function openHashCache(folders: Iterable<string>): Promise<HashCache> {
  const caches = new Map<string, FolderCache>()
  for (const folder of new Set(folders)) {
    caches.set(folder, { rows: await readRows(folder), used: new Set(), changed: false })
  }

  function at({ folder, source: { localPath } }: LocalEntry) {
    const cache = folder === undefined ? undefined : caches.get(folder)
    if (cache === undefined || folder === undefined || localPath === undefined) return undefined
    return { cache, path: localPath.slice(folder.length) }
  }

  return {
    find(file) {
      const place = at(file)
      const row = place?.cache.rows.get(place.path)
      if (place === undefined || row === undefined || file.identity === undefined) return undefined
      if (row[1] !== file.identity) return undefined
      place.cache.used.add(place.path)
      return fromRow(row)
    },
    remember(file, identity, { digest, blobs }) {
      const place = at(file)
      if (place === undefined || identity === undefined) return
      const parts = blobs?.map((blob): [string, number] => [digestHex(blob.digest), blob.size])
      const row: Row = [
        place.path,
        identity,
        digestHex(digest),
        ...(parts === undefined ? [] : [parts]),
      ] as Row // Matches its type.
      place.cache.rows.set(place.path, row)
      place.cache.used.add(place.path)
      place.cache.changed = true
    },
    forget(file) {
      const place = at(file)
      if (place?.cache.rows.delete(place.path)) place.cache.changed = true
    },
    async save() {
      const changed = [...caches].filter(([, cache]) => cache.changed)
      for (const [folder, cache] of changed) await writeRows(folder, cache)
    },
  }
}

function fromRow([, , digest, blobs]: Row): Remembered {
  // Rows are only read from a file with a valid checksum, and contained digests when they were written.
  return {
    digest: (prefix + digest) as Digest,
    blobs: blobs?.map(([blob, size]) => ({ digest: (prefix + blob) as Digest, size })),
  }
}

const cacheFolder = 'hashes'
const version = 1

async function readRows(folder: string): Promise<Map<string, Row>> {
  const text = await textCache?.read(cacheFolder, folder)
  if (text === undefined) return new Map()
  // The kept rows have the form that is written below.
  const stored = JSON.parse(text) as { version: number; folder: string; rows: Row[] }
  if (stored.version !== version || stored.folder !== folder) return new Map()
  return new Map(stored.rows.map((row) => [row[0], row]))
}

async function writeRows(folder: string, { rows, used }: FolderCache): Promise<void> {
  // Rows of files that were not seen this time are kept, unless they are the majority: another upload may
  // have written them.
  const all = [...rows.values()]
  const kept = all.length > 2 * used.size + 1000 ? all.filter(([path]) => used.has(path)) : all
  await textCache?.keep(cacheFolder, folder, JSON.stringify({ version, folder, rows: kept }))
}
