import { foldName, formatBytes, TrackwayError, type Digest } from '@trackway/protocol'
import type { Caller } from '../auth/caller.ts'
import type { ClaimedBlob } from '../engine/blobs.ts'
import type { Usage } from '../engine/count-usage.ts'
import { systemClockAndIds, type ClockAndIds } from '../engine/clock-and-ids.ts'
import { createUsageBook, type UsageBook } from '../engine/usage.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { quotaOf, type Quota, type Quotas } from './quota-options.ts'
import { createPointRate, createRequestCounter } from './rates.ts'

/** The quotas for one request. */
export interface RequestQuotas {
  /** Counts the request until the returned function is called. Throws `rate_limited`. */
  enter(): () => void
  /** Makes sure that points may be logged. Throws `rate_limited`. */
  demandPoints(): void
  addPoints(points: number): void
  /** Makes sure that documents may be stored. Throws `quota_exceeded`. */
  demandDocuments(): Promise<void>
  /** Reserves room for a version. Throws `quota_exceeded`. */
  takeVersion(): Promise<void>
  /** Reserves room for bytes; false if there is none. */
  offerBytes(bytes: number): Promise<boolean>
  /** Passes on blobs that fit or are stored already. Throws `quota_exceeded` at any other. */
  admitBlobs(
    blobs: AsyncIterable<ClaimedBlob>,
    isStored: (digest: Digest) => Promise<boolean>,
  ): AsyncGenerator<ClaimedBlob>
}

/** Finds the quotas for a caller and a team, or no team. */
export type QuotasFor = (caller: Caller, team: string | undefined) => RequestQuotas

/**
 * Documents are accepted for a little longer than blobs, so that a version whose blobs are stored can be
 * made.
 */
const documentRoom = 1.1

interface Subject {
  /** `team vision`, `API key 0941af1e1f19`. */
  whose: string
  quota: Quota
  /** Whose versions count. Undefined: everything that the team stores. */
  user?: string
}

interface Shared {
  usage: UsageBook
  requests: ReturnType<typeof createRequestCounter>
  points: ReturnType<typeof createPointRate>
}

/** Keeps the quotas of an app. */
export function createQuotas(
  quotas: Quotas,
  { store, clockAndIds = systemClockAndIds }: { store: ObjectStore; clockAndIds?: ClockAndIds | undefined },
): QuotasFor {
  const { countEveryMs: everyMs = 60_000, key, keys = {} } = quotas
  const countsUsers = [key, ...Object.values(keys)].some(
    (each) => (each?.bytes ?? each?.versions) !== undefined,
  )
  const shared: Shared = {
    usage: createUsageBook({ store, clockAndIds, everyMs, countsUsers }),
    requests: createRequestCounter(),
    points: createPointRate(),
  }
  return (caller, team) => quotasOfRequest(shared, team, subjectsOf(quotas, caller, team))
}

function subjectsOf(quotas: Quotas, { user, keyId }: Caller, team: string | undefined): Subject[] {
  const key: Subject = {
    whose: keyId === undefined ? `user ${user}` : `API key ${keyId}`,
    quota: quotaOf(quotas.key, quotas.keys, keyId),
    user,
  }
  if (team === undefined) return [key]
  return [{ whose: `team ${foldName(team)}`, quota: quotaOf(quotas.team, quotas.teams, team) }, key]
}

function quotasOfRequest(
  { usage, requests, points }: Shared,
  team: string | undefined,
  subjects: readonly Subject[],
): RequestQuotas {
  const counted = (limit: keyof Quota) =>
    subjects.flatMap(({ whose, quota, user }) => {
      const maximum = quota[limit]
      return maximum === undefined || maximum === Number.POSITIVE_INFINITY ? [] : { whose, maximum, user }
    })

  /**
   * Reserves room, or throws why there is none. Nothing happens between the last check and the reservation.
   */
  async function take(limit: keyof Usage, more: number, room = 1): Promise<TrackwayError | undefined> {
    const limited = counted(limit)
    if (team === undefined || limited.length === 0) return undefined
    const look = () => {
      for (const { whose, maximum, user } of limited) {
        const used = usage.read({ team, user })[limit]
        const where = user === undefined ? whose : `${whose} in team ${team}`
        if (used + more > maximum * room) return exceeded(where, limit, { used, more, maximum })
      }
      for (const { user } of subjects) usage.add({ team, user }, { [limit]: more })
      return undefined
    }
    await usage.refresh(team)
    const problem = look()
    if (problem === undefined) return undefined
    await usage.refresh(team, true)
    return look()
  }

  async function demand(...asked: Parameters<typeof take>): Promise<void> {
    const problem = await take(...asked)
    if (problem !== undefined) throw problem
  }

  return {
    enter: () => requests.enter(counted('requests')),
    demandPoints: () => points.demand(counted('points')),
    addPoints: (count) => points.add(counted('points'), count),
    demandDocuments: () => demand('bytes', 0, documentRoom),
    takeVersion: () => demand('versions', 1),
    offerBytes: async (bytes) => (await take('bytes', bytes)) === undefined,
    async *admitBlobs(blobs, isStored) {
      for await (const blob of blobs) {
        const problem = await take('bytes', sizeOf(blob))
        if (problem !== undefined && !(await isStored(blob.digest))) throw problem
        yield blob
      }
    },
  }
}

function sizeOf({ pieces }: ClaimedBlob): number {
  return pieces.reduce((sum, { length }) => sum + length, 0)
}

interface Full {
  used: number
  more: number
  maximum: number
}

function exceeded(whose: string, limit: keyof Usage, { used, more, maximum }: Full): TrackwayError {
  const written = limit === 'bytes' ? formatBytes : (count: number) => count.toLocaleString('en')
  const noun = limit === 'bytes' ? '' : ' versions'
  const need = limit === 'bytes' && more > 0 ? `, and this needs ${written(more)}` : ''
  const advice =
    limit === 'bytes'
      ? 'delete versions, whose bytes trackway-server gc frees a week later'
      : 'delete versions'
  return new TrackwayError(
    'quota_exceeded',
    `${capitalized(whose)} has ${written(used)} of the ${written(maximum)}${noun} that this server allows it${need}; ${advice}, or ask the operator of the server for more`,
    { details: { limit, maximum, used, of: whose } },
  )
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
