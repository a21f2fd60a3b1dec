import { holdTo, isBucketName, TrackwayError, withoutSecrets } from '@trackway/protocol'
import * as z from 'zod/mini'

/** A bucket, or a folder of one, as a store. */
export interface S3Location {
  bucket: string
  /** What stands before every key: empty, or ends with a slash. */
  prefix: string
  /** Where the store answers; undefined: Amazon. */
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
  endpoint: z.optional(z.url({ protocol: /^https?$/ })),
  region: z.optional(
    z.string().check(z.regex(/^[A-Za-z0-9-]+$/, 'A region has letters, digits and hyphens')),
  ),
  addressing: z.optional(z.enum(['path', 'virtual-host'])),
  profile: z.optional(z.string().check(z.minLength(1))),
  exclusiveWriter: z.optional(z.enum(['true', 'false'])),
})

/**
 * Reads `s3://bucket/prefix?endpoint=…&region=…&addressing=path|virtual-host&profile=…&exclusiveWriter=true`. All but
 * the bucket may be left out. The bucket's name stands in the path where an endpoint is given, in the address or as
 * AWS_ENDPOINT_URL, unless told otherwise. Throws `option_invalid`.
 */
export function parseS3Location(
  text: string,
  variables: Record<string, string | undefined> = process.env,
): S3Location {
  const invalid = (problem: string) =>
    new TrackwayError(
      'option_invalid',
      `The bucket '${withoutSecrets(text)}' ${problem}; write it as s3://bucket/prefix?endpoint=http://host:port&region=name`,
    )
  if (/\/\/.*@/.test(text)) {
    throw invalid('has credentials in it; they come from the environment, such as AWS_ACCESS_KEY_ID')
  }
  if (!/^s3:\/\//i.test(text) || !URL.canParse(text)) throw invalid('is not an address')
  const url = new URL(text)
  if (url.port || url.hash) throw invalid('has a port or a fragment; a port belongs into the endpoint')
  if (!isBucketName(url.hostname)) throw invalid('has no valid name of a bucket')
  const segments = url.pathname.split('/').filter((segment) => segment !== '')
  if (!segments.every((segment) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(segment))) {
    throw invalid(
      'has a prefix with other characters than letters, digits and ._-, or one that begins with a dot',
    )
  }
  const prefix = segments.map((segment) => `${segment}/`).join('')
  if (prefix.length > longestPrefix) throw invalid(`has a prefix of more than ${longestPrefix} characters`)
  const parameters = holdTo(parametersSchema, Object.fromEntries(url.searchParams))
  if (!parameters.success) throw invalid(`is not understood: ${namesOf(parameters.error)}`)
  const { region, addressing, profile, exclusiveWriter } = parameters.data
  // Amazon's tools heed these as well, and so does the client underneath.
  const endpoint =
    parameters.data.endpoint ?? variables['AWS_ENDPOINT_URL_S3'] ?? variables['AWS_ENDPOINT_URL']
  if (endpoint !== undefined && /\/\/[^/]*@/.test(endpoint)) throw invalid('has credentials in its endpoint')
  if (endpoint?.replace(/\/+$/, '').endsWith(`/${url.hostname}`)) {
    throw invalid('is named in the endpoint as well, to which the name is added; leave it out there')
  }
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
  const at = endpoint === undefined ? '' : ` at ${endpoint}`
  return `the bucket s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}${at}`
}

/** Which parameters are wrong and why, without what was given: it may be a secret in the wrong place. */
function namesOf(error: z.core.$ZodError): string {
  return error.issues
    .map((issue) =>
      issue.code === 'unrecognized_keys'
        ? `it takes ${Object.keys(parametersSchema.def.shape).join(', ')}, and not ${issue.keys.join(', ')}`
        : `${issue.path.join('.')}: ${issue.message}`,
    )
    .join('; ')
}
