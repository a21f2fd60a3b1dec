import { join, resolve, sep } from 'node:path'
import { demandText } from '../demand-text.ts'
import { TrackwayError } from '../errors.ts'
import { homeFolder } from './home-folder.ts'

/** Resolves a path that a user gave: a relative one starts at `base`. Throws as `expandHome` does. */
export function localPath(path: string, base = '.'): string {
  return resolve(base, expandHome(path))
}

/**
 * Replaces `~` in a path that a user gave by the home folder: shells do not expand it after an `=` or in a
 * variable. Throws `option_invalid` for an empty path, which would mean the current folder, for a NUL byte,
 * and for `~` without a home folder.
 */
export function expandHome(path: string): string {
  if (demandText(path, 'A path', './data').trim() === '') {
    throw new TrackwayError(
      'option_invalid',
      `The path '${path}' is empty; check the variable that it comes from, or write . for the current folder`,
    )
  }
  if (path.includes('\0')) {
    throw new TrackwayError(
      'option_invalid',
      `The path '${path}' contains a NUL byte, which is not allowed in a path`,
    )
  }
  if (path !== '~' && !path.startsWith('~/') && !path.startsWith(`~${sep}`)) return path
  const home = homeFolder()
  if (home !== undefined) return join(home, path.slice(1))
  throw new TrackwayError(
    'option_invalid',
    `The path '${path}' begins with ~, but this user does not have a home folder; set HOME, or write the whole path`,
  )
}
