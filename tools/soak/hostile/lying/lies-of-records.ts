import type { HonestStore } from './honest-store.ts'
import { about, type Lie, type Told } from './lie.ts'

type Fields = Record<string, unknown>

/** Every record, with some fields changed. */
function changed(name: string, change: (store: HonestStore, record: Fields) => Fields): Lie {
  return about('record', name, async ({ honest, store }: Told) => {
    const answer = await honest()
    if (!answer.ok) return answer
    const record: Fields = await answer.json() // An answer of the real app, which is an object.
    return Response.json({ ...record, ...change(store, record) })
  })
}

const zeros = `sha256:${'0'.repeat(64)}`
const wrongNumbers = [-1, 0, 0.5, 1e308, 2 ** 53, '7', null, 'NaN', [7], {}]

/** Lies about versions, and about who the server is. */
export const liesOfRecords: readonly Lie[] = [
  changed('of the next version', ({ next }) => ({ ...next.record })),
  changed('of the next version, under the digest of the pinned one', ({ next, pinned }) => ({
    ...next.record,
    digest: pinned.record.digest,
  })),
  changed('of the next version, under the tag and digest of the pinned one', ({ next, pinned }) => ({
    ...next.record,
    digest: pinned.record.digest,
    tag: pinned.record.tag,
  })),
  changed('of another artifact', ({ foreign }) => ({ ...foreign.record })),
  changed('of another artifact, under the name of the right one', ({ foreign }) => ({
    manifest: foreign.record.manifest,
    digest: foreign.record.digest,
  })),
  changed('with the manifest of another', ({ foreign }) => ({ manifest: foreign.record.manifest })),
  changed('with a manifest that there is not', (_, { manifest }) => ({
    manifest: { ...Object(manifest), digest: zeros },
  })),
  changed('with another digest', () => ({ digest: zeros })),
  changed('with another tag', () => ({ tag: 'V999' })),
  changed('of another team', () => ({ team: 'another' })),
  changed('of another experiment', () => ({ experiment: 'another' })),
  ...[-1, 1].flatMap((off) => [
    changed(`entries off by ${off}`, (_, { fileCount }) => ({ fileCount: Number(fileCount) + off })),
    changed(`bytes off by ${off}`, (_, { size }) => ({ size: Number(size) + off })),
    changed(`size of the manifest off by ${off}`, (_, { manifest }) => {
      const { digest, size } = Object(manifest)
      return { manifest: { digest, size: Number(size) + off } }
    }),
  ]),
  ...wrongNumbers.map((size) =>
    changed(`size ${JSON.stringify(size)}`, (_, { manifest }) => ({
      manifest: { ...Object(manifest), size },
      fileCount: size,
      size,
    })),
  ),
  changed('a manifest as large as any may be', (_, { manifest }) => ({
    manifest: { ...Object(manifest), size: 256 * 1024 * 1024 },
  })),
  changed('200,000 wrong aliases', () => ({ aliases: Array.from({ length: 200_000 }, () => 7) })),
  changed('200,000 right aliases', () => ({ aliases: Array.from({ length: 200_000 }, (_, at) => `a${at}`) })),
  changed('keys of prototypes', () => JSON.parse('{"__proto__":{"digest":"x"},"constructor":{}}')),
  about('service', 'the storeId of another', () =>
    service({ storeId: '11111111-1111-4111-8111-111111111111' }),
  ),
  about('service', 'limits beyond the format', () =>
    service({
      limits: {
        requestBytes: 2 ** 50,
        blobBytes: 2 ** 50,
        digests: 2 ** 50,
        entries: 2 ** 50,
        manifestBytes: 2 ** 50,
      },
    }),
  ),
  about('service', 'a later format', () => service({ formatVersion: 9 })),
  about('service', '200,000 wrong offers', () =>
    service({ offers: Array.from({ length: 200_000 }, () => 7) }),
  ),
]

function service(change: Fields): Response {
  return Response.json({
    service: 'trackway',
    formatVersion: 1,
    storeId: '22222222-2222-4222-8222-222222222222',
    features: { read: [], write: [] },
    offers: [],
    limits: { requestBytes: 2e7, blobBytes: 1.6e7, digests: 1e4, entries: 1e6, manifestBytes: 2.6e8 },
    ...change,
  })
}
