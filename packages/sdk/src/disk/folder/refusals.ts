import { pathProblem, TrackwayError, type ErrorCode, type Hint } from '@trackway/protocol'
import type { FolderItem } from '../files/folder-items.ts'
import { ignoreFile } from './ignore-files.ts'
import { readLink } from '../files/files.ts'

/** Something in a folder that cannot become an entry. */
export interface Refusal {
  /** Relative to the folder, as an entry's path would be. */
  path: string
  error: TrackwayError
}

const shown = 10

/** `leaving` is what to do with it, such as `rename it, leave it`. */
export function orIgnore(leaving: string): Hint {
  return { kind: 'option', options: ['ignore'], or: `${leaving} out with ${ignoreFile}` }
}

/** Throws all refusals of a folder as one error, with the code of the first. */
export function throwRefusals(root: string, refusals: readonly Refusal[]): void {
  const [first, ...others] = refusals.map(({ error }) => error)
  if (first === undefined) return
  if (others.length === 0) throw first
  const lines = [first, ...others].slice(0, shown).map(({ reason }) => `\n  ${reason}`)
  const more = refusals.length > shown ? `\n  and ${refusals.length - shown} more` : ''
  const refused = [first, ...others].map(({ code, message, details }) => ({ code, message, ...details }))
  throw new TrackwayError(
    first.code,
    `${refusals.length} items in the folder ${root} cannot be added:${lines.join('')}${more}`,
    { details: { refused }, hint: orIgnore('rename or remove them, leave them') },
  )
}

/** Why a name cannot be that of an entry; undefined if it can. */
export function refuseName(
  path: string,
  localPath: string,
  { name, bytes }: FolderItem,
): Refusal | undefined {
  const problem = bytes === undefined ? pathProblem(path) : 'its name is not valid UTF-8'
  if (problem === undefined) return undefined
  const location = bytes === undefined ? localPath : localPath.slice(0, -name.length) + bytes
  return refusal('path_invalid', path, {
    reason: `${legible(location)} cannot be the path of an entry: ${problem}`,
    hint: orIgnore('rename it, leave it'),
    details: { path: location, rule: problem },
  })
}

/** A path with its control characters escaped. */
export function legible(path: string): string {
  return /\p{Cc}/u.test(path) ? JSON.stringify(path) : path
}

export async function refuseLink(path: string, link: string, why: string): Promise<Refusal> {
  const target = await readLink(link)
  return refusal('link_refused', path, {
    reason: `The symbolic link ${link} leads to ${target}, ${why}`,
    hint: orIgnore('remove it, leave it'),
    details: { link, target },
  })
}

export function refuseKind(path: string, localPath: string): Refusal {
  return refusal('file_unsupported', path, {
    reason: `${localPath} is not a regular file (a pipe, socket or device)`,
    hint: orIgnore('leave it'),
    details: { path: localPath },
  })
}

/** Two files whose names yield the same path. */
export function refuseTwin(path: string, localPaths: readonly [string, string]): Refusal {
  const [one, other] = localPaths.map((each) => `${each} (${formOf(each)})`)
  return refusal('entry_conflict', path, {
    reason: `${one} and ${other} differ only in the Unicode form of their names, which an entry does not keep`,
    hint: orIgnore('rename one, leave both'),
    details: { path, localPaths },
  })
}

function formOf(text: string): string {
  if (text === text.normalize('NFC')) return 'composed, NFC'
  return text === text.normalize('NFD') ? 'decomposed, NFD' : 'mixed'
}

function refusal(
  code: ErrorCode,
  path: string,
  { reason, ...options }: { reason: string; hint: Hint; details: Record<string, unknown> },
): Refusal {
  return { path, error: new TrackwayError(code, reason, options) }
}
