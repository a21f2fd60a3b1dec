import { lstat } from 'node:fs/promises'
import { TrackwayError } from '@trackway/protocol'

/**
 * Whether a path is a symbolic link. Throws `link_refused` for one of another user, who could direct this
 * user's downloads, and what they replace, to any place; root's links are trusted.
 */
export async function isOwnLink(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined)
  if (!stats?.isSymbolicLink()) return false
  const user = process.getuid?.()
  if (user === undefined || stats.uid === user || stats.uid === 0) return true
  throw new TrackwayError(
    'link_refused',
    `The symbolic link ${path} belongs to user ${stats.uid}, and Trackway does not write through links of other users; remove it, or name the folder itself`,
    { details: { link: path } },
  )
}
