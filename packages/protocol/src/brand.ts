// The kinds of values, including those of another realm (Jest's, a frame's), whose classes `instanceof` does
// not know.

/** The platform's name for the kind of a value, such as `Uint8Array`. */
export function brandOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}

/** A noun with its article: `an Array`. */
export function withArticle(noun: string): string {
  return `${/^[aeio]/i.test(noun) ? 'an' : 'a'} ${noun}`
}

/** Whether a value is an error, judged by its message. */
export function isError(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value
}

/** Whether a value is a `Uint8Array`, such as a `Buffer`. */
export function isBytes(value: unknown): value is Uint8Array {
  return brandOf(value) === 'Uint8Array'
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return isError(thrown) ? thrown.message : String(thrown)
}
