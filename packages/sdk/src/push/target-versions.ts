import { tagNumber, type ListedVersion } from '@trackway/protocol'
import { checkArtifact } from '../version/ask-version.ts'
import { readAll } from '../client/read-all.ts'
import type { ArtifactPlace } from './artifact-place.ts'
import { provenanceOf, type Provenance } from './origin.ts'

/** A version of the artifact at the target, possibly deleted. */
export interface TargetVersion extends Provenance {
  record: ListedVersion
  /** The number in its tag. */
  number: number
}

/** All versions of an artifact, including deleted ones, the newest first. */
export async function listWithDeleted(
  { place, type, name }: ArtifactPlace,
  attempted: string,
  signal?: AbortSignal,
): Promise<TargetVersion[]> {
  const { connection, team, experiment } = place
  const asked = {
    attempted,
    parameters: { team, experiment, type, name },
    query: { deleted: 'true' },
    signal,
  }
  const versions = await readAll(asked, (page) => connection.call('listVersions', page))
  for (const record of versions) checkArtifact({ ...place, type, name }, attempted, record)
  return versions.map((record) => targetVersion(record, connection.storeId))
}

export function targetVersion(record: ListedVersion, storeId: string): TargetVersion {
  return { record, number: tagNumber(record.tag) ?? 0, ...provenanceOf(record, storeId) }
}
