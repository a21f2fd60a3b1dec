import {
  createManifestParser,
  createSha256,
  TrackwayError,
  type Manifest,
  type VersionRecord,
} from '@trackway/protocol'
import { IntegrityError } from '../errors.ts'
import type { Connection } from '../client/connection.ts'
import type { RequestInput } from '../client/request.ts'

/** Which manifest is read. */
export interface ManifestInput extends RequestInput {
  /** The values in the record of its version. */
  record: Pick<VersionRecord, 'manifest' | 'fileCount' | 'size'>
  /** Receives the bytes from the first one on, possibly again. */
  onBegin?(): void
  onPiece?(piece: Uint8Array): void
}

/**
 * Reads a manifest, whose bytes must have the digest and the size that its record states, and passes them to
 * `onPiece`. It is parsed while it arrives, so that its text is never in memory as a whole. Throws
 * `integrity_error`, `manifest_invalid`, and `too_large`.
 */
export async function getManifest(
  connection: Connection,
  { record, onBegin, onPiece, ...input }: ManifestInput,
): Promise<Manifest> {
  const { limits } = connection
  const { digest, size: expected } = record.manifest
  demandPlausible(input.attempted, record, limits.manifestBytes)
  let parser = createManifestParser(limits)
  let hash = createSha256()
  let broken: { error: unknown } | undefined
  let size = 0
  await connection.receive('getManifest', {
    ...input,
    receiver: {
      begin() {
        parser = createManifestParser(limits)
        hash = createSha256()
        broken = undefined
        size = 0
        onBegin?.()
      },
      receive(piece) {
        size += piece.length
        if (size > expected) throw tooLong(input.attempted, expected)
        hash.update(piece)
        onPiece?.(piece)
        try {
          if (broken === undefined) parser.write(piece)
        } catch (error) {
          // Bytes that were altered on the way may look like anything: the digest is reported first.
          broken = { error }
        }
      },
      end() {
        const actual = hash.digest()
        if (actual !== digest)
          throw new IntegrityError(input.attempted, { path: 'the manifest', expected: digest, actual })
        if (broken !== undefined) throw broken.error
      },
    },
  })
  return parser.end()
}

const mebibyte = 1024 * 1024
/**
 * The longest line of an entry without its parts in bytes, with every character of path and reference
 * escaped.
 */
const entryBytes = 32 * 1024

/** A manifest that is far larger than its files require would take an unexpected amount of memory. */
function demandPlausible(
  attempted: string,
  { manifest: { size }, fileCount, size: contentSize }: ManifestInput['record'],
  maximum: number,
): void {
  if (size > maximum) {
    throw new TrackwayError(
      'too_large',
      `${attempted}: the manifest has more than ${maximum} bytes, the most that a manifest may have`,
      { details: { limit: 'manifestBytes', maximum } },
    )
  }
  // An eighth allows for a part and a blob for each KiB of content.
  if (size <= mebibyte + fileCount * entryBytes + contentSize / 8) return
  throw new TrackwayError(
    'integrity_error',
    `${attempted}: the record states a manifest of ${size} bytes, which is more than ${fileCount} files of ${contentSize} bytes can need`,
  )
}

function tooLong(attempted: string, size: number): TrackwayError {
  return new TrackwayError(
    'integrity_error',
    `${attempted}: the manifest has more than the ${size} bytes that its record states`,
  )
}
