import { TrackwayError, type ErrorCode } from '@trackway/protocol/content'

const codes: Record<string, { code: ErrorCode; reason: string }> = {
  ENOENT: { code: 'file_not_found', reason: 'there is no such file or folder' },
  ENOTDIR: { code: 'file_not_found', reason: 'a part of the path is no folder' },
  EEXIST: { code: 'target_exists', reason: 'something else stands there' },
  EISDIR: { code: 'file_unsupported', reason: 'it is a folder' },
  ELOOP: { code: 'link_refused', reason: 'its symbolic links lead in a circle' },
  EACCES: { code: 'file_error', reason: 'permission is denied' },
  EPERM: { code: 'file_error', reason: 'the operation is not permitted' },
  ENOSPC: { code: 'file_error', reason: 'the disk is full' },
  EDQUOT: { code: 'file_error', reason: 'the disk quota is used up' },
  EROFS: { code: 'file_error', reason: 'the file system is read-only' },
  EMFILE: { code: 'file_error', reason: 'too many files are open' },
  ENAMETOOLONG: { code: 'file_error', reason: 'the path is too long for this file system' },
}

/** The system's code of an error, such as ENOENT. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** What the system refused, as an error that says what was attempted on which path. */
export function fileError(error: unknown, attempted: string, path: string): TrackwayError {
  if (TrackwayError.isInstance(error)) return error
  const system = systemCode(error)
  const known = system === undefined ? undefined : codes[system]
  const reason = known?.reason ?? (error instanceof Error ? error.message : String(error))
  return new TrackwayError(known?.code ?? 'file_error', `${attempted} ${path}: ${reason}`, {
    cause: error,
    details: { path, ...(system !== undefined && { systemCode: system }) },
  })
}
