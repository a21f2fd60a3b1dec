import { dripping, endless, packed } from './floods.ts'
import { about, type Falsehood, type Kind, type Lie, type Told } from './lie.ts'
import { html } from './lies-of-manifests.ts'

/** Responses in place of the right bytes. */
const ways: Record<string, (bytes: Uint8Array<ArrayBuffer>) => Falsehood | Promise<Falsehood>> = {
  'one bit flipped': (bytes) => new Response(flipped(bytes), { status: 200 }),
  'one byte short': (bytes) => new Response(bytes.slice(0, -1)),
  'one byte long': (bytes) => new Response(new Uint8Array([...bytes.slice(0, 1000), ...bytes.slice(999)])),
  nothing: () => new Response(new Uint8Array(0)),
  'zeros of the right length': (bytes) => new Response(new Uint8Array(bytes.length)),
  'bytes in another order': (bytes) => new Response(bytes.toReversed()),
  'no end': () => new Response(endless(new Uint8Array(1024 * 1024))),
  'a drip': (bytes) => new Response(dripping(bytes, 50)),
  'silence after the headers': () => new Response(new ReadableStream()),
  'a connection that is cut': () => 'drop',
  HTML: html,
  '206 to what asks for all': (bytes) =>
    new Response(flipped(bytes), {
      status: 206,
      headers: { 'content-range': `bytes 0-${bytes.length - 1}/9` },
    }),
  '206 of another range': (bytes) =>
    new Response(flipped(bytes), { status: 206, headers: { 'content-range': 'bytes 7-8/9' } }),
  'a length that is too small': (bytes) => new Response(bytes, { headers: { 'content-length': '10' } }),
  'a length that is too large': (bytes) =>
    new Response(bytes, { headers: { 'content-length': `${2 ** 40}` } }),
  '304': () => new Response(null, { status: 304 }),
  'a redirect': () => new Response(null, { status: 302, headers: { location: '/elsewhere/evil' } }),
  'another type and ETag': (bytes) =>
    new Response(bytes, { headers: { 'content-type': 'text/html', etag: '"0000"' } }),
  ...Object.fromEntries(packed.map(({ encoding, bomb }) => [`a ${encoding} bomb`, bomb])),
}

function liesAbout(kind: Kind): readonly Lie[] {
  return Object.entries(ways).map(([name, lie]) =>
    about(kind, name, async ({ honest }) => {
      const answer = await honest()
      return lie(new Uint8Array(await answer.arrayBuffer()))
    }),
  )
}

function flipped(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice()
  const at = Math.floor(copy.length / 2)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

/** A server that offers presigned URLs, all of which lead to what this answers. */
function presigned(name: string, linked: (told: Told) => Falsehood | Promise<Falsehood>): Lie {
  return {
    name: `urls: ${name}`,
    kinds: ['blob'],
    async answer(told) {
      const { kind, honest, origin, request } = told
      if (kind === 'linked') return linked(told)
      if (kind === 'service')
        return Response.json({ ...(await (await honest()).json()), offers: ['presigned-downloads'] })
      if (kind !== 'urls') return undefined
      const { digests = [] }: { digests?: string[] } = await request.json()
      const expiresAt = '2999-01-01T00:00:00.000Z'
      const urls = digests.map((digest) => ({
        digest,
        url: `${origin}/linked/${digest}`,
        headers: {},
        expiresAt,
      }))
      return Response.json({ urls })
    },
  }
}

export const liesOfBlobs: readonly Lie[] = [
  ...liesAbout('blob'),
  about('blob', 'another blob', async ({ store, request }) => {
    const { digest } = store.foreign.manifest.blobs.at(-1) ?? { digest: '' }
    const url = request.url.replace(/sha256(:|%3A)[0-9a-f]{64}/, digest)
    return store.answer(new Request(url, { headers: request.headers }))
  }),
  ...liesAbout('elsewhere'),
  presigned('to zeros', () => new Response(new Uint8Array(5_000_000))),
  presigned('to nothing', () => new Response(null, { status: 404 })),
  presigned('without an end', () => new Response(endless(new Uint8Array(1024 * 1024)))),
  presigned('to silence', () => 'silence'),
  presigned(
    'in a circle',
    ({ request }) => new Response(null, { status: 302, headers: { location: request.url } }),
  ),
  ...packed.map(({ encoding, bomb }) => presigned(`to ${encoding} bombs`, bomb)),
]
