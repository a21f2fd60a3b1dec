import { holdTo, isBucketName, TrackwayError, withoutSecrets } from '@trackway/protocol'
import * as z from 'zod/mini'

/** A bucket, or a folder of one, as a store. */
export interface S3Location {
  bucket: string
  /** Prefix of every key: empty, or ends with a slash. */
  prefix: string
  /** The store's URL; undefined: Amazon. */
  endpoint: string | undefined
  /** Undefined: from the environment, or `us-east-1` if an endpoint is given. */
  region: string | undefined
  /** Whether the bucket's name is in the path, or in front of the host name. */
  addressing: 'path' | 'virtual-host'
  /** The profile of the shared configuration files whose credentials are used. */
  profile: string | undefined
  /**
   * The caller's promise that only one process writes, so that the store does not need conditional requests.
   */
  exclusiveWriter: boolean
}

// S3 allows a key 1,024 bytes; ours have at most 900.
const longestPrefix = 120

const parametersSchema = z.strictObject({
  endpoint: z.optional(z.url({ protocol: /^https?$/ })),
  region: z.optional(
    z.string().check(z.regex(/^[A-Za-z0-9-]+$/, 'a region has only letters, digits and hyphens')),
  ),
  addressing: z.optional(z.enum(['path', 'virtual-host'])),
  profile: z.optional(z.string().check(z.minLength(1))),
  exclusiveWriter: z.optional(z.enum(['true', 'false'])),
})

/**
 * Reads `s3://bucket/prefix?endpoint=…&region=…&addressing=path|virtual-host&profile=…&exclusiveWriter=true`.
 * All but the bucket may be left out. The bucket's name is in the path if an endpoint is given, in the
 * location or as AWS_ENDPOINT_URL, unless `addressing` says otherwise. Throws `option_invalid`.
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
    throw invalid('contains credentials; set them in the environment, such as AWS_ACCESS_KEY_ID')
  }
  if (!/^s3:\/\//i.test(text) || !URL.canParse(text)) throw invalid('is not a URL')
  const url = new URL(text)
  if (url.port || url.hash) throw invalid('has a port or a fragment; a port belongs in the endpoint')
  if (!isBucketName(url.hostname)) throw invalid('lacks a valid bucket name')
  const segments = url.pathname.split('/').filter((segment) => segment !== '')
  if (!segments.every((segment) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(segment))) {
    throw invalid(
      'has a prefix with characters other than letters, digits and ._-, or with a part that begins with a dot',
    )
  }
  const prefix = segments.map((segment) => `${segment}/`).join('')
  if (prefix.length > longestPrefix) throw invalid(`has a prefix longer than ${longestPrefix} characters`)
  const parameters = holdTo(parametersSchema, Object.fromEntries(url.searchParams))
  if (!parameters.success) throw invalid(`has invalid parameters: ${namesOf(parameters.error)}`)
  const { region, addressing, profile, exclusiveWriter } = parameters.data
  // Amazon's tools use these variables as well, and so does the client that is used here.
  const endpoint =
    parameters.data.endpoint ?? variables['AWS_ENDPOINT_URL_S3'] ?? variables['AWS_ENDPOINT_URL']
  if (endpoint !== undefined && /\/\/[^/]*@/.test(endpoint))
    throw invalid('contains credentials in its endpoint')
  if (endpoint?.replace(/\/+$/, '').endsWith(`/${url.hostname}`)) {
    throw invalid('is named in the endpoint as well, which gets the name added; leave it out there')
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

/** The name of a location in messages: without secrets, with all that distinguishes it from others. */
export function describeLocation({ bucket, prefix, endpoint }: S3Location): string {
  const at = endpoint === undefined ? '' : ` at ${endpoint}`
  return `the bucket s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}${at}`
}

/** Which parameters are wrong and why, without their values: a secret may be in the wrong place. */
function namesOf(error: z.core.$ZodError): string {
  return error.issues
    .map((issue) =>
      issue.code === 'unrecognized_keys'
        ? `${issue.keys.join(', ')} (use ${Object.keys(parametersSchema.def.shape).join(', ')})`
        : `${issue.path.join('.')}: ${issue.message}`,
    )
    .join('; ')
}
