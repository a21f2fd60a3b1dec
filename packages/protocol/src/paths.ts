import * as z from 'zod/mini'
import { TrackwayError } from './errors.ts'

const maxSegmentBytes = 255
const maxPathBytes = 1024
// C0 and C1 control characters and DEL. NUL is one of them.
const control = /\p{Cc}/u
/** Printable ASCII except the backslash, which is always in normal form. */
const plain = /^[ -[\]-~]+$/
const encoder = new TextEncoder()

/** Why a text is not allowed as the path of an entry; undefined if it is allowed. */
export function pathProblem(path: string): string | undefined {
  if (path === '') return 'it is empty'
  if (plain.test(path)) return segmentsProblem(path)
  if (!path.isWellFormed()) return 'it is not valid Unicode'
  if (path !== path.normalize('NFC')) return 'it is not in Unicode normal form C'
  if (control.test(path)) return 'it has a control character'
  if (path.includes('\\')) return 'it has a backslash'
  return segmentsProblem(path)
}

function segmentsProblem(path: string): string | undefined {
  if (path.startsWith('/')) return 'it is absolute'
  if (isLonger(path, maxPathBytes)) return `it is longer than ${maxPathBytes} bytes`
  for (const segment of path.split('/')) {
    if (segment === '') return 'it has an empty segment'
    if (segment === '.' || segment === '..') return `it has a segment '${segment}'`
    if (isLonger(segment, maxSegmentBytes)) return `a segment is longer than ${maxSegmentBytes} bytes`
  }
  return undefined
}

/** Whether a text has more bytes in UTF-8, where a UTF-16 unit takes at most three. */
function isLonger(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && encoder.encode(text).length > bytes
}

/**
 * The path of an entry: relative, `/`-separated, in Unicode normal form C, without empty, `.` or `..`
 * segments, backslashes or control characters, at most 255 bytes a segment and 1,024 in all. Throws
 * `path_invalid`.
 *
 * This is the only rule for paths: for adding an entry, for a server that receives a manifest, and for a
 * client that writes a file.
 */
export function parsePath(path: string): string {
  const problem = pathProblem(path)
  if (problem === undefined) return path
  const shown = JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path)
  throw new TrackwayError('path_invalid', `${shown} cannot be the path of an entry: ${problem}`, {
    details: { path, rule: problem },
  })
}

/** A path in JSON. */
export const pathSchema = z
  .string()
  .check(
    z.superRefine((path, context) => {
      const problem = pathProblem(path)
      if (problem)
        context.addIssue({ code: 'custom', message: `is not a valid path of an entry: ${problem}` })
    }),
  )
  .register(z.globalRegistry, { minLength: 1, maxLength: maxPathBytes })

/** Compares two paths by their UTF-8 bytes, which JavaScript's own comparison does not. */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index += 1) {
    const difference = utf8Rank(a.charCodeAt(index)) - utf8Rank(b.charCodeAt(index))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/**
 * Surrogates encode characters beyond U+FFFF: in UTF-8 they come after U+E000 to U+FFFF, in UTF-16 before.
 */
function utf8Rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/**
 * Checks paths in ascending order and returns the earlier path that conflicts with the new one: an equal
 * path, or one that the new path needs as a folder.
 *
 * Paths that begin alike follow each other in this order, so only prefixes of the newest path are kept.
 */
export function createPathWatch(): (path: string) => string | undefined {
  const open: string[] = []
  return (path) => {
    for (let last = open.at(-1); last !== undefined && !path.startsWith(last); last = open.at(-1)) open.pop()
    const clash = open.find((earlier) => earlier === path || path[earlier.length] === '/')
    open.push(path)
    return clash
  }
}
