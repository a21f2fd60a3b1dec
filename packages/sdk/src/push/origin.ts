import { digestHex, foldName, sha256, type Origin, type VersionRecord } from '@trackway/protocol'
import { uuidOf } from '../upload/commit-id.ts'
import type { ArtifactScope } from './artifact-scope.ts'

/** Identifies a version wherever it was pushed to. */
export interface Provenance {
  /** Where it was made first: a pushed version keeps its origin. */
  origin: Origin
  /** The artifact that it was first made in, as a text that is the same for the same artifact. */
  series: string
  /**
   * The version, as a text that is the same for the same version. It includes the digest, since a copied
   * folder yields two stores with one id, whose versions diverge.
   */
  identity: string
}

export function provenanceOf(record: VersionRecord, storeId: string): Provenance {
  const { team, experiment, type, name, tag, createdAt, createdBy, run, digest } = record
  const origin = record.origin ?? { storeId, team, experiment, type, name, tag, createdAt, createdBy, run }
  const series = textOf(origin.storeId, origin)
  return { origin, series, identity: [series, origin.tag, digest].join('\n') }
}

/**
 * The same UUID each time that the same version is pushed to the same artifact, so that the server recognizes
 * it.
 */
export function commitIdOf(identity: string, { scope, type, name }: ArtifactScope): string {
  const target = textOf(scope.connection.storeId, { ...scope, type, name })
  const hex = digestHex(sha256(new TextEncoder().encode(['push', identity, target].join('\n'))))
  // Version 8 is for custom UUIDs.
  return uuidOf(hex, 8)
}

/** An artifact of a store, as one text; names contain no line feeds, and are compared without case. */
function textOf(
  storeId: string,
  { team, experiment, type, name }: Record<'team' | 'experiment' | 'type' | 'name', string>,
): string {
  return [storeId, ...[team, experiment, type, name].map(foldName)].join('\n')
}
