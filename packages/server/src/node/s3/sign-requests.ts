import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { SignedRequest, Signing } from '../../stores/object-store.ts'
import type { Bucket } from './bucket.ts'
import { failureOf, storeError } from './s3-error.ts'

type Signer = Awaited<ReturnType<S3Client['config']['signer']>>
type HttpRequest = Parameters<Signer['sign']>[0]

interface Presigner {
  presign(request: HttpRequest, options: { expiresIn: number; signingDate: Date }): Promise<HttpRequest>
}

/** How long a store accepts signed headers, by their date. */
const headersLifeMs = 15 * 60 * 1000

/**
 * Signs requests to a bucket, with the client's own signer and credentials.
 *
 * A GET is signed in its query. A PUT is signed in its headers, which include the SHA-256 of its bytes:
 * Ceph's gateway (16.2) accepts any bytes for a PUT that is signed in its query, whatever checksum was
 * signed, and copies any object of the bucket if the client adds a header. In this form it does neither.
 * `probeSigning` finds out whether a store enforces all that a signature covers.
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html)
 */
export function createSigning(bucket: Bucket): Required<Signing> {
  return {
    async get(key, { lifeMs, atMs }) {
      const { signer, signingDate, untilMs } = await openSigner(bucket, atMs)
      const request = await addressOf(bucket, key)
      const expiresIn = Math.max(1, Math.floor(Math.min(lifeMs, untilMs) / 1000))
      // A browser that opens the URL must not run the content, and no client may unpack it: the header that
      // states a content encoding comes from those who put the bytes, and is not checked.
      const query = { 'response-content-disposition': 'attachment', 'response-content-encoding': 'identity' }
      const headers = { ...request.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
      const options = { expiresIn, signingDate }
      return finish(await signer.presign({ ...request, method: 'GET', query, headers }, options), expiresIn)
    },

    async put(key, { sha256, size, lifeMs, atMs }) {
      const { signer, signingDate, untilMs } = await openSigner(bucket, atMs)
      const request = await addressOf(bucket, key)
      const headers = {
        ...request.headers,
        'content-length': String(size),
        'content-type': 'application/octet-stream',
        'if-none-match': '*',
        'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
        'x-amz-content-sha256': sha256,
      }
      const signed = await signer.sign({ ...request, method: 'PUT', headers }, { signingDate })
      return finish(signed, Math.min(lifeMs, untilMs, headersLifeMs) / 1000)
    },
  }
}

/** A role's credentials expire, and everything they have signed with them. */
async function openSigner({ client: { config }, description }: Bucket, atMs?: number) {
  const [signer, { expiration }] = await Promise.all([config.signer(), config.credentials()]).catch(
    (error: unknown) => {
      throw storeError(`sign a request to ${description}`, failureOf(error))
    },
  )
  const now = Date.now() + config.systemClockOffset
  return {
    signer: signer as Signer & Presigner, // The client's type lacks what Amazon's own presigner uses.
    signingDate: new Date(atMs ?? now),
    untilMs: Math.max(0, (expiration?.getTime() ?? Number.POSITIVE_INFINITY) - now),
  }
}

/** The URL of an object, as the client would request it; nothing is sent. */
async function addressOf({ client, name, prefix }: Bucket, key: string): Promise<HttpRequest> {
  const command = new HeadObjectCommand({ Bucket: name, Key: prefix + key })
  let found: HttpRequest | undefined
  command.middlewareStack.add(
    () => (step) => {
      found = step.request as HttpRequest // What is built by now is a request.
      return Promise.resolve({ response: {}, output: { $metadata: {} } })
    },
    { step: 'build', priority: 'low', name: 'keepRequest' },
  )
  await client.send(command)
  if (found === undefined) throw new Error(`The client built no request for ${key}`)
  const { protocol, hostname, port, path, headers } = found
  return {
    method: 'HEAD',
    protocol,
    hostname,
    ...(port !== undefined && { port }),
    path,
    query: {},
    headers: { host: headers['host'] ?? hostname },
  }
}

function finish({ protocol, path, query = {}, headers }: HttpRequest, seconds: number): SignedRequest {
  const { host = '', ...rest } = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const search = Object.entries(query).map(([name, value]) => `${escape(name)}=${escape(String(value))}`)
  return {
    url: `${protocol}//${host}${path}${search.length === 0 ? '' : `?${search.join('&')}`}`,
    headers: rest,
    expiresAtMs: Date.now() + seconds * 1000,
  }
}

/** As signatures are computed over it (RFC 3986). */
function escape(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
