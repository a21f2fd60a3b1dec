import { digestHex, type Digest } from './digest.ts'
import { createSha256 } from './sha256.ts'

const encoder = new TextEncoder()

/** A file and its digest, as in a checksum list. */
export interface ChecksumLine {
  path: string
  digest: Digest
}

/** The lines that `sha256sum` prints for these files and `sha256sum -c` reads, in the given order. */
export function* checksumLines(entries: Iterable<ChecksumLine>): Generator<string> {
  for (const { path, digest } of entries) yield `${digestHex(digest)}  ${path}\n`
}

/**
 * The digest of a version: the SHA-256 of the lines that `sha256sum` prints for its entries, in the order of
 * the bytes of their paths. It does not depend on how files were cut or bundled, or on the executable bit.
 */
export function versionDigest(entries: Iterable<ChecksumLine>): Digest {
  const hash = createSha256()
  let lines = ''
  for (const line of checksumLines(entries)) {
    lines += line
    if (lines.length > 65_536) {
      hash.update(encoder.encode(lines))
      lines = ''
    }
  }
  hash.update(encoder.encode(lines))
  return hash.digest()
}
