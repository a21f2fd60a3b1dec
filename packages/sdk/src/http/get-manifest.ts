import {
  createManifestParser,
  createSha256,
  TrackwayError,
  type Digest,
  type Manifest,
} from '@trackway/protocol'
import { IntegrityError } from '../errors.ts'
import type { Connection, RequestInput } from './connection.ts'

/** Which manifest is read. */
export interface ManifestInput extends RequestInput {
  digest: Digest
  /** The bytes come from the first one on, maybe again. */
  onBegin?(): void
  onPiece?(piece: Uint8Array): void
}

/**
 * Reads a manifest, whose bytes must have this digest; they are shown to `onPiece`. It is parsed while it comes in, so
 * that its text is never held as a whole.
 */
export async function getManifest(
  connection: Connection,
  { digest, onBegin, onPiece, ...input }: ManifestInput,
): Promise<Manifest> {
  const { limits } = connection
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
        if (size > limits.manifestBytes) throw tooLarge(input.attempted, limits.manifestBytes)
        hash.update(piece)
        onPiece?.(piece)
        try {
          if (broken === undefined) parser.write(piece)
        } catch (error) {
          // Bytes that were altered on the way may look like anything: the digest speaks first.
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

function tooLarge(attempted: string, maximum: number): TrackwayError {
  return new TrackwayError(
    'too_large',
    `${attempted}: the manifest has more than the ${maximum} bytes that one may have`,
    { details: { limit: 'manifestBytes', maximum } },
  )
}
