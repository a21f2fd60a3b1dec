import { formatSpec, TrackwayError, type VersionRecord } from '@trackway/protocol'
import { readRecord, type VersionQuery } from '../artifact/stored-version.ts'
import type { Place } from '../session/place.ts'

/** Milliseconds to wait for a server where a version lies here that will do. */
const patienceMs = 10_000

/**
 * Which version a reference means. Whoever has something to fall back on does not wait for as long as a request may be
 * tried again, which is a quarter of an hour. Throws `timeout` then.
 */
export async function askWhichVersion(
  place: Place,
  query: VersionQuery,
  { patient }: { patient: boolean },
): Promise<VersionRecord> {
  if (patient) return readRecord(place, query)
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), patienceMs)
  const signal = AbortSignal.any([controller.signal, ...(query.signal ? [query.signal] : [])])
  try {
    return await readRecord(place, { ...query, signal })
  } catch (error) {
    if (!controller.signal.aborted || query.signal?.aborted) throw error
    const { type, name, reference } = query
    throw new TrackwayError(
      'timeout',
      `Reading ${formatSpec({ type, name, reference })}: ${place.connection.url} did not answer within ${patienceMs / 1000} seconds; try again, or name a version by its tag`,
      { cause: error },
    )
  } finally {
    clearTimeout(timer)
  }
}
