import { brandOf, TrackwayError, withArticle } from '@trackway/protocol'

/** Says why a value cannot be added, and what can be added instead. Throws `option_invalid`. */
export function refuseContent(content: unknown): never {
  throw new TrackwayError('option_invalid', `${nounOf(content)} cannot be added; ${remedyFor(content)}`)
}

function nounOf(content: unknown): string {
  if (content === null || content === undefined) return String(content)
  if (typeof content !== 'object') return `A ${typeof content}`
  const brand = brandOf(content)
  return brand === 'Object' ? 'A plain object' : withArticle(brand).replace('a', 'A')
}

function remedyFor(content: unknown): string {
  if (ArrayBuffer.isView(content)) {
    return 'its numbers would be stored in the byte order of this machine; to add its bytes, pass new Uint8Array(x.buffer, x.byteOffset, x.byteLength)'
  }
  if (typeof content === 'object' && content !== null && 'arrayBuffer' in content) {
    return 'pass its body, or await its arrayBuffer()'
  }
  if (typeof content === 'object' && content !== null && Symbol.iterator in content) {
    return 'for an array of numbers pass Uint8Array.from(it), for pieces of bytes new Blob(it)'
  }
  return 'pass a path, a file: URL, bytes, a Blob or a stream of bytes; for JSON, new Blob([JSON.stringify(x)])'
}
