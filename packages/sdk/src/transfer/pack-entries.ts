import { gatherBytes } from '../content/byte-pieces.ts'
import { withContent } from '../content/content-source.ts'
import type { PlacedEntry } from '../content/placed-entry.ts'
import { throwIfAborted } from './abort.ts'
import { createPacker, type Packable, type PackContext } from './packer.ts'
import { runAhead } from './run-limited.ts'

/** An entry whose place is known, or a file that is to get one. */
export type Unpacked = { placed: PlacedEntry } | { file: Packable; size: number }

// Opening and reading a small file is mostly waiting, so several are under way. Bounds memory to 16 small files.
const filesAhead = 16

/** Lays files into blobs, in the order given, each read once. What is placed already keeps its place. */
export async function packEntries(context: PackContext, entries: Iterable<Unpacked>): Promise<PlacedEntry[]> {
  const { sizes, progress, signal } = context
  const packer = createPacker(context)
  const packed: PlacedEntry[] = []
  for await (const read of runAhead(entries, (entry) => readIfSmall(entry, sizes.bundled), filesAhead)) {
    throwIfAborted(signal)
    if ('placed' in read) {
      progress.add({ files: 1, bytes: read.placed.size, reusedBytes: read.placed.size })
      packed.push(read.placed)
      continue
    }
    const entry =
      read.bytes === undefined
        ? await withContent(read.file.source, (content) => packer.addLarge(read.file, content))
        : await packer.addSmall(read.file, read.bytes)
    // What is uploaded is what was read, which may be longer than it was when it was added.
    progress.add({ totalBytes: entry.size - read.size })
    packed.push(entry)
  }
  await packer.end()
  return packed
}

async function readIfSmall(entry: Unpacked, maximum: number) {
  if ('placed' in entry) return entry
  if (entry.size > maximum) return { ...entry, bytes: undefined }
  const bytes = await withContent(entry.file.source, async (content) => {
    if (content.size > maximum) return undefined
    const whole = await gatherBytes(content.read(0, content.size))
    await content.checkUnchanged()
    return whole
  })
  return { ...entry, bytes }
}
