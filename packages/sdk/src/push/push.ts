import { formatSpec, TrackwayError, type Spec } from '@trackway/protocol'
import { defaultConcurrency, type LongCallOptions } from '../calls/long-call-options.ts'
import { readRecord } from '../version/stored-version.ts'
import type { Scope } from '../client/scope.ts'
import { pushVersions, type Push, type PushResult } from './push-versions.ts'
import { listWithDeleted } from './target-versions.ts'

/** Source and target of a push. */
export interface PushEnds {
  source: Scope
  target: Scope
  /** The name of the artifact at the target. Default: its name at the source. */
  name?: string | undefined
}

/** Pushes a version. Throws `version_deleted` if the target had it and somebody deleted it there. */
export async function pushOne(ends: PushEnds, spec: Spec, options: LongCallOptions): Promise<PushResult> {
  const { type, name, revision = 'latest' } = spec
  const push = preparePush(ends, spec, options)
  const record = await readRecord(ends.source, { type, name, revision, signal: options.signal })
  const [result] = await pushVersions({ ...push, records: [record] })
  if (result !== undefined && !result.deleted) return result
  const label = formatSpec({ type, name, revision: record.tag })
  throw new TrackwayError(
    'version_deleted',
    `Pushing ${label} to ${ends.target.connection.url}: it was pushed there before, and its copy ${result?.tag} was deleted`,
    {
      details: { tag: result?.tag },
      hint: { kind: 'option', options: ['into'], or: 'restore that' },
    },
  )
}

/** Pushes all versions of an artifact, the oldest first. */
export async function pushAll(
  ends: PushEnds,
  { type, name }: Spec,
  options: LongCallOptions,
): Promise<PushResult[]> {
  const spec = { type, name }
  const push = preparePush(ends, spec, options)
  const versions = await listWithDeleted(push.source, `Pushing ${formatSpec(spec)}`, options.signal)
  const records = versions.flatMap(({ record }) => (record.deleted ? [] : [record])).toReversed()
  if (records.length > 0) return pushVersions({ ...push, records })
  throw new TrackwayError(
    'not_found',
    `Pushing ${formatSpec(spec)}: ${ends.source.connection.url} has no version of it in experiment ${ends.source.experiment}`,
  )
}

function preparePush(
  { source, target, name }: PushEnds,
  spec: Spec,
  { concurrency = defaultConcurrency, onProgress, quiet = false, signal }: LongCallOptions,
): Omit<Push, 'records'> {
  return {
    source: { scope: source, type: spec.type, name: spec.name },
    target: { scope: target, type: spec.type, name: name ?? spec.name },
    concurrency,
    onProgress,
    quiet,
    signal,
  }
}
