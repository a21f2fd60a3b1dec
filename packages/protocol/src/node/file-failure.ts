import type { ErrorCode } from '../errors.ts'

/** The meaning of a file system's error. */
export interface FileFailure {
  /** For people. */
  reason: string
  /** The code for a user's file. */
  code: ErrorCode
  /** The code for a file of a store. */
  storeCode: ErrorCode
  /** Whether the same operation may succeed a moment later. */
  retryable: boolean
}

/** The meaning of a system error code, such as `ENOENT`; undefined for an unknown one. */
export function fileFailure(systemCode: string): FileFailure | undefined {
  return failures.get(systemCode)
}

/** The system code of an error, such as `ENOENT`, including an error from another realm. */
export function systemCodeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

function lasting(
  reason: string,
  code: ErrorCode = 'file_error',
  storeCode: ErrorCode = 'store_unsuitable',
): FileFailure {
  return { reason, code, storeCode, retryable: false }
}

function passing(reason: string): FileFailure {
  return { reason, code: 'file_error', storeCode: 'store_unavailable', retryable: true }
}

const unsupported = lasting('the file system does not support this')
const tooManyFiles = passing('too many files are open')
const noAnswer = passing('the network drive does not respond')

const failures = new Map<string, FileFailure>(
  Object.entries({
    ENOENT: lasting('there is no such file or folder', 'file_not_found', 'store_unavailable'),
    ENOTDIR: lasting('a part of the path is not a folder', 'file_not_found'),
    EEXIST: lasting('something else is already there', 'target_exists'),
    EISDIR: lasting('it is a folder', 'file_unsupported'),
    ELOOP: lasting('its symbolic links form a loop', 'link_refused'),
    EACCES: lasting('permission is denied'),
    EPERM: lasting('the operation is not permitted'),
    EROFS: lasting('the file system is read-only'),
    ENAMETOOLONG: lasting('the path is too long for this file system', 'file_error', 'name_invalid'),
    ENOSPC: lasting('the disk is full', 'file_error', 'insufficient_storage'),
    EDQUOT: lasting('the disk quota is used up', 'file_error', 'insufficient_storage'),
    EFBIG: lasting('the file is larger than this file system allows, which is 4 GiB on FAT'),
    EXDEV: lasting('it is on another file system'),
    EMLINK: lasting('the file system allows no more hard links'),
    EINVAL: lasting('the file system does not allow this name or operation'),
    ENOSYS: unsupported,
    ENOTSUP: unsupported,
    EOPNOTSUPP: unsupported,
    EMFILE: tooManyFiles,
    ENFILE: tooManyFiles,
    EBUSY: passing('it is in use, or something is mounted there'),
    EIO: passing('the disk failed to read or write'),
    ESTALE: passing('the network drive has replaced it meanwhile; try again'),
    ETIMEDOUT: noAnswer,
    EHOSTDOWN: noAnswer,
  }),
)
