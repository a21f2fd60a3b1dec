import { concatenateBytes, holdTo, maxDocumentBytes, problemsOf, TrackwayError } from '@trackway/protocol'
import * as z from 'zod/mini'
import type { ByteStream, ObjectStore } from '../stores/object-store.ts'
import { takeTurn } from './pauses.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
const versioned = z.object({ formatVersion: z.int().check(z.positive()) })

/** Stores a JSON document under a free key. False: the key was taken. */
export function putDocument(store: ObjectStore, key: string, document: object): Promise<boolean> {
  return store.putIfAbsent(key, encoder.encode(`${JSON.stringify(document)}\n`))
}

const mostBytes = 16 * maxDocumentBytes

/** A document costs more to parse than as many bytes of a manifest; a small one more than its size. */
const documentCost = { each: 4 * 1024, byte: 2 }

/**
 * Reads a JSON document of at most `most` bytes, by default 4 MiB; undefined if it does not exist. Throws
 * `format_unsupported` for a document of a later format
 * and `integrity_error` for one that cannot be read.
 */
export async function readDocument<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodMiniType<T>,
  most = mostBytes,
): Promise<T | undefined> {
  return (await readDatedDocument(store, key, schema, most))?.document
}

/** Like `readDocument`, with the age of the document in milliseconds by the store's clock. */
export async function readDatedDocument<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodMiniType<T>,
  most = mostBytes,
): Promise<{ document: T; ageMs: number } | undefined> {
  const object = await store.get(key)
  if (object === undefined) return undefined
  const bytes = await readAll(object.body, most)
  await takeTurn(documentCost.each + documentCost.byte * bytes.length)
  const value = parseJson(key, bytes)
  // A document that took long to parse takes long to check.
  await takeTurn(bytes.length)
  const head = versioned.safeParse(value)
  if (head.success && head.data.formatVersion > 1) {
    throw new TrackwayError(
      'format_unsupported',
      `The document ${key} has format version ${head.data.formatVersion} but this software reads only 1; update Trackway`,
    )
  }
  const result = holdTo(schema, value)
  if (result.success) return { document: result.data, ageMs: object.ageMs }
  throw damaged(key, problemsOf(result.error))
}

/** Reads all bytes of a small stream. Throws `integrity_error` if it has more than `most` bytes. */
export async function readAll(body: ByteStream, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > most)
      throw new TrackwayError('integrity_error', `An object has more than the allowed ${most} bytes`)
    pieces.push(piece)
  }
  return concatenateBytes(pieces)
}

function parseJson(key: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch (error) {
    throw damaged(key, 'it is not JSON', error)
  }
}

function damaged(key: string, problem: string, cause?: unknown): TrackwayError {
  return new TrackwayError('integrity_error', `The stored document ${key} is damaged: ${problem}`, {
    cause,
    details: { key },
  })
}
