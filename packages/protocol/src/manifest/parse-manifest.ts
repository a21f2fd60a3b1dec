import { concatenateBytes } from '../concatenate-bytes.ts'
import { TrackwayError } from '../errors.ts'
import { defaultLimits } from '../limits.ts'
import { badLine, invalid } from './invalid-line.ts'
import { createLineGuard } from './line-guard.ts'
import { createLineReader, type EntryVisitor, type ManifestLimits } from './line-reader.ts'
import { createLongLine, plainLineBytes, type LongLine } from './long-line.ts'
import type { BlobKeeper, Manifest } from './manifest.ts'

/** Parses a manifest as its bytes arrive. */
export interface ManifestParser {
  /** Adds the next bytes. Throws `manifest_invalid`, `format_unsupported` or `too_large`. */
  write(bytes: Uint8Array): void
  /** The whole manifest, after all bytes were added. Throws `manifest_invalid`. */
  end(): Manifest
}

const lineFeed = 10

/**
 * Parses a manifest that arrives in pieces and checks every rule of the format: the order and form of its
 * lines, the order of the paths and the rule for each, slices that are within their blobs and add up to their
 * file, no blob that is listed twice or unused, and counts that agree with the header. With `visit` the
 * manifest has no entries at the end: each is passed to it instead, and those of over 64 KiB without their
 * parts unless `keepsParts` is set. With `keeper` it has no blobs at the end, since they are kept there.
 */
export function createManifestParser(
  limits: ManifestLimits = defaultLimits,
  visit?: EntryVisitor,
  keepsParts = true,
  keeper?: BlobKeeper,
): ManifestParser {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const guard = createLineGuard()
  const lines = createLineReader(limits, guard, { visit, keepsParts, keeper })
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let long: LongLine | undefined
  let bytesRead = 0

  /** Adds bytes of a line; for a line that grows long, including those before them. */
  function hold(bytes: Uint8Array): void {
    pendingBytes += bytes.length
    guard.grow(pendingBytes)
    pending.push(bytes)
    if (pendingBytes <= plainLineBytes) return
    try {
      long ??= createLongLine(decoder, lines.readParts)
      for (const piece of pending) long.write(piece)
    } catch (error) {
      throw badLine(error, lines.next())
    }
    pending = []
  }

  function take(last: Uint8Array): void {
    hold(last)
    if (long === undefined) lines.read(parseLine(decoder, concatenateBytes(pending), lines.next()))
    else lines.readLong(endOf(long, lines.next()))
    long = undefined
    pending = []
    pendingBytes = 0
  }

  return {
    write(bytes) {
      bytesRead += bytes.length
      if (bytesRead > limits.manifestBytes) {
        throw new TrackwayError('too_large', `The manifest is larger than ${limits.manifestBytes} bytes`, {
          details: { limit: 'manifestBytes', maximum: limits.manifestBytes },
        })
      }
      let start = 0
      for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
        take(bytes.subarray(start, end))
        start = end + 1
      }
      if (start < bytes.length) hold(bytes.slice(start))
    },
    end() {
      if (pendingBytes > 0)
        throw invalid(lines.next(), 'line-end', 'the last line has no line feed at its end')
      return lines.end()
    },
  }
}

/** Parses a complete manifest. Throws `manifest_invalid`, `format_unsupported` or `too_large`. */
export function parseManifest(bytes: Uint8Array, limits?: ManifestLimits): Manifest {
  const parser = createManifestParser(limits)
  parser.write(bytes)
  return parser.end()
}

function parseLine(decoder: TextDecoder, bytes: Uint8Array, line: number): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch (error) {
    throw badLine(error, line)
  }
}

function endOf(long: LongLine, line: number): unknown {
  try {
    return long.end()
  } catch (error) {
    throw badLine(error, line)
  }
}
