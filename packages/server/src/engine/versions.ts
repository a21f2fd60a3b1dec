import {
  tagNumber,
  type CreateVersion,
  type ListedVersion,
  type Tag,
  type Tombstone,
  type VersionDescription,
  type VersionRecord,
} from '@trackway/protocol'
import type { ArtifactScope } from '../layout.ts'
import { createVersion, type Commit, type CreateContext } from './create-version.ts'
import { deleteVersion, restoreVersion, type DeleteContext } from './delete-version.ts'
import { describe, editVersion, listDescriptions, type Change } from './edits.ts'
import { resolveVersion, type ResolveContext } from './resolve-version.ts'
import { first, listRecords, type VersionFilter } from './version-records.ts'

/** The versions of artifacts. */
export interface Versions {
  /** Creates the next version, or returns the one that this commit created before. */
  create(
    scope: ArtifactScope,
    author: Commit['author'],
    request: CreateVersion,
  ): Promise<{ record: VersionRecord; created: boolean }>
  /**
   * The version that a revision names, as it was created. Throws `not_found`, `version_deleted`,
   * `revision_invalid`.
   */
  resolve(scope: ArtifactScope, revision: string): Promise<VersionRecord>
  /** A version with its current description and metadata. */
  describe(record: VersionRecord): Promise<VersionRecord>
  /** Changes the description or metadata of a version. Throws `not_found`, `version_deleted`. */
  update(scope: ArtifactScope, tag: Tag, change: Change): Promise<VersionRecord>
  /** A version's descriptions and metadata, the newest first. */
  history(record: VersionRecord): Promise<VersionDescription[]>
  /** The newest version that is not deleted; undefined if there is none. */
  latest(scope: ArtifactScope): Promise<VersionRecord | undefined>
  /** Deletes a version; its data is kept for at least a week. Throws `not_found`, `alias_in_use`. */
  delete(scope: ArtifactScope, tag: Tag, author: Commit['author']): Promise<Tombstone>
  /** Restores a deleted version. Throws `not_found`, and `version_deleted` if its data is gone. */
  restore(scope: ArtifactScope, tag: Tag, author: Commit['author']): Promise<VersionRecord>
  /** Versions, the newest first, without deleted ones unless requested. */
  list(scope: ArtifactScope, filter?: VersionFilter): AsyncGenerator<ListedVersion>
}

export function createVersions(context: CreateContext & ResolveContext & DeleteContext): Versions {
  const { store } = context
  const deletion = (scope: ArtifactScope, tag: Tag, { user }: Commit['author']) => ({
    scope,
    number: tagNumber(tag) ?? 0,
    user,
  })
  return {
    async create(scope, author, request) {
      const { record, created } = await createVersion(context, scope, { author, request })
      return { record: created ? record : await describe(store, record), created }
    },
    resolve: (scope, revision) => resolveVersion(context, scope, revision),
    describe: (record) => describe(store, record),
    update: async (scope, tag, change) =>
      editVersion(context, await resolveVersion(context, scope, tag), change),
    history: (record) => listDescriptions(store, record),
    latest: (scope) => first(listRecords(store, scope)),
    delete: (scope, tag, author) => deleteVersion(context, deletion(scope, tag, author)),
    restore: async (scope, tag, author) =>
      describe(store, await restoreVersion(context, deletion(scope, tag, author))),
    list: (scope, filter) => listRecords(store, scope, filter),
  }
}
