import { type ErrorCode, TrackwayError } from '@trackway/protocol'

/** Whether something thrown is a file-system error of one of these codes, such as `ENOENT`. */
export function isFileError(error: unknown, ...codes: string[]): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/**
 * Runs file-system actions; what they throw is told as a failure of `doing`, such as `store the object a/b in the
 * folder ./.trackway`.
 */
export async function attempt<T>(doing: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (TrackwayError.isInstance(error)) throw error
    throw new TrackwayError(codeOf(error), `Could not ${doing}: ${reasonOf(error)}`, { cause: error })
  }
}

/** Without the call and the paths that Node appends: the message may travel, and they stay in the cause. */
function reasonOf(error: unknown): string {
  const [reason = ''] = (error instanceof Error ? error.message : String(error)).split(', ')
  return reason
}

function codeOf(error: unknown): ErrorCode {
  if (isFileError(error, 'ENOSPC', 'EDQUOT')) return 'insufficient_storage'
  if (isFileError(error, 'ENAMETOOLONG')) return 'name_invalid'
  // FAT and some network shares have no hard links, which every put needs.
  const isLink = error instanceof Error && 'syscall' in error && error.syscall === 'link'
  if (isLink && isFileError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) return 'store_unsuitable'
  return 'store_unavailable'
}
