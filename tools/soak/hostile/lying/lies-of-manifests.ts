import { parseManifest, sha256, versionDigest } from '@trackway/protocol'
import { endless, packed } from './floods.ts'
import type { HonestStore } from './honest-store.ts'
import { about, type Lie } from './lie.ts'

type Lines = unknown[]
type EntryLine = Record<string, unknown>

const encode = (text: string) => new TextEncoder().encode(text)

/**
 * Another manifest, which the record names, under the digest of the right version; and where it is a valid
 * one, also under its own.
 */
function manifest(name: string, make: (store: HonestStore) => string): readonly Lie[] {
  const lie = (ownDigest: boolean): Lie => ({
    name: `manifest: ${name}${ownDigest ? ', under its own digest' : ''}`,
    kinds: ['manifest'],
    async answer({ kind, store, honest }) {
      if (kind !== 'manifest' && kind !== 'record') return undefined
      const bytes = encode(make(store))
      if (kind === 'manifest') return new Response(bytes)
      const answer = await honest()
      if (!answer.ok) return answer
      const record: Record<string, unknown> = await answer.json()
      const digest = ownDigest ? digestOf(bytes) : undefined
      const named = { manifest: { digest: sha256(bytes), size: bytes.length } }
      return Response.json({ ...record, ...named, ...(digest !== undefined && { digest }) })
    },
  })
  return [lie(false), lie(true)]
}

function digestOf(bytes: Uint8Array): string | undefined {
  try {
    return versionDigest(parseManifest(bytes).entries)
  } catch {
    return undefined
  }
}

/** The manifest of the pinned version with some lines changed: a header, blobs, entries. */
function withLines(change: (lines: Lines, entries: EntryLine[]) => void): (store: HonestStore) => string {
  return ({ pinned }) => {
    const lines: Lines = pinned.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const entries = lines.slice(1).filter((line): line is EntryLine => !Array.isArray(line))
    change(lines, entries)
    return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  }
}

function withEntries(change: (entries: EntryLine[], lines: Lines) => void): (store: HonestStore) => string {
  return withLines((lines, entries) => change(entries, lines))
}

/** The manifest with fields of its first entry changed. */
function withEntry(change: (entry: EntryLine) => EntryLine): (store: HonestStore) => string {
  return withEntries(([first]) => Object.assign(first ?? {}, change(first ?? {})))
}

const paths = [
  '../outside',
  '/etc/outside',
  'a\\..\\outside',
  '..',
  'nul\u0000',
  '\u009b31m',
  'x'.repeat(2000),
]
const numbers = [-1, 0.5, 1e308, 2 ** 53, '7', null]

export const liesOfManifests: readonly Lie[] = [
  manifest('of the next version', ({ next }) => next.text),
  manifest('of another artifact', ({ foreign }) => foreign.text),
  manifest(
    'with two entries exchanged',
    withEntries(([first, second]) => {
      const digest = first?.['digest']
      Object.assign(first ?? {}, { digest: second?.['digest'] })
      Object.assign(second ?? {}, { digest })
    }),
  ),
  manifest(
    'with the parts of another entry',
    withEntries((entries) => {
      Object.assign(entries[0] ?? {}, { parts: entries[3]?.['parts'], size: entries[3]?.['size'] })
    }),
  ),
  manifest(
    'with an entry twice',
    withEntries((entries, lines) => lines.push(entries.at(-1))),
  ),
  manifest(
    'out of order',
    withLines((lines) => lines.push(lines.splice(-2, 1)[0])),
  ),
  manifest(
    'without an entry',
    withLines((lines) => lines.pop()),
  ),
  ...paths.map((path) =>
    manifest(
      `with the path ${JSON.stringify(path.slice(0, 20))}`,
      withEntry(() => ({ path })),
    ),
  ),
  manifest(
    'with a part beyond its blob',
    withEntry(({ size }) => ({ parts: [[0, 2 ** 40, Number(size)]] })),
  ),
  manifest(
    'with a part of a blob that there is not',
    withEntry(({ size }) => ({ parts: [[99, 0, Number(size)]] })),
  ),
  ...[-1, 1].map((off) =>
    manifest(
      `with a size off by ${off}`,
      withEntry(({ size }) => ({ size: Number(size) + off })),
    ),
  ),
  ...numbers.map((size) =>
    manifest(
      `with the size ${JSON.stringify(size)}`,
      withEntry(() => ({ size })),
    ),
  ),
  manifest(
    'with a blob of another size',
    withLines((lines) => {
      const at = lines.findIndex((line) => Array.isArray(line))
      lines[at] = [[lines[at]].flat(2)[0], 16 * 1024 * 1024]
    }),
  ),
  manifest(
    'of a later format',
    withLines((lines) => Object.assign(Object(lines[0]), { formatVersion: 9 })),
  ),
  manifest(
    'with another count',
    withLines((lines) => Object.assign(Object(lines[0]), { files: 1 })),
  ),
  manifest(
    'with a reference for the parts',
    withEntry(() => ({ parts: undefined, reference: 'http://127.0.0.1:1/x' })),
  ),
  manifest(
    'with a reference to a file here',
    withEntry(() => ({ parts: undefined, reference: 'file:///etc/passwd' })),
  ),
  manifest('cut', ({ pinned }) => pinned.text.slice(0, -10)),
  manifest('empty', () => ''),
  manifest(
    'of 900,000 bytes of small lists',
    withLines((lines) => lines.push('[],'.repeat(300_000))),
  ),
  manifest(
    'of 10,000 blobs that nothing uses',
    withLines((lines) => {
      const blobs = Array.from({ length: 10_000 }, (_, at) => [at.toString(16).padStart(64, '0'), 1])
      lines.splice(1, 0, ...blobs)
    }),
  ),
]
  .flat()
  .concat([
    about('manifest', 'without an end', ({ store }) => new Response(endless(encode(store.pinned.text)))),
    about(
      'manifest',
      'longer than it is',
      async ({ honest }) => new Response(`${await (await honest()).text()}\n`),
    ),
    about('manifest', 'HTML', () => html()),
    about('manifest', '206 of another range', async ({ honest }) => {
      const bytes = await (await honest()).arrayBuffer()
      return new Response(bytes.slice(5), { status: 206, headers: { 'content-range': 'bytes 0-1/2' } })
    }),
    ...packed.map(({ encoding, bomb }) => about('manifest', `unpacking to ${encoding} bombs`, () => bomb())),
  ])

export function html(): Response {
  return new Response('<html><body>Log in</body></html>', { headers: { 'content-type': 'text/html' } })
}
