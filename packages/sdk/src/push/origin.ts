import { digestHex, foldName, sha256, type Origin, type VersionRecord } from '@trackway/protocol'
import type { ArtifactPlace } from './artifact-place.ts'

/** Where a version was made first: a version that was pushed keeps the origin that it has. */
export function originOf(record: VersionRecord, storeId: string): Origin {
  const { team, experiment, type, name, tag, createdAt, createdBy, run } = record
  return record.origin ?? { storeId, team, experiment, type, name, tag, createdAt, createdBy, run }
}

/** The artifact that an origin is a version of, as texts that are equal where it is the same one. */
function seriesOf({ storeId, team, experiment, type, name }: Origin): string[] {
  return [storeId, ...[team, experiment, type, name].map(foldName)]
}

/** Whether two versions were made first as versions of the same artifact. */
export function isSameSeries(a: Origin, b: Origin): boolean {
  return seriesOf(a).join('\n') === seriesOf(b).join('\n')
}

/**
 * What a version is wherever it was pushed to: the same text for the same version. The digest belongs to it, since a
 * folder that was copied is two stores of one id, whose versions go their own ways.
 */
export function identityOf(record: VersionRecord, storeId: string): string {
  const origin = originOf(record, storeId)
  return [...seriesOf(origin), origin.tag, record.digest].join('\n')
}

/** The same UUID each time that the same version is pushed to the same artifact, so that the server knows it again. */
export function commitIdOf(identity: string, { place, type, name }: ArtifactPlace): string {
  const target = [place.connection.storeId, ...[place.team, place.experiment, type, name].map(foldName)]
  const hex = digestHex(sha256(new TextEncoder().encode(['push', identity, ...target].join('\n'))))
  // Version 8 of RFC 9562: made in a way of one's own, but for six bits.
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
