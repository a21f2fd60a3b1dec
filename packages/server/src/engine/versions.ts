import type { CreateVersion, VersionRecord } from '@trackway/protocol'
import type { ArtifactPlace } from '../layout.ts'
import { createVersion, type Commit, type CreateContext } from './create-version.ts'
import { resolveVersion, type ResolveContext } from './resolve-version.ts'
import { first, listRecords } from './version-records.ts'

/** The versions of artifacts. */
export interface Versions {
  /** Makes the next version, or finds the one that this commit made before. */
  create(
    place: ArtifactPlace,
    author: Commit['author'],
    request: CreateVersion,
  ): Promise<{ record: VersionRecord; created: boolean }>
  /** The version that a reference means. Throws `not_found`, `version_deleted`, `reference_invalid`. */
  resolve(place: ArtifactPlace, reference: string): Promise<VersionRecord>
  /** The newest version that is not deleted; undefined where there is none. */
  latest(place: ArtifactPlace): Promise<VersionRecord | undefined>
  /** Versions that are not deleted, the newest first, older than `before`. */
  list(place: ArtifactPlace, before?: number): AsyncGenerator<VersionRecord>
}

export function createVersions(context: CreateContext & ResolveContext): Versions {
  const { store } = context
  return {
    create: (place, author, request) => createVersion(context, place, { author, request }),
    resolve: (place, reference) => resolveVersion(context, place, reference),
    latest: (place) => first(listRecords(store, place)),
    list: (place, before) => listRecords(store, place, before),
  }
}
