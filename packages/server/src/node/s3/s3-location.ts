import { TrackwayError } from '@trackway/protocol'
import { z } from 'zod'

/** A bucket, or a folder of one, as a store. */
export interface S3Location {
  bucket: string
  /** What stands before every key: empty, or ends with a slash. */
  prefix: string
  /** Where the store answers; undefined: what the environment says, else Amazon. */
  endpoint: string | undefined
  /** Undefined: what the environment says; where an endpoint is given, `us-east-1`. */
  region: string | undefined
  /** Whether the bucket's name stands in the path, or before the host's name. */
  addressing: 'path' | 'virtual-host'
  /** The profile of the shared configuration files whose credentials are used. */
  profile: string | undefined
  /** The caller's word that one process alone writes, so that the store need not know conditions. */
  exclusiveWriter: boolean
}

// S3 gives a key 1,024 bytes; ours have at most 900.
const longestPrefix = 120

const parametersSchema = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  region: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/, 'A region has letters, digits and hyphens')
    .optional(),
  addressing: z.enum(['path', 'virtual-host']).optional(),
  profile: z.string().min(1).optional(),
  exclusiveWriter: z.enum(['true', 'false']).optional(),
})

/** Whether a text names a bucket. */
export function isS3Location(text: string): boolean {
  return /^s3:\/\//i.test(text)
}

/**
 * Reads `s3://bucket/prefix?endpoint=…&region=…&addressing=path|virtual-host&profile=…&exclusiveWriter=true`. All but
 * the bucket may be left out. The bucket's name stands in the path where an endpoint is given, unless told otherwise.
 * Throws `option_invalid`.
 */
export function parseS3Location(text: string): S3Location {
  const invalid = (problem: string) =>
    new TrackwayError(
      'option_invalid',
      `The bucket '${withoutCredentials(text)}' ${problem}; write it as s3://bucket/prefix?endpoint=http://host:port&region=name`,
    )
  if (!isS3Location(text) || !URL.canParse(text)) throw invalid('is no address')
  const url = new URL(text)
  if (url.username || url.password) {
    throw invalid('has credentials in it; they come from the environment, such as AWS_ACCESS_KEY_ID')
  }
  if (url.port || url.hash) throw invalid('has a port or a fragment; a port belongs into the endpoint')
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(url.hostname)) throw invalid('has no valid name of a bucket')
  const segments = url.pathname.split('/').filter((segment) => segment !== '')
  if (!segments.every((segment) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(segment))) {
    throw invalid(
      'has a prefix with other characters than letters, digits and ._-, or one that begins with a dot',
    )
  }
  const prefix = segments.map((segment) => `${segment}/`).join('')
  if (prefix.length > longestPrefix) throw invalid(`has a prefix of more than ${longestPrefix} characters`)
  const parameters = parametersSchema.safeParse(Object.fromEntries(url.searchParams))
  if (!parameters.success) throw invalid(`is not understood: ${z.prettifyError(parameters.error)}`)
  const { endpoint, region, addressing, profile, exclusiveWriter } = parameters.data
  return {
    bucket: url.hostname,
    prefix,
    endpoint,
    region: region ?? (endpoint === undefined ? undefined : 'us-east-1'),
    addressing: addressing ?? (endpoint === undefined ? 'virtual-host' : 'path'),
    profile,
    exclusiveWriter: exclusiveWriter === 'true',
  }
}

/** What a location is called in messages: nothing that is secret, all that tells it from others. */
export function describeLocation({ bucket, prefix, endpoint }: S3Location): string {
  const at = endpoint === undefined ? '' : ` at ${withoutCredentials(endpoint)}`
  return `the bucket s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}${at}`
}

function withoutCredentials(text: string): string {
  return text.replaceAll(/\/\/[^/@]*@/g, '//…@')
}
