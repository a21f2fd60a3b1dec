import { join, resolve, sep } from 'node:path'
import { demandText } from '../demand-text.ts'
import { TrackwayError } from '../errors.ts'
import { homeFolder } from './home-folder.ts'

/** A path that a user gave, as an absolute path: a relative one starts at `base`. Throws as `expandHome` does. */
export function localPath(path: string, base = '.'): string {
  return resolve(base, expandHome(path))
}

/**
 * A path that a user gave, with the home folder in place of `~`: no shell expands that after an `=` or in a variable.
 * Throws `option_invalid` for an empty path, which would mean the current folder, for a zero byte, and for `~` without a
 * home folder.
 */
export function expandHome(path: string): string {
  if (demandText(path, 'A path', './data').trim() === '') {
    throw new TrackwayError(
      'option_invalid',
      `The path '${path}' is empty; check the variable that it comes from, or write . for the current folder`,
    )
  }
  if (path.includes('\0')) {
    throw new TrackwayError('option_invalid', `The path '${path}' has a zero byte, which no path may have`)
  }
  if (path !== '~' && !path.startsWith('~/') && !path.startsWith(`~${sep}`)) return path
  const home = homeFolder()
  if (home !== undefined) return join(home, path.slice(1))
  throw new TrackwayError(
    'option_invalid',
    `The path '${path}' begins with the home folder, and this user has none; set HOME, or write the whole path`,
  )
}
