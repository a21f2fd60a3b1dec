import { digestHex, sha256 } from '@trackway/protocol'
import type { ObjectStore, SignedRequest, Signing } from '../object-store.ts'
import { demand, demandBytes, makeBytes, readObject } from './store-check.ts'

/** One check of a promise about signed requests. */
export interface SigningCheck {
  /** The promise, in a few words. */
  property: string
  /** What is unavailable from a store that breaks it. */
  of: 'get' | 'put'
  /** Throws an error that says what went wrong. */
  run(subject: SigningSubject): Promise<void>
}

interface SigningSubject {
  store: ObjectStore
  signing: Signing
  /** A key that only this check uses. */
  key(name: string): string
}

const lifeMs = 5 * 60 * 1000
// Stores accept a clock that is off by up to a quarter of an hour.
const longAgoMs = 30 * 60 * 1000
const patienceMs = 10_000
const bytes = makeBytes(1000, 11)

/** Additional headers that change what some stores store. The source of copies is added later. */
const additions: Record<string, string>[] = [
  { 'content-encoding': 'gzip' },
  { 'x-amz-storage-class': 'GLACIER' },
  {
    'x-amz-server-side-encryption-customer-algorithm': 'AES256',
    'x-amz-server-side-encryption-customer-key': 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=',
    'x-amz-server-side-encryption-customer-key-MD5': 'hRasmdxgYDKV3nvbahU1MA==',
  },
]

export const signingChecks: readonly SigningCheck[] = [
  {
    property: 'a signed get returns the bytes of its object, and a range of them',
    of: 'get',
    async run(subject) {
      const request = await storedAndSigned(subject)
      const whole = await send('GET', request)
      demand(whole?.status === 200, `The answer is ${whole?.status ?? 'missing'}`)
      demandBytes(whole.bytes, bytes, 'The content')
      const range = await send('GET', request, { add: { range: 'bytes=100-199' } })
      demand(range?.status === 206, `The answer to a range is ${range?.status ?? 'missing'}`)
      demandBytes(range.bytes, bytes.subarray(100, 200), 'The range')
    },
  },
  {
    property: 'an object cannot be read without a signature, or with the signature of another',
    of: 'get',
    async run(subject) {
      const request = await storedAndSigned(subject)
      const unsigned = { url: request.url.replace(/\?.*/, ''), headers: {} }
      demand(!(await send('GET', unsigned))?.ok, 'It can be read without a signature')
      const other = await subject.signing.get(subject.key('other'), { lifeMs })
      demand(
        !(await send('GET', elsewhere(other, request)))?.ok,
        'It can be read with the signature of another',
      )
    },
  },
  {
    property: 'a signed get expires',
    of: 'get',
    async run(subject) {
      await storedAndSigned(subject)
      const old = await subject.signing.get(subject.key('object'), { lifeMs, atMs: Date.now() - longAgoMs })
      demand(!(await send('GET', old))?.ok, 'It is answered after it expired')
    },
  },
  {
    property: 'a signed get permits nothing else',
    of: 'get',
    async run(subject) {
      const request = await storedAndSigned(subject)
      await send('PUT', request, { body: makeBytes(1000, 12) })
      await send('DELETE', request)
      demandBytes(
        await readObject(subject.store, subject.key('object')),
        bytes,
        'The object after other methods',
      )
      const acl = `${request.url}${request.url.includes('?') ? '&' : '?'}acl`
      demand(!(await send('GET', { ...request, url: acl }))?.ok, 'It returns more than the object')
    },
  },
  {
    property: 'a signed put stores its bytes, and the second time fails with 412 and changes nothing',
    of: 'put',
    async run(subject) {
      const request = await signPut(subject)
      const first = await send('PUT', request, { body: bytes })
      demand(first?.ok === true, `The answer is ${first?.status ?? 'missing'}`)
      await demandStored(subject)
      const second = await send('PUT', request, { body: bytes })
      demand(second?.status === 412, `The second answer is ${second?.status ?? 'missing'}`)
      await demandStored(subject)
    },
  },
  {
    property: 'a signed put does not accept other bytes, of the same length or another',
    of: 'put',
    async run(subject) {
      const request = await signPut(subject)
      for (const body of [makeBytes(bytes.length, 13), bytes.subarray(1), makeBytes(2000, 14), undefined]) {
        await refused(subject, request, body === undefined ? {} : { body })
      }
    },
  },
  {
    property: 'a signed put expires',
    of: 'put',
    async run(subject) {
      await refused(subject, await signPut(subject, 'object', Date.now() - longAgoMs), { body: bytes })
    },
  },
  {
    property: 'a signed put is not accepted without its condition',
    of: 'put',
    async run(subject) {
      const request = await signPut(subject)
      demand(request.headers['if-none-match'] === '*', 'It was signed without one')
      await refused(subject, request, { body: bytes, without: 'if-none-match' })
      await subject.store.putIfAbsent(subject.key('object'), bytes.subarray(1))
      await send('PUT', request, { body: bytes, without: 'if-none-match' })
      demandBytes(
        await readObject(subject.store, subject.key('object')),
        bytes.subarray(1),
        'The object that existed',
      )
    },
  },
  {
    property: 'a signed put permits no other key and nothing else',
    of: 'put',
    async run(subject) {
      const other = await signPut(subject, 'other')
      await refused(subject, elsewhere(other, await signPut(subject)), { body: bytes })
      const request = await signPut(subject)
      await send('PUT', request, { body: bytes })
      demand(!(await send('GET', request))?.ok, 'It permits reading')
      await send('DELETE', request)
      await demandStored(subject)
    },
  },
  {
    property: 'headers added to a signed put do not change what is stored',
    of: 'put',
    async run(subject) {
      const secret = makeBytes(900, 15)
      await subject.store.putIfAbsent(subject.key('secret'), secret)
      const { url } = await subject.signing.get(subject.key('secret'), { lifeMs })
      const copies = copySources(url).map((source) => ({ 'x-amz-copy-source': source }))
      for (const [index, add] of [...additions, ...copies].entries()) {
        const name = `added${index}`
        for (const body of [{ body: bytes }, {}]) {
          await send('PUT', await signPut(subject, name), { ...body, add })
          const stored = await readObject(subject.store, subject.key(name))
          if (stored === undefined) continue
          const what = `The object stored with ${Object.keys(add)[0]}`
          demandBytes(stored, bytes, what)
          const given = await send('GET', await subject.signing.get(subject.key(name), { lifeMs }))
          demandBytes(given?.bytes, bytes, what)
        }
      }
    },
  },
]

