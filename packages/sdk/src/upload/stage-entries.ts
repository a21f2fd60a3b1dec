import { anySignal } from '../concurrency/any-signal.ts'
import { runLimited } from '../concurrency/run-limited.ts'
import type { LocalEntry } from '../content/local-entry.ts'
import type { LocatedEntry } from '../version/located-entry.ts'
import type { Selected } from './select-new.ts'
import { stageLarge } from './stage-large.ts'
import { stageRemembered } from './stage-remembered.ts'
import { stageSmall } from './stage-small.ts'
import type { Upload } from './upload.ts'

/**
 * Lays files into blobs, which are queued. Each is read once or, if it did not change since it was last read,
 * not at all. Small files and large ones are read concurrently. Returns all entries in their order.
 */
export async function stageEntries(
  given: Upload,
  { entries, small, large, remembered }: Selected,
): Promise<LocatedEntry[]> {
  const { located } = given
  const stop = new AbortController()
  const upload = { ...given, signal: anySignal(given.signal, stop.signal) }
  const concurrency = Math.max(1, Math.floor(given.crew.size / 2))

  async function stageAll(files: readonly LocalEntry[]): Promise<void> {
    const stage = async (entry: LocalEntry) => void located.set(entry, await stageLarge(upload, entry))
    await runLimited(files, stage, { concurrency, signal: upload.signal })
  }

  const works = [
    async () => stageAll(await stageSmall(upload, small)),
    async () => stageAll([...large, ...(await stageRemembered(upload, remembered))]),
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
  return entries
    .map((entry) => ('source' in entry ? located.get(entry) : entry))
    .filter((entry) => entry !== undefined)
}
