import { digestHex, sha256 } from '@trackway/protocol'
import type { ObjectStore, SignedRequest, Signing } from '../object-store.ts'
import { demand, demandBytes, makeBytes, readObject } from './store-check.ts'

/** One promise of signed requests, as a question to a store. */
export interface SigningCheck {
  /** What the store has to do, in a few words. */
  property: string
  /** What is not to be had of a store that does not. */
  of: 'get' | 'put'
  /** Throws an error that says what went wrong. */
  run(place: SigningPlace): Promise<void>
}

interface SigningPlace {
  store: ObjectStore
  signing: Signing
  /** A key of this check's own. */
  key(name: string): string
}

const lifeMs = 5 * 60 * 1000
// Stores let a clock be off by a quarter of an hour.
const longAgoMs = 30 * 60 * 1000
const patienceMs = 10_000
const bytes = makeBytes(1000, 11)

/** Headers, beside those that were signed, that change what is stored in some stores. Where copies come from is added. */
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
    property: 'a signed get gives the bytes of its object, and a range of them',
    of: 'get',
    async run(place) {
      const request = await storedAndSigned(place)
      const whole = await send('GET', request)
      demand(whole?.status === 200, `It is answered with ${whole?.status ?? 'nothing'}`)
      demandBytes(whole.bytes, bytes, 'What it gives')
      const range = await send('GET', request, { add: { range: 'bytes=100-199' } })
      demand(range?.status === 206, `With a range it is answered with ${range?.status ?? 'nothing'}`)
      demandBytes(range.bytes, bytes.subarray(100, 200), 'The range that it gives')
    },
  },
  {
    property: 'an object is not given without a signature, nor by the signature of another',
    of: 'get',
    async run(place) {
      const request = await storedAndSigned(place)
      const unsigned = { url: request.url.replace(/\?.*/, ''), headers: {} }
      demand(!(await send('GET', unsigned))?.ok, 'It is given without a signature')
      const other = await place.signing.get(place.key('other'), { lifeMs })
      demand(!(await send('GET', elsewhere(other, request)))?.ok, 'It is given by the signature of another')
    },
  },
  {
    property: 'a signed get ends',
    of: 'get',
    async run(place) {
      await storedAndSigned(place)
      const old = await place.signing.get(place.key('object'), { lifeMs, atMs: Date.now() - longAgoMs })
      demand(!(await send('GET', old))?.ok, 'It is answered after its time')
    },
  },
  {
    property: 'a signed get is no right to do anything else',
    of: 'get',
    async run(place) {
      const request = await storedAndSigned(place)
      await send('PUT', request, { body: makeBytes(1000, 12) })
      await send('DELETE', request)
      demandBytes(await readObject(place.store, place.key('object')), bytes, 'The object after other methods')
      const acl = `${request.url}${request.url.includes('?') ? '&' : '?'}acl`
      demand(!(await send('GET', { ...request, url: acl }))?.ok, 'It gives more than the object')
    },
  },
  {
    property: 'a signed put stores its bytes, and the second time answers 412 and changes nothing',
    of: 'put',
    async run(place) {
      const request = await signPut(place)
      const first = await send('PUT', request, { body: bytes })
      demand(first?.ok === true, `It is answered with ${first?.status ?? 'nothing'}`)
      await demandStored(place)
      const second = await send('PUT', request, { body: bytes })
      demand(second?.status === 412, `The second time it is answered with ${second?.status ?? 'nothing'}`)
      await demandStored(place)
    },
  },
  {
    property: 'a signed put takes no other bytes, of the same length or another',
    of: 'put',
    async run(place) {
      const request = await signPut(place)
      for (const body of [makeBytes(bytes.length, 13), bytes.subarray(1), makeBytes(2000, 14), undefined]) {
        await refused(place, request, body === undefined ? {} : { body })
      }
    },
  },
  {
    property: 'a signed put ends',
    of: 'put',
    async run(place) {
      await refused(place, await signPut(place, 'object', Date.now() - longAgoMs), { body: bytes })
    },
  },
  {
    property: 'a signed put is not taken without its condition',
    of: 'put',
    async run(place) {
      const request = await signPut(place)
      demand(request.headers['if-none-match'] === '*', 'It was signed without one')
      await refused(place, request, { body: bytes, without: 'if-none-match' })
      await place.store.putIfAbsent(place.key('object'), bytes.subarray(1))
      await send('PUT', request, { body: bytes, without: 'if-none-match' })
      demandBytes(
        await readObject(place.store, place.key('object')),
        bytes.subarray(1),
        'The object that was there',
      )
    },
  },
  {
    property: 'a signed put is no right to another key, or to do anything else',
    of: 'put',
    async run(place) {
      const other = await signPut(place, 'other')
      await refused(place, elsewhere(other, await signPut(place)), { body: bytes })
      const request = await signPut(place)
      await send('PUT', request, { body: bytes })
      demand(!(await send('GET', request))?.ok, 'It is given to who may put it')
      await send('DELETE', request)
      await demandStored(place)
    },
  },
  {
    property: 'what is added to a signed put does not change what is stored',
    of: 'put',
    async run(place) {
      const secret = makeBytes(900, 15)
      await place.store.putIfAbsent(place.key('secret'), secret)
      const { url } = await place.signing.get(place.key('secret'), { lifeMs })
      const copies = copySources(url).map((source) => ({ 'x-amz-copy-source': source }))
      for (const [index, add] of [...additions, ...copies].entries()) {
        const name = `added${index}`
        for (const body of [{ body: bytes }, {}]) {
          await send('PUT', await signPut(place, name), { ...body, add })
          const stored = await readObject(place.store, place.key(name))
          if (stored === undefined) continue
          const what = `What is stored with ${Object.keys(add)[0]}`
          demandBytes(stored, bytes, what)
          const given = await send('GET', await place.signing.get(place.key(name), { lifeMs }))
          demandBytes(given?.bytes, bytes, what)
        }
      }
    },
  },
]

