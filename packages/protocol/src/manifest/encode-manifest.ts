import { digestHex } from '../digest.ts'
import { chunkerName, type Manifest, type ManifestBlob, type ManifestEntry } from './manifest.ts'

const encoder = new TextEncoder()
const pieceCharacters = 512 * 1024

/** Makes a manifest of blobs and sorted entries. */
export function createManifest(blobs: ManifestBlob[], entries: ManifestEntry[]): Manifest {
  const bytes = entries.reduce((sum, entry) => sum + entry.size, 0)
  return { header: { formatVersion: 1, chunker: chunkerName, files: entries.length, bytes }, blobs, entries }
}

/** The bytes of a manifest, in pieces of about half a megabyte: NDJSON, every line ended by a line feed. */
export function* encodeManifest(manifest: Manifest): Generator<Uint8Array> {
  let text = ''
  for (const line of manifestLines(manifest)) {
    text += `${line}\n`
    if (text.length < pieceCharacters) continue
    yield encoder.encode(text)
    text = ''
  }
  yield encoder.encode(text)
}

function* manifestLines({ header, blobs, entries }: Manifest): Generator<string> {
  const { formatVersion, chunker, files, bytes } = header
  yield JSON.stringify({ formatVersion, chunker, files, bytes })
  for (const blob of blobs) yield JSON.stringify([digestHex(blob.digest), blob.size])
  for (const { path, size, digest, parts, reference, executable } of entries) {
    yield JSON.stringify({ path, size, digest, parts, reference, executable })
  }
}
