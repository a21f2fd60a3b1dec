import type { Digest } from '@trackway/protocol'
import { anySignal } from '../concurrency/any-signal.ts'
import type { LocatedEntry } from '../version/located-entry.ts'
import { packLarge } from './pack-large.ts'
import { packSmall } from './pack-small.ts'
import {
  countKnown,
  type Packable,
  type PackContext,
  type RememberedFile,
  type UploadFile,
} from './pack-context.ts'
import { locateRemembered } from './locate-remembered.ts'
import { runLimited } from '../concurrency/run-limited.ts'

/** An entry whose bytes have a location already, or a file to pack. */
export type Unpacked = { located: LocatedEntry } | { file: Packable; size: number }

/**
 * Lays files into blobs. Each is read once or, if it did not change since it was last read, not at all.
 * Entries that have a location keep it. Small files and large ones are read concurrently.
 */
export async function packEntries(given: PackContext, entries: readonly Unpacked[]): Promise<LocatedEntry[]> {
  const packed: (LocatedEntry | undefined)[] = []
  const { small, large, remembered } = sortOut(given, entries, packed)
  const stop = new AbortController()
  const context = { ...given, signal: anySignal(given.signal, stop.signal) }
  const largeAtOnce = Math.max(1, Math.floor(given.crew.size / 2))

  async function packAll(files: readonly UploadFile[]): Promise<void> {
    await runLimited(
      files,
      async ({ index, file, size }) => {
        const entry = await packLarge(context, file)
        given.progress.add({ totalBytes: entry.size - size })
        packed[index] = entry
      },
      { concurrency: largeAtOnce, signal: context.signal },
    )
  }
  const works = [
    async () => {
      const grown: UploadFile[] = []
      for (const { entry, located } of await packSmall(context, small)) {
        if (located === undefined) grown.push(entry)
        else packed[entry.index] = located
      }
      await packAll(grown)
    },
    async () => {
      const changed = await locateRemembered(context, remembered, packed)
      await packAll([...large, ...changed])
    },
  ]
  await runLimited(
    works,
    async (work) => {
      try {
        await work()
      } catch (error) {
        stop.abort(error)
        throw error
      }
    },
    { concurrency: works.length },
  )
  return packed.filter((entry) => entry !== undefined)
}

function sortOut(context: PackContext, entries: readonly Unpacked[], packed: (LocatedEntry | undefined)[]) {
  const { sizes, progress } = context
  const small: UploadFile[] = []
  const large: UploadFile[] = []
  const remembered: RememberedFile[] = []
  for (const [index, entry] of entries.entries()) {
    if ('located' in entry) {
      packed[index] = entry.located
      progress.add({ files: 1, bytes: entry.located.size, reusedBytes: entry.located.size })
      continue
    }
    const content = context.hashCache.find(entry.file)
    const located = content && locateKnown(context, entry, content.digest)
    if (located !== undefined) packed[index] = located
    else if (entry.size <= sizes.bundled) small.push({ ...entry, index })
    else if (content?.blobs === undefined) large.push({ ...entry, index })
    else remembered.push({ ...entry, index, content: { ...content, blobs: content.blobs } })
  }
  return { small, large, remembered }
}

/** The entry of a file whose content is stored already. */
function locateKnown(
  context: PackContext,
  { file: { path, executable }, size }: { file: Packable; size: number },
  digest: Digest,
): LocatedEntry | undefined {
  const { knownFiles, progress } = context
  const slices = size === 0 ? [] : knownFiles.get(digest)
  if (slices === undefined) return undefined
  countKnown(context, { slices, size })
  progress.add({ files: 1 })
  return { path, executable, size, digest, slices }
}
