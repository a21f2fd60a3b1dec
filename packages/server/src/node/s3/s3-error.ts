import { isError, isTransientStatus, TrackwayError, type ErrorCode } from '@trackway/protocol'

/** What an S3 store answered instead of a result, or that no answer came. */
export interface S3Failure {
  /** Its own name for the error, such as `NoSuchKey`. */
  name: string
  message: string
  /** The HTTP status; undefined if no answer came. */
  status: number | undefined
}

// For a conditional request, 409 and 412 are results, which its caller reads first; here they mean undecided.
const undecidedStatuses: ReadonlySet<number> = new Set([409, 412])
const transientNames: ReadonlySet<string> = new Set([
  'RequestTimeout',
  'RequestTimeTooSkewed', // The client has adjusted its clock to the answer.
  'SlowDown',
])
const badCredentials: ReadonlySet<string> = new Set(['ExpiredToken', 'XAdminUserNotFound'])
// Thrown before anything is sent.
const localNames: ReadonlySet<string> = new Set(['CredentialsProviderError', 'TokenProviderError'])

export function failureOf(error: unknown): S3Failure {
  if (!isError(error)) return { name: 'Error', message: String(error), status: undefined }
  const status = statusOf(error)
  // The client's own advice to inspect the answer.
  if ('$response' in error && error.message.includes('$response')) {
    return { name: 'NotS3', message: 'the server at the endpoint is not an S3 store', status }
  }
  if (codeOf(error) === 'EPROTO') {
    return { name: 'NotS3', message: 'the server at the endpoint does not speak https', status }
  }
  return { name: error.name, message: error.message || codeOf(error), status }
}

/** Whether the same request may succeed a moment later. */
export function isTransient({ name, message, status }: S3Failure): boolean {
  if (transientNames.has(name)) return true
  if (status !== undefined) return isTransientStatus(status) || undecidedStatuses.has(status)
  return !localNames.has(name) && name !== 'TypeError' && !lacksRegion({ message })
}

function lacksRegion({ message }: Pick<S3Failure, 'message'>): boolean {
  return message === 'Region is missing'
}

/** Whether the request may have taken effect although it failed. */
export function mayHaveHappened({ status }: S3Failure): boolean {
  return status === undefined || status >= 500
}

/**
 * Reports a failure that persists. The client's own error is left out: it holds the request with its
 * signature.
 */
export function storeError(doing: string, failure: S3Failure): TrackwayError {
  const { name, message, status } = failure
  const reason = [name === 'Error' ? '' : name, status === undefined ? '' : `(${status})`].join(' ').trim()
  const text = [reason, message === name || message === 'UnknownError' ? '' : message]
    .filter(Boolean)
    .join(': ')
  const advice = adviceFor(failure)
  return new TrackwayError(
    errorCodeFor(failure),
    `Could not ${doing}: ${text}${advice === undefined ? '' : `; ${advice}`}`,
    // Credentials of a role come over the network as well.
    {
      retryable: isTransient(failure) || localNames.has(name),
      details: { s3: { name, ...(status !== undefined && { status }) } },
    },
  )
}

function errorCodeFor({ name, status }: S3Failure): ErrorCode {
  if (name === 'QuotaExceeded' || name === 'InsufficientStorage' || status === 507)
    return 'insufficient_storage'
  return status === 501 || name === 'NotImplemented' ? 'store_unsuitable' : 'store_unavailable'
}

function adviceFor(failure: S3Failure): string | undefined {
  const { name, status } = failure
  if (lacksRegion(failure)) return 'name the region of the bucket with ?region=, or set AWS_REGION'
  if (name === 'NotS3') return 'check the endpoint, and whether it speaks http or https'
  if (localNames.has(name)) {
    return 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or what your provider documents for the AWS tools; a profile that ?profile= or AWS_PROFILE names must be in the shared files, and is then the only source'
  }
  if (name === 'NoSuchBucket') return 'create the bucket first'
  if (status === 301 || status === 307 || name === 'AuthorizationHeaderMalformed') {
    return 'the bucket is in another region; name it with ?region='
  }
  if (status === 401 || status === 403 || badCredentials.has(name))
    return 'check the credentials and what they may do with this bucket'
  return status === undefined ? 'check the endpoint, and that the store is running' : undefined
}

function statusOf(error: Error): number | undefined {
  if (!('$metadata' in error)) return undefined
  const { $metadata: metadata } = error
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : ''
}
