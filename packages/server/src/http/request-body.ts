import { holdTo, problemsOf, TrackwayError } from '@trackway/protocol'
import * as z from 'zod/mini'
import { readAll } from '../engine/documents.ts'
import { takeTurn } from '../engine/pauses.ts'
import { checkJsonShape } from './json-shape.ts'
import type { LimitOf, Receive } from './receive-body.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })
const mostIssues = 20

/** A JSON body that matches a schema. Throws `unsupported_media_type`, `too_large` or `request_invalid`. */
export async function readJson(
  request: Request,
  schema: z.ZodMiniType,
  { receive, limit }: { receive: Receive; limit: LimitOf },
): Promise<unknown> {
  requireMediaType(request, 'application/json')
  const bytes = await readAll(receive(limit), limit.bytes)
  await takeTurn(bytes.length)
  checkJsonShape(bytes)
  await takeTurn(bytes.length)
  const value = parseJson(bytes)
  await checkLists(schema, value, bytes.length)
  return checkInput(schema, value, 'body')
}

const itemsAtOnce = 500

/**
 * Validates long lists slice by slice, so that one with ten thousand wrong items ends with the first slice.
 */
async function checkLists(schema: z.ZodMiniType, value: unknown, bytes: number): Promise<void> {
  if (!(schema instanceof z.ZodMiniObject) || typeof value !== 'object' || value === null) return
  for (const [name, list] of Object.entries(value)) {
    const field: unknown = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined
    if (!(field instanceof z.ZodMiniArray) || !Array.isArray(list)) continue
    const slice = z.array(field.def.element)
    for (let at = 0; at < list.length; at += itemsAtOnce) {
      await takeTurn((bytes / list.length) * itemsAtOnce)
      checkInput(slice, list.slice(at, at + itemsAtOnce), 'body', [name, at])
    }
  }
  await takeTurn(bytes)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch (error) {
    throw new TrackwayError('request_invalid', 'The body is not JSON in UTF-8', { cause: error })
  }
}

/** The query of a URL, as own properties whatever their names, so that a schema sees all of them. */
export function readQuery(request: Request): unknown {
  return Object.fromEntries(new URL(request.url).searchParams)
}

/** Validates input against a schema. Throws `request_invalid` with the first issues found. */
export function checkInput<T>(
  schema: z.ZodMiniType<T>,
  value: unknown,
  what: 'body' | 'query',
  within?: [list: string, begin: number],
): T {
  const result = holdTo(schema, value)
  if (result.success) return result.data
  const first = result.error.issues
    .slice(0, mostIssues)
    .map((issue) => ({ ...issue, path: pathOf(issue.path, within) }))
  const issues = first.map(({ path, message }) => ({
    path: path.map(String),
    message: message.slice(0, 500),
  }))
  throw new TrackwayError(
    'request_invalid',
    `The ${what} is not valid: ${problemsOf({ issues: first }).slice(0, 2000)}`,
    {
      details: { issues },
    },
  )
}

function pathOf(path: PropertyKey[], within: [list: string, begin: number] | undefined): PropertyKey[] {
  if (within === undefined) return path
  const [list, begin] = within
  const [index, ...rest] = path
  return [list, begin + Number(index), ...rest]
}

/**
 * Makes sure that a body has the type that the route reads, and is not compressed. Throws
 * `unsupported_media_type`.
 */
export function requireMediaType(request: Request, wanted: string): void {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? ''
  if (encoding !== '' && encoding !== 'identity') {
    throw new TrackwayError(
      'unsupported_media_type',
      `The body has the Content-Encoding '${encoding.slice(0, 200)}'; send it unencoded`,
      { details: { accepted: 'identity' } },
    )
  }
  const given = request.headers.get('content-type') ?? ''
  if (given.split(';')[0]?.trim().toLowerCase() === wanted) return
  throw new TrackwayError(
    'unsupported_media_type',
    `The body has the type '${given.slice(0, 200) || 'none'}'; this route reads ${wanted}`,
    {
      details: { accepted: wanted },
    },
  )
}
