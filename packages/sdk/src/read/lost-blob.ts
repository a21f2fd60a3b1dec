import { formatSpec, TrackwayError, type Digest } from '@trackway/protocol'
import type { Connection } from '../client/connection.ts'
import type { ReadVersion } from '../version/version.ts'

/**
 * Why a blob that a version needs is missing: the version was deleted since, according to the server;
 * otherwise the store has lost it.
 */
export async function explainLostBlob(
  { connection, team, version }: { connection: Connection; team: string; version?: ReadVersion | undefined },
  { digest, path, signal }: { digest: Digest; path: string; signal: AbortSignal | undefined },
  cause: TrackwayError,
): Promise<TrackwayError> {
  const attempted = `Reading ${path}`
  const spec = version && formatSpec({ ...version, revision: version.tag })
  if (version !== undefined) {
    const { experiment, type, name, tag } = version
    const parameters = { team, experiment, type, name, revision: tag }
    try {
      await connection.call('getVersion', { attempted: `${attempted} of ${spec}`, parameters, signal })
    } catch (error) {
      if (TrackwayError.isInstance(error)) return error
      throw error
    }
  }
  return new TrackwayError(
    'integrity_error',
    `${attempted}: ${spec ?? 'the version'} is damaged: the store has lost the blob ${digest}; uploading the same content again restores it, and trackway-server check names everything that is damaged`,
    { cause, details: { path, blob: digest, ...(spec !== undefined && { version: spec }) } },
  )
}
