import { hintOfNames, nearestPaths, TrackwayError, type VersionRecord } from '@trackway/protocol'
import type { ByteRange, ByteStream } from '../stores/object-store.ts'
import type { Blobs } from './blobs.ts'
import { forVersion } from './damage.ts'
import type { Manifests } from './manifests.ts'
import { demandBlobs, readEntry } from './read-entry.ts'
import type { ManifestSummary } from './read-manifest.ts'
import type { StoredEntry } from './stored-entry.ts'

/** The files of a version. */
export interface Files {
  /** A file whose bytes are stored here. Throws `not_found`. Many are found fastest in the order of paths. */
  find(path: string): Promise<StoredEntry>
  /** The bytes of a file, or a range of them. */
  read(file: StoredEntry, range?: ByteRange): ByteStream
  /** Makes sure that the bytes of all files are stored here. Throws `not_found`. */
  all(): Promise<AllFiles>
}

/** All files of a version, whose bytes are stored here. */
export interface AllFiles {
  /** Throws `integrity_error` if a blob is missing. */
  open(): Promise<AsyncIterable<StoredEntry>>
}

/** Gives the files of a version. */
export type FilesOf = (record: VersionRecord) => Files

export function createFiles(blobs: Blobs, manifests: Manifests): FilesOf {
  return (record) => {
    const { team, manifest, type, name, tag } = record
    const entries = manifests.entries(team, manifest)
    const version = { blobs, record }
    const where = `${type}/${name}:${tag}`
    return {
      async find(path) {
        const stored = await forVersion(record, entries.find(path))
        if (stored === undefined) {
          const hint = hintOfNames(nearestPaths(path, await forVersion(record, entries.around(path))))
          throw new TrackwayError('not_found', `${where} has no file ${path}`, { details: { path }, hint })
        }
        const { reference } = stored.entry
        if (reference === undefined) return stored
        throw new TrackwayError(
          'not_found',
          `The bytes of ${path} in ${where} are not stored here but at ${reference}`,
          { details: { path, reference } },
        )
      },
      read: (file, range) => readEntry(version, file, range),
      async all() {
        const summary = await forVersion(record, manifests.summarize(team, manifest.digest))
        demandAllStored(summary, where)
        return {
          async open() {
            await demandBlobs(version, summary.blobs)
            return entries.all()
          },
        }
      },
    }
  }
}

/** An archive contains everything in the version: references are neither fetched nor silently left out. */
function demandAllStored({ references: { count, first }, header }: ManifestSummary, where: string): void {
  const [one] = first
  if (one === undefined) return
  throw new TrackwayError(
    'not_found',
    `There is no archive of ${where}: the bytes of ${count} of its ${header.files} files are not stored here, such as those of ${one.path}, which are at ${one.reference}; fetch its files one by one, or download it with an SDK`,
    { details: { references: first } },
  )
}
