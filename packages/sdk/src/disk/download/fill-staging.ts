import { TrackwayError } from '@trackway/protocol'
import type { LocatedEntry } from '../../version/located-entry.ts'
import type { PresignedBlobs } from '../../client/presigned-urls.ts'
import type { OwnedBytes } from '../../tasks/tasks.ts'
import { checkLeftover, type Leftover } from './check-leftover.ts'
import type { Filling } from './filling.ts'
import { downloadReference } from './download-reference.ts'
import { createFilesInParts, type FilesInParts } from './files-in-parts.ts'
import { openPresignedUrls } from '../../read/presigned-blobs.ts'
import { planFetches, sliceOf, type Fetch } from '../../read/plan-fetches.ts'
import { isReference } from '../../read/read-reference.ts'
import { fetchSlice } from '../../read/read-slices.ts'
import { runLimited } from '../../concurrency/run-limited.ts'

const filesAtOnce = 16

/**
 * Fetches entries into a staging folder. What the folder contains already, and what other versions on this
 * disk have, is not fetched. Afterwards each file has its digest, and is flushed.
 */
export async function fillStaging(context: Filling, entries: readonly LocatedEntry[]): Promise<void> {
  const { scope, staging, concurrency, signal } = context
  const paths = entries.map((entry) => entry.path)
  const leftover = await checkLeftover(context, entries)
  await staging.makeFolders(paths)
  const missing = await takeCopies(
    context,
    entries.filter((entry) => !isComplete(context, leftover, entry)),
  )
  const files = await createFilesInParts(context, missing, leftover)
  const memory: OwnedBytes[] = []
  try {
    await writeEmpty(context, missing)
    const references = missing.filter(isReference)
    const fetches = planFetches(missing, files.isThere)
    const urls = await openPresignedUrls(scope, fetches.map(sliceOf), {
      path: fetches[0]?.pieces[0]?.entry.path ?? '',
      signal,
    })
    const works = [
      ...references.map((entry) => () => downloadReference(context, entry, leftover)),
      ...fetches.map((fetch) => () => fetchInto(context, fetch, { files, memory, urls })),
    ]
    await runLimited(works, (work) => work(), { concurrency, signal })
    await files.finish()
  } finally {
    await files.close()
  }
  await staging.flush(paths)
}

function isComplete({ meter }: Filling, { complete }: Leftover, { path, size }: LocatedEntry): boolean {
  if (!complete.has(path)) return false
  meter.add({ files: 1, bytes: size, reusedBytes: size })
  return true
}

/** Copies what other versions on this disk have. Returns the entries that have to be fetched. */
async function takeCopies(
  context: Filling,
  entries: readonly LocatedEntry[],
): Promise<readonly LocatedEntry[]> {
  const { crew, findCopies, meter, signal } = context
  const taken = new Set<LocatedEntry>()
  await runLimited(
    entries.filter(({ size, digest }) => size > 0 && findCopies(digest).length > 0),
    async (entry) => {
      if (!(await takeCopy(context, entry))) return
      taken.add(entry)
      meter.add({ files: 1, bytes: entry.size, reusedBytes: entry.size })
    },
    { concurrency: 2 * crew.size, signal },
  )
  return taken.size === 0 ? entries : entries.filter((entry) => !taken.has(entry))
}

async function takeCopy(
  { crew, staging, readOnly, findCopies }: Filling,
  { path, digest, executable }: LocatedEntry,
): Promise<boolean> {
  const to = staging.localPath(path)
  for (const from of findCopies(digest)) {
    if (await crew.run('copyFile', { from, to, digest, executable, readOnly })) return true
  }
  return false
}

async function writeEmpty(context: Filling, entries: readonly LocatedEntry[]): Promise<void> {
  const { crew, staging, readOnly, meter, signal } = context
  await runLimited(
    entries.filter((entry) => entry.slices.length === 0 && !isReference(entry)),
    async ({ path, digest, executable }) => {
      const whole = { digest, executable, readOnly }
      const piece = { path, localPath: staging.localPath(path), position: 0, offset: 0, length: 0, whole }
      await crew.run('writePieces', { bytes: new Uint8Array(), pieces: [piece] })
      meter.add({ files: 1 })
    },
    { concurrency: filesAtOnce, signal },
  )
}

interface Target {
  files: FilesInParts
  /** Memory that can be reused. */
  memory: OwnedBytes[]
  /** Direct access to the object store. */
  urls: PresignedBlobs | undefined
}

/**
 * Fetches a range of a blob and has its pieces checked and written. Wrong bytes are fetched once more, from
 * the server.
 */
async function fetchInto(context: Filling, fetch: Fetch, { files, memory, urls }: Target): Promise<void> {
  const { scope, crew, meter, signal } = context
  const { blob, start, pieces } = fetch
  const slice = sliceOf(fetch)
  const writes = pieces.map((piece) => pieceToWrite(context, piece, start))
  const isWhole = slice.length === blob.size
  // A complete file is checked by its own digest.
  const digest = isWhole && writes.some(({ whole }) => whole === undefined) ? blob.digest : undefined
  for (let attempt = 1; ; attempt += 1) {
    const path = pieces[0]?.entry.path ?? blob.digest
    const way = { urls: attempt === 1 ? urls : undefined, memory: memory.pop(), signal }
    const bytes = await fetchSlice(scope, slice, { path, unchecked: true, ...way })
    try {
      memory.push(await crew.run('writePieces', { bytes, digest, pieces: writes }, [bytes]))
      break
    } catch (error) {
      if (attempt > 1 || !TrackwayError.hasCode(error, 'integrity_error')) throw error
    }
  }
  for (const { entry, slice: index, length } of pieces) {
    const isFile = entry.slices.length === 1
    meter.add({ bytes: length, files: isFile ? 1 : 0 })
    if (!isFile) files.written(entry, index)
  }
}

function pieceToWrite(
  { staging, readOnly }: Filling,
  { entry, position, offset, length }: Fetch['pieces'][number],
  start: number,
) {
  const { path, digest, executable, slices } = entry
  const whole = slices.length === 1 ? { digest, executable, readOnly } : undefined
  return { path, localPath: staging.localPath(path), position, offset: offset - start, length, whole }
}
