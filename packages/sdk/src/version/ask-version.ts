import { foldName, formatSpec, parseRevision, TrackwayError, type VersionRecord } from '@trackway/protocol'
import { callUnlessSame } from '../client/call.ts'
import type { Scope } from '../client/scope.ts'
import type { KnownVersion, VersionSpec } from './known-versions.ts'

/** Which version is requested, and how. */
export interface VersionQuestion extends VersionSpec {
  /** The beginning of messages. Default: that the version is read. */
  attempted?: string | undefined
  signal?: AbortSignal | undefined
}

type AskedScope = Pick<Scope, 'connection' | 'team' | 'experiment'>

/**
 * Requests a version from the server or, if its answer is known already, whether that still holds. Makes sure
 * that the server returned what was requested. Throws `not_found`, `version_deleted`, `revision_invalid`, and
 * `integrity_error` for another version's record.
 */
export async function askVersion(
  scope: AskedScope,
  { signal, attempted, type, name, revision }: VersionQuestion,
  known?: KnownVersion,
): Promise<KnownVersion> {
  const { connection, team, experiment } = scope
  const asked = parseRevision(revision)
  const spec = { type, name, revision }
  const label = attempted ?? `Reading ${formatSpec(spec)}`
  const found = await callUnlessSame(connection, 'getVersion', {
    attempted: label,
    parameters: { team, experiment, ...spec },
    etag: known?.etag,
    signal,
  })
  if (found === undefined && known?.etag !== undefined) return known
  if (found === undefined) throw notAsked(scope, label, 'that nothing changed')
  const { answer: version, etag } = found
  const isMeant =
    asked.kind === 'tag'
      ? version.tag === asked.tag
      : asked.kind !== 'digest' || version.digest.startsWith(`sha256:${asked.hex}`)
  if (!isMeant) throw notAsked(scope, label, textOf(version))
  checkArtifact({ ...scope, ...spec }, label, version)
  return { version, etag }
}

/** Makes sure that a record is that of a version of this artifact. Throws `integrity_error`. */
export function checkArtifact(
  asked: Scope & { type: string; name: string },
  attempted: string,
  record: VersionRecord,
): void {
  const keys = ['team', 'experiment', 'type', 'name'] as const
  if (!keys.every((key) => foldName(record[key]) === foldName(asked[key])))
    throw notAsked(asked, attempted, textOf(record))
}

function textOf({ team, experiment, type, name, tag, digest }: VersionRecord): string {
  return `${formatSpec({ type, name, revision: tag })} of ${team}/${experiment} (${digest})`
}

function notAsked({ connection: { url } }: Scope, attempted: string, returned: string): TrackwayError {
  return new TrackwayError(
    'integrity_error',
    `${attempted}: ${url} returned something that was not requested, ${returned}; the server is faulty or malicious, and its answer was not used`,
    { details: { host: url, returned } },
  )
}
