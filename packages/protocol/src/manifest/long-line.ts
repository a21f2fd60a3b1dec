import { concatenateBytes } from '../concatenate-bytes.ts'

/** Reads a line over 64 KiB as it arrives: an object of which one value is a long list. */
export interface LongLine {
  /**
   * Adds the next bytes. Throws a SyntaxError for invalid JSON, and a RangeError if there is more than the
   * list.
   */
  write(bytes: Uint8Array): void
  /** The object, with an empty list in place of the long one. */
  end(): unknown
}

/** Where some items of the list are: their bytes, and how many of the line come before. */
export interface ItemsText {
  start: number
  bytes: Uint8Array
}

/** Maximum size of a line without its parts: a path, a URL and a few numbers. */
export const plainLineBytes = 64 * 1024
const listBytes = 32 * 1024

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c

/**
 * Yields the items of the list in batches of about 32 KiB, so that neither they nor the line are ever held or
 * parsed as a whole: parsing `[],[],[],…` takes thirty times as much memory as the text.
 */
export function createLongLine(
  decoder: TextDecoder,
  onItems: (items: unknown[], text: ItemsText) => void,
): LongLine {
  let depth = 0
  let inString = false
  let escaped = false
  let lists = 0
  let inList = false
  let batches = 0
  const frame: Uint8Array[] = []
  let frameBytes = 0
  let items: Uint8Array[] = []
  let itemBytes = 0
  let bytesRead = 0
  let itemsStart = 0

  function keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (inList) {
      items.push(bytes.slice())
      itemBytes += bytes.length
    } else {
      frame.push(bytes.slice())
      frameBytes += bytes.length
    }
    if (frameBytes > plainLineBytes || itemBytes > 4 * plainLineBytes)
      throw new RangeError('it has more than 64 KiB besides its parts')
  }

  function flush(isLast: boolean): void {
    const bytes = concatenateBytes(items)
    const text = decoder.decode(bytes)
    if (isLast && batches > 0 && text.trim() === '') throw new SyntaxError('its list ends with a comma')
    batches += 1
    items = []
    itemBytes = 0
    onItems(JSON.parse(`[${text}]`), { start: itemsStart, bytes })
  }

  function write(bytes: Uint8Array): void {
    let start = 0
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at]
      if (inString) {
        if (escaped) escaped = false
        else if (byte === backslash) escaped = true
        else if (byte === quote) inString = false
      } else if (byte === quote) inString = true
      else if (byte === 0x5b || byte === 0x7b) {
        depth += 1
        if (depth !== 2 || byte === 0x7b) continue
        lists += 1
        if (lists > 1) throw new RangeError('it has more than one list')
        keep(bytes.subarray(start, at + 1))
        start = at + 1
        itemsStart = bytesRead + start
        inList = true
      } else if (byte === 0x5d || byte === 0x7d) {
        depth -= 1
        if (depth !== 1 || !inList) continue
        keep(bytes.subarray(start, at))
        start = at
        flush(true)
        inList = false
      } else if (byte === comma && inList && depth === 2 && itemBytes + at - start > listBytes) {
        keep(bytes.subarray(start, at))
        start = at + 1
        flush(false)
        itemsStart = bytesRead + start
      }
    }
    keep(bytes.subarray(start))
    bytesRead += bytes.length
  }

  return { write, end: () => JSON.parse(decoder.decode(concatenateBytes(frame))) }
}
