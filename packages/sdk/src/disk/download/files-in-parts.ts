import type { LocatedEntry } from '../../version/located-entry.ts'
import type { Leftover } from './check-leftover.ts'
import { checkDigest } from '../../read/read-slices.ts'
import type { Filling } from './filling.ts'
import { followFile, type FileFollower } from './file-follower.ts'
import { runLimited } from '../../concurrency/run-limited.ts'

const filesAtOnce = 16

/** Files that are made of several parts, while these arrive. */
export interface FilesInParts {
  /** Whether a part does not have to be fetched. */
  isThere(entry: LocatedEntry, slice: number): boolean
  /** A part was written. */
  written(entry: LocatedEntry, slice: number): void
  /** Resolves when every file has its digest. Throws `IntegrityError` for the first file that does not. */
  finish(): Promise<void>
  /** Closes what is open. */
  close(): Promise<void>
}

/** Creates the files that have parts, unless they exist. */
export async function createFilesInParts(
  { staging, crew, meter, readOnly, signal }: Filling,
  entries: readonly LocatedEntry[],
  { parts }: Leftover,
): Promise<FilesInParts> {
  const inParts = entries.filter(({ slices }) => slices.length > 1)
  const fresh = inParts.filter(({ path }) => !parts.has(path))
  await runLimited(fresh, (entry) => staging.create(entry.path, entry), { concurrency: filesAtOnce, signal })
  const open = new Map<LocatedEntry, { follower: FileFollower; missing: number }>()
  const checks: Promise<void>[] = []

  function follow(entry: LocatedEntry) {
    const follower = followFile(crew, entry, staging.localPath(entry.path))
    const there = parts.get(entry.path) ?? new Set()
    for (const slice of there) {
      follower.written(slice)
      const length = entry.slices[slice]?.length ?? 0
      meter.add({ bytes: length, reusedBytes: length })
    }
    const file = { follower, missing: entry.slices.length - there.size }
    open.set(entry, file)
    if (file.missing === 0) end(entry, follower)
    return file
  }

  function end(entry: LocatedEntry, follower: FileFollower): void {
    const check = finishFile(entry, follower)
    check.catch(() => {}) // Reported by `finish`.
    checks.push(check)
  }

  async function finishFile(entry: LocatedEntry, follower: FileFollower): Promise<void> {
    const digest = await follower.finish()
    open.delete(entry)
    checkDigest(entry.path, entry.digest, digest)
    if (readOnly) await staging.protect(entry.path, entry)
    meter.add({ files: 1 })
  }

  // All parts are present, but not as the file needs them, or the check of an earlier download was
  // interrupted.
  for (const entry of inParts) if (parts.get(entry.path)?.size === entry.slices.length) follow(entry)

  return {
    isThere: (entry, slice) => parts.get(entry.path)?.has(slice) ?? false,
    written(entry, slice) {
      const file = open.get(entry) ?? follow(entry)
      file.follower.written(slice)
      file.missing -= 1
      if (file.missing === 0) end(entry, file.follower)
    },
    async finish() {
      await Promise.all(checks)
    },
    async close() {
      await Promise.allSettled(checks)
      for (const { follower } of open.values()) await follower.close()
    },
  }
}
