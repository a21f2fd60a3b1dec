import { tagNumber, type ListedVersion } from '@trackway/protocol'
import { checkArtifact } from '../version/ask-version.ts'
import { readAll } from '../client/read-all.ts'
import type { ArtifactScope } from './artifact-scope.ts'
import { provenanceOf, type Provenance } from './origin.ts'

/** A version of the artifact at the target, possibly deleted. */
export interface TargetVersion extends Provenance {
  record: ListedVersion
  /** The number in its tag. */
  number: number
}

/** All versions of an artifact, including deleted ones, the newest first. */
export async function listWithDeleted(
  { scope, type, name }: ArtifactScope,
  attempted: string,
  signal?: AbortSignal,
): Promise<TargetVersion[]> {
  const { connection, team, experiment } = scope
  const asked = {
    attempted,
    parameters: { team, experiment, type, name },
    query: { deleted: 'true' },
    signal,
  }
  const versions = await readAll(asked, (page) => connection.call('listVersions', page))
  for (const record of versions) checkArtifact({ ...scope, type, name }, attempted, record)
  return versions.map((record) => targetVersion(record, connection.storeId))
}

export function targetVersion(record: ListedVersion, storeId: string): TargetVersion {
  return { record, number: tagNumber(record.tag) ?? 0, ...provenanceOf(record, storeId) }
}
