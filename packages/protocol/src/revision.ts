import * as z from 'zod/mini'
import { demandText } from './demand-text.ts'
import { TrackwayError } from './errors.ts'
import { nameProblem } from './names.ts'

/** The name of a version: `V1`, `V2`, …, dense, in order, never given twice. */
export type Tag = `V${number}`

/** Which version is meant. */
export type Revision =
  | { kind: 'latest' }
  | { kind: 'tag'; tag: Tag; number: number }
  | { kind: 'alias'; alias: string }
  /** The beginning of a version digest: 12 to 64 hex digits. */
  | { kind: 'digest'; hex: string }

/** The highest number that a tag can have. */
export const maxTagNumber = 9_999_999_998

const tagPattern = /^V([1-9]\d{0,9})$/i
const digestPattern = /^sha256:([0-9a-f]{12,64})$/

/** The tag of the n-th version. */
export function formatTag(number: number): Tag {
  return `V${number}`
}

/** The number in a tag; undefined where the text is no tag. */
export function tagNumber(text: string): number | undefined {
  const digits = tagPattern.exec(text)?.[1]
  const number = Number(digits)
  return digits === undefined || number > maxTagNumber ? undefined : number
}

/** A tag as it is written: `v2` gives `V2`. Throws `revision_invalid`. */
export function parseTag(text: string): Tag {
  const number = tagNumber(demandText(text, 'A tag', 'V2'))
  if (number !== undefined) return formatTag(number)
  throw new TrackwayError('revision_invalid', `'${text}' is not a tag; tags are V1, V2, V3 and so on`)
}

/** A revision: a tag, `latest`, an alias, or `sha256:` with 12 to 64 hex digits. Throws `revision_invalid`. */
export function parseRevision(text: string): Revision {
  demandText(text, 'What names a version', 'V2')
  if (/^latest$/i.test(text)) return { kind: 'latest' }
  const number = tagNumber(text)
  if (number !== undefined) return { kind: 'tag', tag: formatTag(number), number }
  const hex = digestPattern.exec(text)?.[1]
  if (hex !== undefined) return { kind: 'digest', hex }
  if (nameProblem('alias', text) === undefined) return { kind: 'alias', alias: text }
  throw new TrackwayError(
    'revision_invalid',
    `'${text}' is not a revision; give a tag (V2), an alias (production), latest, or sha256: and at least 12 hex digits`,
  )
}

/** A version, or a file of one, in one text: `type/name[:revision][[path]]`. */
export interface Spec {
  /** The type of the artifact, such as `dataset`. */
  type: string
  /** The name of the artifact. */
  name: string
  /** A tag, an alias, `latest` or a digest, as it was written. */
  revision?: string
  /** Of one of its entries. */
  path?: string
}

/** Puts a spec together. */
export function formatSpec({ type, name, revision, path }: Spec): string {
  return `${type}/${name}${revision === undefined ? '' : `:${revision}`}${path === undefined ? '' : `[${path}]`}`
}

/** A tag in JSON. */
export const tagSchema = z
  .custom<Tag>(
    (value) => typeof value === 'string' && value.startsWith('V') && tagNumber(value) !== undefined,
    {
      error: 'expected a tag such as V1',
    },
  )
  .register(z.globalRegistry, { type: 'string', pattern: '^V[1-9][0-9]{0,9}$' })
