import { join } from 'node:path'
import { TrackwayError } from '@trackway/protocol'
import { environment } from '#platform'
import type { Selection } from '../../read/select-entries.ts'
import { downloadTo, type Completion } from '../download/download.ts'
import { labelOf } from '../../version/stored-version.ts'
import { compareFolder } from '../folder/verify-folder.ts'
import { walkFolder } from '../folder/walk-folder.ts'
import { defaultConcurrency, type LongCallOptions } from '../../calls/long-call-options.ts'
import {
  checkNoMarkerEntry,
  hasFiles,
  isFrom,
  isOf,
  markerName,
  markerText,
  readMarker,
} from '../folder/asset-marker.ts'
import { assetFolder, assetsDirectory } from '../folder/assets-directory.ts'
import { noteForeignDirectory, unwritable } from './directory-problems.ts'
import { waitForLock } from './wait-for-lock.ts'
import type { StoredVersion } from '../../version/version.ts'
import { absolute, isWithin } from '../files/files.ts'
import { isOwnLink } from '../files/own-link.ts'
import { lastUseOf } from '../files/stored-folders.ts'

/** How an asset is fetched. */
export interface FetchAssetOptions extends LongCallOptions {
  /**
   * Hashes the files that are already present, and repairs those that differ from the version. Default:
   * false, which checks only that the files exist and have the right sizes.
   */
  verify?: boolean | undefined
}

/**
 * Downloads a version to the assets directory, unless it is there, and returns its folder. If several
 * processes request it at the same time, only one fetches it.
 *
 * @internal
 */
export async function downloadAsset(
  version: StoredVersion,
  options: FetchAssetOptions & Selection = {},
): Promise<string> {
  const { record, scope, entries } = version
  if (options.include !== undefined || options.exclude !== undefined) {
    throw new TrackwayError(
      'option_invalid',
      `Downloading ${labelOf(record)}: the assets directory holds whole versions only; name a folder to download a part of one`,
    )
  }
  const { address, storeId } = scope.connection
  const folder = assetFolder({ ...record, address, storeId }, record.tag)
  checkNoMarkerEntry(
    labelOf(record),
    entries.map(({ path }) => path),
  )
  const { signal, onProgress, concurrency, quiet = scope.quiet } = options
  if (!quiet) await noteForeignDirectory(environment.print)
  const isThere = createCheck(version, folder, options)
  await checkLinks(folder)
  if (await isThere()) return folder
  const lock = await waitForLock(`${folder}.lock`, {
    isNeeded: async () => !(await isThere()),
    signal,
  })
  try {
    if (lock === undefined) return folder
    return await downloadTo(folder, version, {
      label: labelOf(record),
      signal,
      onProgress,
      concurrency,
      quiet,
      overwrite: true,
      completion: completionOf(version, isThere),
    })
  } catch (error) {
    throw unwritable(error)
  } finally {
    await lock?.release()
  }
}

/** Throws `link_refused` if another user's link below the assets directory leads to another place. */
async function checkLinks(folder: string): Promise<void> {
  const top = absolute(assetsDirectory())
  for (let path = folder; path !== top && isWithin(path, top); path = absolute(join(path, '..')))
    await isOwnLink(path)
}

function completionOf(version: StoredVersion, isThere: () => Promise<boolean>): Completion {
  return {
    finish: (staging) => staging.write(markerName, markerText(version.scope.connection, version)),
    isComplete: isThere,
  }
}

/**
 * Checks that the version is present with all its files. One that was found damaged is not hashed again until
 * it was replaced, since a process that waits for that checks many times.
 */
function createCheck(
  version: StoredVersion,
  folder: string,
  { verify = false, concurrency, signal }: FetchAssetOptions,
): () => Promise<boolean> {
  const { record, scope, entries } = version
  let damaged: number | undefined
  return async () => {
    const marker = await readMarker(folder)
    if (marker === undefined || !isFrom(scope.connection, marker) || !isOf(record, marker)) return false
    if (!verify) return hasFiles(folder, marker)
    const writtenAt = await lastUseOf(join(folder, markerName))
    if (writtenAt !== undefined && writtenAt === damaged) return false
    const context = { concurrency: concurrency ?? defaultConcurrency, signal }
    const walk = await walkFolder(folder, { asIs: true, signal })
    const { missing, changed, extra } = await compareFolder(walk, entries, context)
    const others = extra.filter((path) => path !== markerName)
    const isWhole = missing.length + changed.length + others.length === 0
    damaged = isWhole ? undefined : writtenAt
    return isWhole
  }
}

/**
 * The path of an entry in a version's folder, or of the folder itself.
 *
 * @internal
 */
export function pathIn(folder: string, path: string | undefined): string {
  return path === undefined
    ? folder
    : path.split('/').reduce((above, segment) => join(above, segment), folder)
}