/** How a copy may name its source: with the bucket in the path, or in the host name. */
function copySources(url: string): string[] {
  const { hostname, pathname } = new URL(url)
  return [pathname, `/${hostname.split('.')[0]}${pathname}`]
}

async function storedAndSigned({ store, signing, key }: SigningSubject): Promise<SignedRequest> {
  await store.putIfAbsent(key('object'), bytes)
  return signing.get(key('object'), { lifeMs })
}

async function signPut(
  { signing, key }: SigningSubject,
  name = 'object',
  atMs = Date.now(),
): Promise<SignedRequest> {
  const options = { sha256: digestHex(sha256(bytes)), size: bytes.length, lifeMs, atMs }
  const request = await signing.put?.(key(name), options)
  demand(request !== undefined, 'The store does not sign puts')
  return request
}

/** The signature of one request with the path of another. */
function elsewhere(signed: SignedRequest, path: SignedRequest): SignedRequest {
  const url = new URL(signed.url)
  url.pathname = new URL(path.url).pathname
  return { ...signed, url: url.href }
}

async function refused(subject: SigningSubject, request: SignedRequest, how: How): Promise<void> {
  demand(!(await send('PUT', request, how))?.ok, 'It is accepted')
  demand((await subject.store.head(subject.key('object'))) === undefined, 'It is refused, but stored')
}

async function demandStored({ store, key }: SigningSubject): Promise<void> {
  demandBytes(await readObject(store, key('object')), bytes, 'The stored object')
}

interface How {
  body?: Uint8Array
  /** Headers to send in addition to its own. */
  add?: Record<string, string>
  /** One of its own headers that is not sent. */
  without?: string
}

/** A store's answer to a request; undefined if it does not answer, as some do instead of refusing. */
async function send(
  method: string,
  { url, headers }: SignedRequest | Unsigned,
  { body, add, without }: How = {},
) {
  const all = Object.entries({ ...headers, ...add }).filter(
    ([name]) => name !== without && name !== 'content-length',
  )
  try {
    const response = await fetch(url, {
      method,
      headers: all,
      redirect: 'manual',
      signal: AbortSignal.timeout(patienceMs),
      ...(body && { body: body.slice() }),
    })
    return {
      ok: response.ok,
      status: response.status,
      bytes: new Uint8Array(await response.arrayBuffer()),
    }
  } catch {
    return undefined
  }
}

type Unsigned = Pick<SignedRequest, 'url' | 'headers'>
