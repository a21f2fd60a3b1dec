import type { Digest } from '@trackway/protocol'
import { layout } from '../../layout.ts'
import type { ObjectStore } from '../../stores/object-store.ts'
import { putDocument } from '../documents.ts'
import { timeOf, type ClockAndIds } from '../clock-and-ids.ts'

/** What is about to be deleted. */
export interface Doomed {
  blobs: readonly Digest[]
  manifests: readonly Digest[]
}

/**
 * Deletes blobs or manifests after storing a marker that names them, first the list and then the marker, so
 * that writers wait. The marker belongs to this call: a late request to remove another's cannot remove it. If
 * the work fails, the marker stays: a deletion may still happen.
 */
export async function announce<Result>(
  { store, clockAndIds }: { store: ObjectStore; clockAndIds: ClockAndIds },
  { team, doomed }: { team: string; doomed: Doomed },
  work: (id: string) => Promise<Result>,
): Promise<Result> {
  const id = clockAndIds.newId()
  await putDocument(store, layout.sweepList(team, id), { formatVersion: 1, ...doomed })
  const marker = { formatVersion: 1, createdAt: timeOf(clockAndIds) }
  await putDocument(store, layout.sweepMarker(team, id), marker)
  const result = await work(id)
  await store.delete(layout.sweepMarker(team, id))
  await store.delete(layout.sweepList(team, id))
  return result
}
