import { sha256 } from '@trackway/protocol'
import { clampRange } from '../stores/byte-range.ts'
import { collectBytes } from '../stores/byte-stream.ts'
import { createMemoryStore } from '../stores/memory-store.ts'
import type { ObjectStore, Signing } from '../stores/object-store.ts'

/** Checks that a bucket lacks, as real buckets do. */
export type BucketFlaw =
  | 'gives objects to anyone'
  | 'ignores what a signature is for'
  | 'ignores the method'
  | 'accepts any bytes'
  | 'ignores the condition'
  | 'copies any object'
  | 'accepts a put of a taken key'
  | 'accepts expired signatures'
  | 'stores any content encoding'

/** Options of a signing store. */
export interface SigningStoreOptions {
  /** The origin of its requests, such as `http://127.0.0.1:9000`; called for each signature. */
  origin(): string
  /** Default: none. */
  flaws?: readonly BucketFlaw[]
  /** Milliseconds since 1970. Default: `Date.now`. */
  now?: () => number
}

/** A request as the bucket received it. */
export interface BucketRequest {
  method: string
  path: string
  headers: Headers
  /** Bytes of the request's body. */
  size: number
  status: number
}

/** A store in memory that also handles signed requests, as buckets do. */
export interface SigningStore {
  store: ObjectStore
  /** Answers a signed request: pass it to `serve`, or call it in place of the network. */
  fetch(request: Request): Promise<Response>
  /** The requests so far, the oldest first. */
  requests: BucketRequest[]
}

const secret = 'known to the bucket alone'
const folder = '/bucket/'

/** Creates a signing store for tests: it keeps the promises of `Signing`, except for the given flaws. */
export function createSigningStore({
  origin,
  flaws = [],
  now = Date.now,
}: SigningStoreOptions): SigningStore {
  const store = createMemoryStore()
  const requests: BucketRequest[] = []
  const packings = new Map<string, string>()
  const has = (flaw: BucketFlaw) => flaws.includes(flaw)

  function signature(...parts: string[]): string {
    return sha256(new TextEncoder().encode([secret, ...parts].join('\n'))).slice('sha256:'.length)
  }

  function isInTime(expires: string): boolean {
    return Number(expires) > now() || has('accepts expired signatures')
  }

  function signed(key: string): string {
    return has('ignores what a signature is for') ? '' : key
  }

  function signatureOfGet(method: string, key: string, expires: string): string {
    return signature(has('ignores the method') ? '' : method, signed(key), expires)
  }

  function signatureOfPut(key: string, ...headers: string[]): string {
    return `AWS4-HMAC-SHA256 Signature=${signature('PUT', signed(key), ...headers)}`
  }

  const signing: Signing = {
    async get(key, { lifeMs, atMs = now() }) {
      const expiresAtMs = atMs + lifeMs
      const query = `expires=${expiresAtMs}&signature=${signatureOfGet('GET', key, String(expiresAtMs))}`
      return { url: `${origin()}${folder}${key}?${query}`, headers: {}, expiresAtMs }
    },
    async put(key, { sha256: hex, lifeMs, atMs = now() }) {
      const expiresAtMs = atMs + lifeMs
      const headers = { 'if-none-match': '*', 'x-amz-content-sha256': hex, 'x-amz-date': String(expiresAtMs) }
      const authorization = signatureOfPut(key, ...Object.values(headers))
      return { url: `${origin()}${folder}${key}`, headers: { ...headers, authorization }, expiresAtMs }
    },
  }

  async function get(request: Request, key: string): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const expires = searchParams.get('expires') ?? ''
    const isSigned =
      signatureOfGet(request.method, key, expires) === searchParams.get('signature') &&
      isInTime(expires) &&
      searchParams.size === 2
    if (!isSigned && !has('gives objects to anyone')) return refusal(403, 'SignatureDoesNotMatch')
    if (request.method === 'DELETE') await store.delete(key)
    const object = await store.get(key)
    if (object === undefined) return refusal(404, 'NoSuchKey')
    const bytes = new Uint8Array(await collectBytes(object.body))
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get('range') ?? '') ?? []
    const packing = packings.get(key)
    if (packing !== undefined) return new Response(bytes, { headers: { 'content-encoding': packing } })
    if (first === undefined || last === undefined) return new Response(bytes)
    const { start, end } = clampRange({ start: Number(first), end: Number(last) + 1 }, bytes.length)
    return new Response(bytes.slice(start, end), { status: 206 })
  }

  async function put({ headers }: Request, key: string, body: Uint8Array): Promise<Response> {
    const of = (name: string) => headers.get(name) ?? ''
    const condition = has('ignores the condition') ? '*' : of('if-none-match')
    const [hex, date] = [of('x-amz-content-sha256'), of('x-amz-date')]
    if (of('authorization') !== signatureOfPut(key, condition, hex, date) || !isInTime(date))
      return refusal(403, 'SignatureDoesNotMatch')
    const source = headers.get('x-amz-copy-source')
    const strange = [...headers.keys()].filter((name) => name.startsWith('x-amz-') && !signedNames.has(name))
    if (strange.length > 0 && !has('copies any object')) return refusal(403, 'HeadersNotSigned')
    const copied = source?.startsWith(folder) ? await store.get(source.slice(folder.length)) : undefined
    if (copied === undefined && `sha256:${hex}` !== sha256(body) && !has('accepts any bytes'))
      return refusal(400, 'XAmzContentSHA256Mismatch')
    if (has('stores any content encoding') && headers.has('content-encoding'))
      packings.set(key, of('content-encoding'))
    if (has('ignores the condition')) await store.delete(key)
    const isStored = await store.putIfAbsent(key, copied ? await collectBytes(copied.body) : body)
    if (isStored || has('accepts a put of a taken key')) return new Response(null)
    return refusal(412, 'PreconditionFailed')
  }

  async function answer(request: Request, body: Uint8Array): Promise<Response> {
    const { pathname } = new URL(request.url)
    const key = pathname.slice(folder.length)
    if (!pathname.startsWith(folder)) return refusal(403, 'AccessDenied')
    if (request.method === 'PUT') return put(request, key, body)
    if (request.method === 'GET' || (request.method === 'DELETE' && has('ignores the method')))
      return get(request, key)
    return refusal(403, 'AccessDenied')
  }

  return {
    store: { ...store, description: 'memory that signs', signing },
    requests,
    async fetch(request) {
      const body = new Uint8Array(await request.arrayBuffer())
      const response = await answer(request, body)
      const { method, url, headers } = request
      const path = new URL(url).pathname
      requests.push({ method, path, headers, size: body.length, status: response.status })
      return response
    },
  }
}

const signedNames = new Set(['x-amz-content-sha256', 'x-amz-date'])

function refusal(status: number, code: string): Response {
  return new Response(`<Error><Code>${code}</Code></Error>`, { status })
}
