import { concatenateBytes } from '@trackway/protocol'
import { takeTurn } from '../engine/pauses.ts'

const encoder = new TextEncoder()
const pieceCharacters = 64 * 1024

/**
 * A value as the bytes of its JSON. Lists and tables in it are written in slices, because they may be
 * megabytes.
 */
export async function encodeJson(value: object): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let text = ''
  for (const token of tokensOf(value)) {
    text += token
    if (text.length < pieceCharacters) continue
    await takeTurn(text.length)
    pieces.push(encoder.encode(text))
    text = ''
  }
  pieces.push(encoder.encode(text))
  return concatenateBytes(pieces)
}

/** JSON in tokens: anything nested more than two deep is one. */
function* tokensOf(value: unknown, depth = 0): Generator<string> {
  if (typeof value !== 'object' || value === null || depth === 2) {
    yield JSON.stringify(value) ?? 'null'
    return
  }
  const isList = Array.isArray(value)
  let separator = ''
  yield isList ? '[' : '{'
  for (const [key, inner] of isList ? value.entries() : Object.entries(value)) {
    if (inner === undefined && !isList) continue
    yield separator + (isList ? '' : `${JSON.stringify(key)}:`)
    yield* tokensOf(inner, depth + 1)
    separator = ','
  }
  yield isList ? ']' : '}'
}
