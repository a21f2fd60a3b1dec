import { environment, openCrew } from '#platform'
import { defaultConcurrency, type LongCallOptions } from '../../calls/long-call-options.ts'
import { openMeter, totalOf } from '../../calls/meter.ts'
import { throwIfAborted } from '../../concurrency/abort.ts'
import { selectEntries, type Selection } from '../../read/select-entries.ts'
import type { StoredVersion } from '../../version/version.ts'
import { absolute } from '../files/files.ts'
import { isOwnLink } from '../files/own-link.ts'
import { removeStaging } from '../staging/staging-owner.ts'
import { openStaging, type Staging } from '../staging/staging.ts'
import { diskFull, targetExists, targetUnsupported } from './download-errors.ts'
import { fillStaging } from './fill-staging.ts'
import { findTarget, stateOf, type Target } from './find-target.ts'

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

/**
 * What a download writes besides the entries, and how it recognizes a complete one. Its files are read-only.
 *
 * @internal
 */
export interface Completion {
  finish(staging: Staging): Promise<void>
  isComplete(folder: string): Promise<boolean>
}

/** `label` names the version in messages. */
type Options = DownloadOptions & { label: string; completion?: Completion }

/**
 * Downloads the entries that the options select to a folder, which appears when everything has arrived, was
 * checked and flushed. Returns the absolute path. A folder that holds exactly this content is left as it is.
 *
 * @internal
 */
export async function downloadTo(
  folder: string | URL,
  version: StoredVersion,
  options: Options,
): Promise<string> {
  const { signal, label, verify = false, concurrency = defaultConcurrency, completion } = options
  const entries = await selectEntries(version.entries, options)
  throwIfAborted(signal)
  const path = absolute(folder)
  const target = await findTarget(path, { ...version, entries }, { ...options, concurrency })
  const { location, found } = target
  if (target.state === 'complete') {
    await removeStaging(location)
    return path
  }
  const overwrite = options.overwrite || (verify && found?.extra.length === 0)
  const replaces = target.state === 'other'
  if (replaces && !overwrite) throw targetExists(label, path, verify ? found?.extra : undefined)
  const staging = await openStaging(location, { replaces })
  const total = totalOf(entries)
  const crew = await openCrew(total)
  const quiet = options.quiet ?? version.scope.quiet ?? false
  const audience = { onProgress: options.onProgress, quiet, label: `Downloading ${label}` }
  const { meter, end, close } = openMeter({ ...audience, phase: 'download', total })
  try {
    const unsupported = await staging.unsupported(entries.map((entry) => entry.path))
    if (unsupported.length > 0) throw targetUnsupported({ label, target: location, unsupported })
    const { scope } = version
    const readOnly = completion !== undefined
    const findCopies = await target.findCopies()
    await fillStaging({ scope, staging, crew, meter, concurrency, readOnly, findCopies, signal }, entries)
    await completion?.finish(staging)
    throwIfAborted(signal)
    await publish(staging, target, { label, overwrite })
    end()
  } catch (error) {
    // The next download to this target resumes from here.
    const left = meter.bytes >= worthKeepingBytes ? await staging.leave() : undefined
    if (left === undefined) await staging.discard()
    throw diskFull(error, left)
  } finally {
    close()
    crew.release()
  }
  // The download is complete: a failed cleanup is not a failure.
  const note = await staging.discard()
  if (note !== undefined && !quiet) environment.print(`${note}; remove it yourself`)
  return path
}

/** The target's content may be the same by now, made by a faster process: then it is kept. */
async function publish(
  staging: Staging,
  { location, isComplete }: Target,
  { label, overwrite }: { label: string; overwrite: boolean },
): Promise<void> {
  if (await staging.publish({ overwrite: false })) return
  // A link only gets here to be replaced: otherwise its target is used.
  if (!(await isOwnLink(location)) && (await stateOf(location, isComplete)) === 'complete') return
  if (overwrite && (await staging.publish({ overwrite: true }))) return
  throw targetExists(label, location)
}
