import * as z from 'zod/mini'
import type { Digest } from '../digest.ts'
import { TrackwayError } from '../errors.ts'
import { positive } from '../fields.ts'
import { holdTo, problemsOf } from '../hold-to.ts'
import type { Limits } from '../limits.ts'
import { comparePaths, createPathWatch, pathProblem } from '../paths.ts'
import { invalid } from './invalid-line.ts'
import type { LineGuard } from './line-guard.ts'
import {
  manifestBlobLineSchema,
  manifestEntrySchema,
  manifestHeaderSchema,
  partsSchema,
  type BlobKeeper,
  type Manifest,
  type ManifestBlob,
  type ManifestEntry,
  type ManifestHeader,
  type Part,
} from './manifest.ts'

/** The limits for a manifest. */
export type ManifestLimits = Pick<Limits, 'blobBytes' | 'entries' | 'manifestBytes'>

/** Receives an entry. */
export type EntryVisitor = (entry: ManifestEntry) => void

/** Reads one line after another: the header, then blobs, then entries. */
export function createLineReader(
  limits: ManifestLimits,
  guard: LineGuard,
  {
    visit,
    keepsParts,
    keeper,
  }: { visit: EntryVisitor | undefined; keepsParts: boolean; keeper: BlobKeeper | undefined },
) {
  let header: ManifestHeader | undefined
  let line = 0
  let files = 0
  let bytes = 0
  let previous: string | undefined
  let longParts: Part[] = []
  let longTotal = 0
  const blobs: ManifestBlob[] = []
  const kept = keeper ?? keepIn(blobs)
  const entries: ManifestEntry[] = []
  const used = createMarks()
  const clashWith = createPathWatch()

  function readBlob(value: unknown): void {
    const [hex, size] = check(manifestBlobLineSchema, value, line, 'blob')
    if (files > 0) throw invalid(line, 'order', 'a blob is listed after an entry')
    if (size > limits.blobBytes)
      throw invalid(line, 'blob-size', `the blob has more than ${limits.blobBytes} bytes`)
    const digest: Digest = `sha256:${hex}`
    if (!kept.add({ digest, size })) throw invalid(line, 'blob-twice', `the blob ${hex} is listed twice`)
  }

  function readEntry(value: unknown): void {
    const entry = check(manifestEntrySchema, value, line, 'entry')
    guard.add(entry.parts?.length ?? 0)
    addEntry(entry, entry.parts === undefined ? 0 : addUp(entry.parts, entry.path))
  }

  function addEntry(entry: ManifestEntry, total: number): void {
    if (files >= limits.entries) {
      throw new TrackwayError('too_large', `The manifest has more than ${limits.entries} entries`, {
        details: { limit: 'entries', maximum: limits.entries },
      })
    }
    checkPath(entry.path)
    checkParts(entry, total)
    files += 1
    bytes += entry.size
    previous = entry.path
    if (visit) visit(entry)
    else entries.push(entry)
  }

  function checkPath(path: string): void {
    const problem = pathProblem(path)
    if (problem)
      throw invalid(line, 'path', `the path ${JSON.stringify(path)} is not allowed: ${problem}`, path)
    if (previous !== undefined && comparePaths(previous, path) > 0) {
      throw invalid(line, 'order', `${path} must come before ${previous}`, path)
    }
    const clash = clashWith(path)
    if (clash === path) throw invalid(line, 'path-twice', `${path} is listed twice`, path)
    if (clash !== undefined) throw invalid(line, 'file-and-folder', `${clash} is a file and a folder`, path)
  }

  function checkParts({ path, size, parts, reference }: ManifestEntry, total: number): void {
    if ((parts === undefined) === (reference === undefined)) {
      throw invalid(line, 'parts', `${path} needs either parts or a reference`, path)
    }
    if (parts !== undefined && total !== size)
      throw invalid(line, 'size', `the parts of ${path} have ${total} bytes instead of ${size}`, path)
  }

  /** The total size of parts, each of which must be within its blob. */
  function addUp(parts: readonly Part[], path = 'the entry'): number {
    let total = 0
    for (const [index, offset, length] of parts) {
      const blobSize = kept.sizeAt(index)
      if (blobSize === undefined)
        throw invalid(line, 'blob-index', `${path} uses blob ${index}, which is not listed`, path)
      if (offset + length > blobSize)
        throw invalid(line, 'slice', `${path} reads past the end of blob ${index}`, path)
      used.add(index)
      total += length
    }
    return total
  }

  return {
    /** The number of the next line, from 1. */
    next: () => line + 1,
    read(value: unknown): void {
      line += 1
      if (header === undefined) header = readHeader(value)
      else if (Array.isArray(value)) readBlob(value)
      else readEntry(value)
    },
    /** Some of the parts of the next line, which is long. */
    readParts(items: unknown[]): void {
      guard.add(items.length)
      line += 1 // While its parts are checked.
      const parts = check(partsSchema, items, line, 'entry')
      longTotal += addUp(parts)
      line -= 1
      if (keepsParts) for (const part of parts) longParts.push(part)
    },
    /** A long line without its parts. */
    readLong(value: unknown): void {
      line += 1
      const entry = check(manifestEntrySchema, value, line, 'entry')
      if (entry.parts === undefined)
        throw invalid(line, 'entry', 'it is too long, and not because of its parts')
      addEntry({ ...entry, parts: longParts }, longTotal)
      longParts = []
      longTotal = 0
    },
    end(): Manifest {
      if (header === undefined) throw invalid(1, 'header', 'there is no header')
      const idle = used.firstWithout()
      if (idle < kept.length) throw invalid(idle + 2, 'blob-unused', `no entry uses blob ${idle}`)
      if (header.files !== files || header.bytes !== bytes) {
        throw invalid(
          1,
          'count',
          `the header counts ${header.files} files and ${header.bytes} bytes, not ${files} and ${bytes}`,
        )
      }
      return { header, blobs, entries }
    },
  }
}

function keepIn(blobs: ManifestBlob[]): BlobKeeper {
  const known = new Set<Digest>()
  return {
    get length() {
      return blobs.length
    },
    add(blob) {
      if (known.has(blob.digest)) return false
      known.add(blob.digest)
      blobs.push(blob)
      return true
    },
    sizeAt: (index) => blobs[index]?.size,
  }
}

/** One byte for each index that was used. */
function createMarks() {
  let marks = new Uint8Array(1_024)
  return {
    add(index: number): void {
      if (index >= marks.length) {
        const larger = new Uint8Array(2 * index)
        larger.set(marks)
        marks = larger
      }
      marks[index] = 1
    },
    firstWithout(): number {
      const first = marks.indexOf(0)
      return first === -1 ? marks.length : first
    },
  }
}

function readHeader(value: unknown): ManifestHeader {
  const version = z.object({ formatVersion: positive }).safeParse(value)
  if (version.success && version.data.formatVersion > 1) {
    throw new TrackwayError(
      'format_unsupported',
      `The manifest has format version ${version.data.formatVersion}, but this software reads only 1; update Trackway`,
    )
  }
  return check(manifestHeaderSchema, value, 1, 'header')
}

function check<T>(schema: z.ZodMiniType<T>, value: unknown, line: number, rule: string): T {
  const result = holdTo(schema, value)
  if (result.success) return result.data
  throw invalid(line, rule, problemsOf(result.error))
}
