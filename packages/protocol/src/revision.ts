import * as z from 'zod/mini'
import { messageOf } from './brand.ts'
import { demandText } from './demand-text.ts'
import { TrackwayError } from './errors.ts'
import { nameProblem } from './names.ts'

/** The name of a version: `V1`, `V2`, …, without gaps, in order, never reused. */
export type Tag = `V${number}`

/** Which version is meant. */
export type Revision =
  | { kind: 'latest' }
  | { kind: 'tag'; tag: Tag; number: number }
  | { kind: 'alias'; alias: string }
  /** The first 12 to 64 hex digits of a version digest. */
  | { kind: 'digest'; hex: string }

/** The highest number of a tag. */
export const maxTagNumber = 9_999_999_998

const tagPattern = /^V([1-9]\d{0,9})$/i
const digestPattern = /^sha256:([0-9a-f]{12,64})$/

/** The tag of the n-th version. */
export function formatTag(number: number): Tag {
  return `V${number}`
}

/** The number in a tag; undefined if the text is not a tag. */
export function tagNumber(text: string): number | undefined {
  const digits = tagPattern.exec(text)?.[1]
  const number = Number(digits)
  return digits === undefined || number > maxTagNumber ? undefined : number
}

/** Normalizes a tag: `v2` becomes `V2`. Throws `revision_invalid`. */
export function parseTag(text: string): Tag {
  const number = tagNumber(demandText(text, 'A tag', 'V2'))
  if (number !== undefined) return formatTag(number)
  throw new TrackwayError('revision_invalid', `'${text}' is not a tag; tags are V1, V2, V3 and so on`)
}

/**
 * Parses a revision: a tag, `latest`, an alias, or `sha256:` with 12 to 64 hex digits. Throws
 * `revision_invalid`.
 */
export function parseRevision(text: string): Revision {
  demandText(text, 'The revision', 'V2')
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

/** A version, or a file of one, as one text: `type/name[:revision][[path]]`. */
export interface Spec {
  /** The type of the artifact, such as `dataset`. */
  type: string
  /** The name of the artifact. */
  name: string
  /** A tag, an alias, `latest` or a digest, as it was written. */
  revision?: string
  /** The path of one of its entries. */
  path?: string
}

/** Formats a spec. */
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

/** A revision in a URL. */
export const revisionSchema = z
  .string()
  .check(
    z.superRefine((text, context) => {
      try {
        parseRevision(text)
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) })
      }
    }),
  )
  .register(z.globalRegistry, { pattern: '^([A-Za-z0-9][A-Za-z0-9._-]{0,127}|sha256:[0-9a-f]{12,64})$' })
