import type { Digest } from '@trackway/protocol'
import { environment, fileSystem, openCrew } from '#platform'
import type { LocatedEntry } from '../version/located-entry.ts'
import type { Staging } from '../platform/file-system.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import type { FindCopies } from './download-context.ts'
import { downloadEntries } from './download-entries.ts'
import { createProgress, totalsOf } from '../calls/count-progress.ts'
import { checkApart, diskFull, targetExists, targetUnsupported } from './download-errors.ts'
import { defaultConcurrency, type LongCallOptions } from '../calls/long-call-options.ts'
import type { Selection } from './select-entries.ts'
import { walkFolder } from '../folder/walk-folder.ts'
import { verifyFolder, type Verification } from './verify-folder.ts'
import type { BlobScope } from '../version/version.ts'

/** Less than this is fetched again rather than left on the disk. */
const worthKeepingBytes = 1024 * 1024

/** How a download is done. */
export interface DownloadOptions extends LongCallOptions, Selection {
  /**
   * Replaces existing content of the target; for a symbolic link, the link itself and not its target.
   * Default: false, which throws `target_exists` unless the content is the same.
   */
  overwrite?: boolean | undefined
  /**
   * Repairs existing content: hashes all of it, and fetches files that are missing or changed. A folder that
   * also contains other files still throws `target_exists`, unless `overwrite` is set. Default: false.
   */
  verify?: boolean | undefined
}

export interface Download {
  scope: BlobScope
  /** Names the version in messages. */
  label: string
  entries: readonly LocatedEntry[]
  /** Finds files on this machine by their digests. */
  findCopies(): Promise<FindCopies>
}

/** What a download writes besides the entries, and how it recognizes a complete one. */
export interface Completion {
  finish(staging: Staging): Promise<void>
  isComplete(folder: string): Promise<boolean>
}

/**
 * Downloads entries to a folder, which appears when everything has arrived, was checked and flushed. Returns
 * the absolute path. A folder that holds exactly this content is left as it is.
 */
export async function downloadTo(
  folder: string | URL,
  download: Download,
  options: DownloadOptions & { completion?: Completion },
): Promise<string> {
  const { signal, overwrite = false, verify = false, concurrency = defaultConcurrency } = options
  throwIfAborted(signal)
  const target = fileSystem.absolute(folder)
  const isLink = await fileSystem.isOwnLink(target)
  const realTarget = await fileSystem.realPath(target)
  // A link to a folder is kept, and that folder is the target, unless the link is to be replaced.
  const location = isLink && overwrite ? target : (realTarget ?? target)
  await checkApart(location, { label: download.label, url: download.scope.connection.url }, overwrite)
  let found: Verification | undefined
  const isComplete =
    options.completion?.isComplete ??
    (async (at) => {
      const walk = await walkFolder(at, { asIs: true, signal })
      found = await verifyFolder(walk, download.entries, { concurrency, signal })
      return found.ok
    })
  await fileSystem.settleStaging(location)
  const isOther = isLink && (overwrite || realTarget === undefined)
  const state = isOther ? 'other' : await stateOf(location, isComplete)
  if (state === 'complete') {
    await fileSystem.removeStaging(location)
    return target
  }
  const mends = verify && found?.extra.length === 0
  if (state === 'other' && !overwrite && !mends)
    throw targetExists(download.label, target, verify ? found?.extra : undefined)
  const findCopies = () => intactCopies(location, download, found)
  const replacing = { ...download, ...(found !== undefined && { findCopies }) }
  const replaces = state === 'other'
  const how = { ...options, concurrency, overwrite: overwrite || mends, replaces, isComplete }
  await replace(location, replacing, how)
  return target
}

/** Files of the target that are already right, and those of other versions on this machine. */
async function intactCopies(
  folder: string,
  { entries, findCopies }: Download,
  found: Verification | undefined,
): Promise<FindCopies> {
  const broken = new Set([...(found?.missing ?? []), ...(found?.changed ?? [])])
  const intact = new Map<Digest, string>()
  for (const { path, digest } of entries)
    if (!broken.has(path)) intact.set(digest, fileSystem.join(folder, path))
  const others = await findCopies()
  return (digest) => {
    const path = intact.get(digest)
    return path === undefined ? others(digest) : [path, ...others(digest)]
  }
}

type TargetState = 'free' | 'complete' | 'other'

async function stateOf(
  folder: string,
  isComplete: (folder: string) => Promise<boolean>,
): Promise<TargetState> {
  const facts = await fileSystem.look(folder)
  if (facts === undefined) return 'free'
  if (facts.kind !== 'folder') return 'other'
  if (await fileSystem.isVacant(folder)) return 'free'
  return (await isComplete(folder)) ? 'complete' : 'other'
}

interface Replacement extends LongCallOptions {
  concurrency: number
  overwrite: boolean
  /** Whether existing content has to be removed. */
  replaces: boolean
  isComplete(folder: string): Promise<boolean>
  completion?: Completion
}

async function replace(
  target: string,
  { scope, label, entries, findCopies }: Download,
  options: Replacement,
): Promise<void> {
  const { signal, concurrency, overwrite, completion } = options
  const staging = await fileSystem.openStaging(target, options)
  const { totalBytes, totalFiles } = totalsOf(entries)
  const crew = await openCrew({ bytes: totalBytes, files: totalFiles })
  const watchers = {
    onProgress: options.onProgress,
    label: `Downloading ${label}`,
    quiet: options.quiet ?? false,
  }
  const progress = createProgress(watchers, { phase: 'download', totalFiles, totalBytes })
  let writtenBytes = 0
  try {
    const unsupported = await staging.unsupported(entries.map((entry) => entry.path))
    if (unsupported.length > 0) throw targetUnsupported({ label, target, unsupported })
    const counting = {
      ...progress,
      add(done: Parameters<typeof progress.add>[0]) {
        writtenBytes += done.bytes ?? 0
        progress.add(done)
      },
    }
    const readOnly = completion !== undefined
    await downloadEntries(
      {
        scope,
        staging,
        crew,
        progress: counting,
        concurrency,
        readOnly,
        findCopies: await findCopies(),
        signal,
      },
      entries,
    )
    await completion?.finish(staging)
    throwIfAborted(signal)
    await publish(staging, { label, target, overwrite, isComplete: options.isComplete })
    progress.end()
  } catch (error) {
    // The next download to this target resumes from here.
    const left = writtenBytes >= worthKeepingBytes ? await staging.leave() : undefined
    if (left === undefined) await staging.discard()
    throw diskFull(error, left)
  } finally {
    progress.close()
    crew.release()
  }
  // The download is complete: a failed cleanup is not a failure.
  const note = await staging.discard()
  if (note !== undefined && !options.quiet) environment.print(`${note}; remove it yourself`)
}

interface Publication {
  label: string
  target: string
  overwrite: boolean
  isComplete(folder: string): Promise<boolean>
}

/** The target's content may be the same by now, made by a faster process: then it is kept. */
async function publish(
  staging: Staging,
  { label, target, overwrite, isComplete }: Publication,
): Promise<void> {
  if (await staging.publish({ overwrite: false })) return
  // A link only gets here to be replaced: otherwise its target is used.
  if (!(await fileSystem.isOwnLink(target)) && (await stateOf(target, isComplete)) === 'complete') return
  if (overwrite && (await staging.publish({ overwrite: true }))) return
  throw targetExists(label, target)
}
