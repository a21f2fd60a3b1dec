import { TrackwayError } from '@trackway/protocol'
import { z } from 'zod'
import { readAll } from '../engine/documents.ts'
import type { ByteStream } from '../stores/object-store.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** A request's body, read piece by piece and no further than the limit. Throws `too_large`. */
export async function* readBody(request: Request, limit: LimitOf): ByteStream {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > limit.bytes) throw tooLarge(limit)
  let size = 0
  for await (const piece of iterate(request.body)) {
    size += piece.length
    if (size > limit.bytes) throw tooLarge(limit)
    yield piece
  }
}

/** A limit and its name, for the error that says which one was passed. */
export interface LimitOf {
  name: string
  bytes: number
}

/** A JSON body that fits a schema. Throws `unsupported_media_type`, `too_large` or `request_invalid`. */
export async function readJson(request: Request, schema: z.ZodType, limit: LimitOf): Promise<unknown> {
  requireMediaType(request, 'application/json')
  return checkInput(schema, parseJson(await readAll(readBody(request, limit), limit.bytes)), 'body')
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch (error) {
    throw new TrackwayError('request_invalid', 'The body is not JSON in UTF-8', { cause: error })
  }
}

/** Holds input to a schema. Throws `request_invalid` with the issues found. */
export function checkInput<T>(schema: z.ZodType<T>, value: unknown, what: 'body' | 'query'): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues
    .slice(0, 20)
    .map(({ path, message }) => ({ path: path.map(String), message }))
  throw new TrackwayError(
    'request_invalid',
    `The ${what} is not valid: ${z.prettifyError(result.error).slice(0, 2000)}`,
    {
      details: { issues },
    },
  )
}

/** Makes sure that a body has the type that the route reads. Throws `unsupported_media_type`. */
export function requireMediaType(request: Request, wanted: string): void {
  const given = request.headers.get('content-type') ?? ''
  if (given.split(';')[0]?.trim().toLowerCase() === wanted) return
  throw new TrackwayError(
    'unsupported_media_type',
    `The body has the type '${given || 'none'}'; this route reads ${wanted}`,
    {
      details: { accepted: wanted },
    },
  )
}

function tooLarge({ name, bytes }: LimitOf): TrackwayError {
  return new TrackwayError(
    'too_large',
    `The body is larger than the ${bytes} bytes that this server takes (${name})`,
    {
      details: { limit: name, maximum: bytes },
    },
  )
}

async function* iterate(body: ReadableStream<Uint8Array> | null): ByteStream {
  if (body === null) return
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(brokenOff)
      if (done) return
      yield value
    }
  } finally {
    // What was not read belongs to the connection, which whoever holds it drains or closes.
    reader.releaseLock()
  }
}

/** The client went away, or was cut off: its doing, so that no log need tell of a failure of the server. */
function brokenOff(cause: unknown): never {
  throw new TrackwayError('request_invalid', 'The body broke off before its end', { cause })
}
