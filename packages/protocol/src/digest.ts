import * as z from 'zod/mini'
import { TrackwayError } from './errors.ts'

/** The SHA-256 of plain bytes, written as `sha256:` and 64 lower-case hex digits. */
export type Digest = `sha256:${string}`

const pattern = /^sha256:[0-9a-f]{64}$/

/** Whether a text is a complete digest in lower case. */
export function isDigest(text: string): text is Digest {
  return pattern.test(text)
}

/** Parses a digest. Throws `digest_invalid`. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text
  throw new TrackwayError(
    'digest_invalid',
    `'${text}' is not a digest; write it as sha256:<64 lower-case hex digits>`,
  )
}

/** The 64 hex digits of a digest. */
export function digestHex(digest: Digest): string {
  return digest.slice('sha256:'.length)
}

/** A digest in JSON. */
export const digestSchema = z
  .custom<Digest>((value) => typeof value === 'string' && pattern.test(value), {
    error: 'expected sha256:<64 lower-case hex digits>',
  })
  .register(z.globalRegistry, { type: 'string', pattern: pattern.source })