/** How a copy may name what it copies: with the bucket in the path, or in the name of the host. */
function copySources(url: string): string[] {
  const { hostname, pathname } = new URL(url)
  return [pathname, `/${hostname.split('.')[0]}${pathname}`]
}

async function storedAndSigned({ store, signing, key }: SigningPlace): Promise<SignedRequest> {
  await store.putIfAbsent(key('object'), bytes)
  return signing.get(key('object'), { lifeMs })
}

async function signPut(
  { signing, key }: SigningPlace,
  name = 'object',
  atMs = Date.now(),
): Promise<SignedRequest> {
  const options = { sha256: digestHex(sha256(bytes)), size: bytes.length, lifeMs, atMs }
  const request = await signing.put?.(key(name), options)
  demand(request !== undefined, 'The store signs no put')
  return request
}

/** The signature of one request with the path of another. */
function elsewhere(signed: SignedRequest, path: SignedRequest): SignedRequest {
  const url = new URL(signed.url)
  url.pathname = new URL(path.url).pathname
  return { ...signed, url: url.href }
}

async function refused(place: SigningPlace, request: SignedRequest, how: How): Promise<void> {
  demand(!(await send('PUT', request, how))?.ok, 'It is taken')
  demand(
    (await place.store.head(place.key('object'))) === undefined,
    'It is refused, and stored all the same',
  )
}

async function demandStored({ store, key }: SigningPlace): Promise<void> {
  demandBytes(await readObject(store, key('object')), bytes, 'What it stored')
}

interface How {
  body?: Uint8Array
  /** Headers to send beside its own. */
  add?: Record<string, string>
  /** A header of its own that is not sent. */
  without?: string
}

/** What a store answers to a request; undefined where it answers nothing, as some do that refuse. */
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
