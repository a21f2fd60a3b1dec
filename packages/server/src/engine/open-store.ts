import { formatDocumentSchema, TrackwayError, type FormatDocument } from '@trackway/protocol'
import { layout } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { probeConditions, probeStore } from '../stores/probe-store.ts'
import { putDocument, readDocument } from './documents.ts'
import { systemClockAndIds, timeOf, type ClockAndIds } from './clock-and-ids.ts'

// Names of rules, beyond those of format version 1, that this software knows. There are none yet.
const knownFeatures: ReadonlySet<string> = new Set()

/** When a store is tested for its promises: each time it is opened, or when it is created. */
export type ProbeWhen = 'always' | 'new'

/** How to open a store. */
export interface OpenOptions {
  /** Default: `always`. */
  probe?: ProbeWhen | undefined
  /**
   * Whether to create a store if the location does not hold one; otherwise throws `not_found`. Default: true.
   */
  create?: boolean | undefined
  clockAndIds?: ClockAndIds | undefined
}

/**
 * Makes sure that a store keeps its promises and that this software may read and write it, and gives it an id
 * the first time. Throws `store_unsuitable` or `format_unsupported`.
 */
export async function openStore(
  store: ObjectStore,
  { probe = 'always', create = true, clockAndIds = systemClockAndIds }: OpenOptions = {},
): Promise<FormatDocument> {
  const found = await readFormat(store)
  if (found === undefined && !create) throw noStore(store)
  if (found === undefined || probe === 'always') await probeStore(store)
  else await demandConditions(store)
  if (found !== undefined) return accept(found, store)
  const fresh: FormatDocument = {
    formatVersion: 1,
    storeId: clockAndIds.newId(),
    features: { read: [], write: [] },
    createdAt: timeOf(clockAndIds),
  }
  if (await putDocument(store, layout.format, fresh)) return fresh
  // Another process named it at the same moment.
  const theirs = await readFormat(store)
  if (theirs !== undefined) return accept(theirs, store)
  throw new TrackwayError(
    'store_unavailable',
    `${store.description} lost its ${layout.format} while it was opened`,
  )
}

/** The error for a location that does not hold a store, most likely because it was misspelled. */
export function noStore({ description }: Pick<ObjectStore, 'description'>): TrackwayError {
  return new TrackwayError(
    'not_found',
    `There is no Trackway store in ${description}; check the location (serve, login and keys add --create create stores)`,
  )
}

/**
 * If nothing can be written, for lack of permission or because the store is busy, nothing can be lost either.
 */
async function demandConditions(store: ObjectStore): Promise<void> {
  try {
    await probeConditions(store)
  } catch (error) {
    if (!TrackwayError.isInstance(error)) throw error
    // The system itself reports a read-only folder. Only the probe finds a broken promise.
    if (error.code !== 'store_unavailable' && error.details['systemCode'] === undefined) throw error
  }
}

function readFormat(store: ObjectStore): Promise<FormatDocument | undefined> {
  return readDocument(store, layout.format, formatDocumentSchema)
}

function accept(format: FormatDocument, store: ObjectStore): FormatDocument {
  const unknown = [...format.features.read, ...format.features.write].filter(
    (name) => !knownFeatures.has(name),
  )
  if (unknown.length === 0) return format
  throw new TrackwayError(
    'format_unsupported',
    `${store.description} uses features that this software does not know (${unknown.join(', ')}); update Trackway`,
  )
}
