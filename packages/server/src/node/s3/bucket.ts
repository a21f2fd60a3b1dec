import { setTimeout as wait } from 'node:timers/promises'
import { S3Client } from '@aws-sdk/client-s3'
import { describeLocation, type S3Location } from './s3-location.ts'

/** A bucket and the client that talks to it. */
export interface Bucket {
  description: string
  client: S3Client
  name: string
  /** Prefix of every key: empty, or ends with a slash. */
  prefix: string
  /** Waits this many milliseconds before a retry. */
  sleep(ms: number): Promise<unknown>
  /** The time of an answer by the store's own clock, in milliseconds since 1970; undefined if it has none. */
  timeOf(answer: object): number | undefined
}

/** What a test may replace. */
export interface BucketOptions {
  /** Default: the machine's. */
  sleep?: (ms: number) => Promise<unknown>
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const connectMs = 5_000
const silentMs = 20_000
const mostConnections = 128

/**
 * A client for a bucket. Credentials come from where Amazon's tools look for them: the environment, the
 * shared configuration files, web identity, the roles of containers and instances. It sends each request
 * once: what may be retried, and what a second answer means, differs between reads and conditional writes.
 */
export function createBucket(location: S3Location, { sleep = wait }: BucketOptions = {}): Bucket {
  const { bucket, prefix, endpoint, region, addressing, profile } = location
  const client = new S3Client({
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    forcePathStyle: addressing === 'path',
    maxAttempts: 1,
    // Writers send a SHA-256 of their own; readers compare what they get with the digest that it is known by.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    // The client's default logger writes to the console about streams; errors report failures.
    logger: silent,
    requestHandler: {
      connectionTimeout: connectMs,
      socketTimeout: silentMs,
      httpAgent: { maxSockets: mostConnections },
      httpsAgent: { maxSockets: mostConnections },
    },
  })
  return {
    description: describeLocation(location),
    client,
    name: bucket,
    prefix,
    sleep,
    timeOf: recordTimes(client),
  }
}

/** The client's results leave out the header `Date`, without which an object has no age. */
function recordTimes(client: S3Client): (answer: object) => number | undefined {
  const times = new WeakMap<object, number>()
  client.middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request)
      const time = Date.parse(dateOf(result.response) ?? '')
      if (result.output !== undefined && !Number.isNaN(time)) times.set(result.output, time)
      return result
    },
    { step: 'deserialize', priority: 'high', name: 'recordTimes' },
  )
  return (answer) => times.get(answer)
}

function dateOf(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined
  const { headers } = response
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return undefined
  return typeof headers.date === 'string' ? headers.date : undefined
}
