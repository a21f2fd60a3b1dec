import { messageOf, TrackwayError } from '@trackway/protocol'
import { fileFailure, systemCodeOf } from '@trackway/protocol/node'
import { fileSystemNameOf } from './file-system-name.ts'

/** Whether a thrown value is a file-system error with one of these codes, such as `ENOENT`. */
export function isFileError(error: unknown, ...codes: string[]): boolean {
  return codes.includes(systemCodeOf(error) ?? '')
}

/**
 * Runs file-system actions and reports what they throw as a failure of `doing`, such as
 * `store the object a/b in the folder ./.trackway`. A failure that will not change by itself is
 * `store_unsuitable`, which no client retries.
 */
export async function attempt<T>(doing: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (TrackwayError.isInstance(error)) throw error
    throw (await withoutLinks(error, doing)) ?? refusal(error, doing)
  }
}

/**
 * The message may reach clients, so `doing` has its only path; the system's own message stays in the cause.
 */
function refusal(error: unknown, doing: string): TrackwayError {
  const systemCode = systemCodeOf(error)
  const known = systemCode === undefined ? undefined : fileFailure(systemCode)
  const reason = known === undefined ? plainReasonOf(error) : `${known.reason} (${systemCode})`
  return new TrackwayError(
    known?.storeCode ?? 'store_unavailable',
    `Could not ${doing}: ${reason}${adviceFor(systemCode)}`,
    {
      cause: error,
      ...(systemCode !== undefined && { details: { systemCode } }),
      retryable: known?.retryable ?? true,
    },
  )
}

function plainReasonOf(error: unknown): string {
  const [reason = ''] = messageOf(error).split(', ')
  return reason
}

function adviceFor(systemCode: string | undefined): string {
  if (systemCode === 'EACCES' || systemCode === 'EPERM') return `; ${whoRuns()} needs permission to access it`
  if (systemCode === 'EROFS') return '; mount it writable, or use another folder'
  if (systemCode === 'ENOSPC' || systemCode === 'EDQUOT')
    return '; nothing of the object was kept; free some space and retry'
  return ''
}

function whoRuns(): string {
  return process.getuid === undefined ? 'the user who runs this' : `the user with the id ${process.getuid()}`
}

/** FAT, and some network drives and FUSE file systems, lack hard links, which every put needs. */
async function withoutLinks(error: unknown, doing: string): Promise<TrackwayError | undefined> {
  if (!isFileError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) return undefined
  const { syscall, path } = error as NodeJS.ErrnoException // It has a system error code.
  if (syscall !== 'link') return undefined
  const name = path === undefined ? undefined : await fileSystemNameOf(path)
  return new TrackwayError(
    'store_unsuitable',
    `Could not ${doing}: the file system${name === undefined ? '' : ` (${name})`} has no hard links, without which two writers could overwrite each other; keep the store on a local disk, such as ext4, XFS, APFS or NTFS, in a bucket, or on a server`,
    { cause: error, details: { systemCode: systemCodeOf(error), fileSystem: name } },
  )
}
