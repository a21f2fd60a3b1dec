import { createManifest, encodeManifest, sha256, type ManifestEntry } from '@trackway/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { openApp, type EngineApp } from './engine-app.ts'
import { longestHold } from './longest-hold.ts'

const encoder = new TextEncoder()
const digest = sha256(encoder.encode('x'))
const file = `{"path":"a","size":1,"digest":"${digest}","parts":[[0,0,1]]`

/** A manifest of one blob and these lines, before which it says how many there are, and of how many bytes. */
function manifestOf(files: number, bytes: number, lines: string): Uint8Array<ArrayBuffer> {
  const header = `{"formatVersion":1,"chunker":"c","files":${files},"bytes":${bytes}}`
  return encoder.encode(`${header}\n["${digest.slice('sha256:'.length)}",1]\n${lines}\n`)
}

/** 50,000 files, each of which is a blob of its own. */
function manyBlobs(): Uint8Array<ArrayBuffer> {
  const blobs = Array.from({ length: 50_000 }, (_, number) => ({
    digest: sha256(encoder.encode(`${number}`)),
    size: 1,
  }))
  const entries = blobs.map(
    (blob, number): ManifestEntry => ({
      path: String(number).padStart(7, '0'),
      size: 1,
      digest: blob.digest,
      parts: [[number, 0, 1]],
    }),
  )
  return new Uint8Array(Buffer.concat([...encodeManifest(createManifest(blobs, entries))]))
}

const path = (number: number) => String(number).padStart(7, '0')
const entryLine = (number: number) => file.replace('"a"', `"${path(number)}"`) + '}'

const heavy: [what: string, status: number, make: () => Uint8Array<ArrayBuffer>][] = [
  [
    '200,000 entries',
    200,
    () => manifestOf(200_000, 200_000, Array.from({ length: 200_000 }, (_, at) => entryLine(at)).join('\n')),
  ],
  [
    'an entry with 1,500,000 parts',
    200,
    () =>
      manifestOf(
        1,
        1_500_000,
        file.replace('"size":1', '"size":1500000').replace('[[', `[${'[0,0,1],'.repeat(1_499_999)}[`) + '}',
      ),
  ],
  [
    'an entry with a million keys that are not known',
    422,
    () => manifestOf(1, 1, `${file}${Array.from({ length: 1_000_000 }, (_, at) => `,"k${at}":1`).join('')}}`),
  ],
  ['an entry with ten million numbers', 422, () => manifestOf(1, 1, `${file},"x":[${'1,'.repeat(1e7)}1]}`)],
  ['50,000 blobs that are not stored', 200, manyBlobs],
]

describe('no request holds the event loop for long', () => {
  let app: EngineApp
  beforeAll(async () => {
    app = await openApp()
    await app.putBlobs(encoder.encode('x'))
  })

  test.each(heavy)('a manifest of %s', async (_, status, make) => {
    const bytes = make()
    const manifest = sha256(bytes)
    const init = { headers: { 'content-type': 'application/x-ndjson' }, body: streamOf(bytes) }
    let answered = 0
    const hold = await longestHold(async () => {
      answered = (await app.sendBytes('PUT', `/teams/t/manifests/${manifest}`, init)).status
    })
    expect(answered).toBe(status)
    // 20 to 40 ms by themselves, the collecting of garbage included.
    expect(hold).toBeLessThan(150)
  })
})

/** Bytes as they come from a network. */
function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.slice(at, at + 65_536))
      at += 65_536
    },
  })
}
