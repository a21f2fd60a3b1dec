import { join } from 'node:path'
import type { Digest } from '@trackway/protocol'
import type { StoredVersion } from '../../version/version.ts'
import { look, realPathOf } from '../files/files.ts'
import { isOwnLink } from '../files/own-link.ts'
import { compareFolder, type Verification } from '../folder/verify-folder.ts'
import { walkFolder } from '../folder/walk-folder.ts'
import { settleStaging } from '../staging/staging-owner.ts'
import { isVacant } from '../staging/target.ts'
import { checkApart } from './download-errors.ts'
import { nearbyCopies, type FindCopies } from './nearby-copies.ts'

type TargetState = 'free' | 'complete' | 'other'

/** Where a download goes, and what it finds. */
export interface Target {
  /** Its absolute path; of a link to a folder, that folder, unless the link is to be replaced. */
  location: string
  state: TargetState
  /** How its content differs from the version, if that was found out. */
  found: Verification | undefined
  /** Finds files on this machine by their digests. */
  findCopies(): Promise<FindCopies>
  /** Whether a folder holds the version. */
  isComplete(folder: string): Promise<boolean>
}

interface Options {
  label: string
  overwrite?: boolean | undefined
  concurrency: number
  completion?: Pick<Target, 'isComplete'>
  signal?: AbortSignal | undefined
}

/** Looks at the target of a download, and undoes what an interrupted one had moved into it. */
export async function findTarget(path: string, version: StoredVersion, options: Options): Promise<Target> {
  const { label, overwrite = false, concurrency, completion, signal } = options
  const { record, entries, scope } = version
  const { address, storeId, limits, url } = scope.connection
  const isLink = await isOwnLink(path)
  const realPath = await realPathOf(path)
  const location = isLink && overwrite ? path : (realPath ?? path)
  await checkApart(location, { label, url }, overwrite)
  let found: Verification | undefined
  const isComplete =
    completion?.isComplete ??
    (async (folder) => {
      const walk = await walkFolder(folder, { asIs: true, signal })
      found = await compareFolder(walk, entries, { concurrency, signal })
      return found.ok
    })
  await settleStaging(location)
  const isOther = isLink && (overwrite || realPath === undefined)
  const state = isOther ? 'other' : await stateOf(location, isComplete)
  const others = () => nearbyCopies({ ...record, address, storeId }, { tag: record.tag, limits })
  const own = found && intactFiles(location, version, found)
  const findCopies = async () => {
    const inAssets = await others()
    if (own === undefined) return inAssets
    return (digest: Digest) => [...(own.get(digest) ?? []), ...inAssets(digest)]
  }
  return { location, state, found, findCopies, isComplete }
}

export async function stateOf(folder: string, isComplete: Target['isComplete']): Promise<TargetState> {
  const facts = await look(folder)
  if (facts === undefined) return 'free'
  if (facts.kind !== 'folder') return 'other'
  if (await isVacant(folder)) return 'free'
  return (await isComplete(folder)) ? 'complete' : 'other'
}

/** Files of the target that are already right, by their digests. */
function intactFiles(folder: string, { entries }: StoredVersion, { missing, changed }: Verification) {
  const broken = new Set([...missing, ...changed])
  const intact = new Map<Digest, [string]>()
  for (const { path, digest } of entries) if (!broken.has(path)) intact.set(digest, [join(folder, path)])
  return intact
}
