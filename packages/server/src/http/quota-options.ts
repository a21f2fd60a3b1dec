import { brandOf, foldName, nameProblem } from '@trackway/protocol'
import { amount, nested, type KindsOf, type OptionKind } from '@trackway/protocol/options'

/** What a team or an API key may use. Limits that are left out, or `Infinity`, do not apply. */
export interface Quota {
  /** Stored bytes. */
  bytes?: number | undefined
  /** Versions that are not deleted. */
  versions?: number | undefined
  /** Concurrent requests. */
  requests?: number | undefined
  /** Points that runs log, per second on average. */
  points?: number | undefined
}

/**
 * What teams and API keys may use. Bytes and versions are enforced as of the last count of the store, across
 * all servers with the quota; requests and points are enforced by each process.
 */
export interface Quotas {
  /** Of each team. */
  team?: Quota | undefined
  /** Of each API key. Its bytes and versions are those that its user made, in each team separately. */
  key?: Quota | undefined
  /** Of single teams, by name: these limits replace those of `team`. */
  teams?: Record<string, Quota> | undefined
  /** Of single API keys, by id: these limits replace those of `key`. */
  keys?: Record<string, Quota> | undefined
  /** Milliseconds after which a count of the store is old. Default: 60,000. */
  countEveryMs?: number | undefined
}

function limit(example: number, from: 0 | 1): OptionKind {
  return {
    expected: `a whole number from ${from} on, or Infinity`,
    example: String(example),
    accepts: (value) =>
      value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && Number(value) >= from),
  }
}

/** The least that each limit may be. */
export const leastQuota = { bytes: 0, versions: 0, requests: 1, points: 1 } as const satisfies Record<
  keyof Quota,
  0 | 1
>

const quotaKinds = {
  bytes: limit(500_000_000_000, leastQuota.bytes),
  versions: limit(100_000, leastQuota.versions),
  requests: limit(64, leastQuota.requests),
  points: limit(5_000, leastQuota.points),
} satisfies KindsOf<Quota>

function byName(names: string, example: string, isName: (name: string) => boolean): OptionKind {
  return {
    expected: `an object from ${names} to quotas`,
    example,
    accepts: (value) =>
      brandOf(value) === 'Object' &&
      Object.entries(Object(value)).every(([name, quota]) => isName(name) && isQuota(quota)),
  }
}

/** Whether a text is the listed id of an API key. */
export function isKeyId(text: string): boolean {
  return /^[0-9a-f]{12}$/.test(text)
}

function isQuota(value: unknown): boolean {
  return (
    brandOf(value) === 'Object' &&
    Object.entries(Object(value)).every(
      ([name, each]) =>
        each === undefined ||
        Object.entries(quotaKinds)
          .find(([known]) => known === name)?.[1]
          .accepts(each),
    )
  )
}

/** What the option takes. */
export const quotasKind: OptionKind = nested({
  team: nested(quotaKinds),
  key: nested(quotaKinds),
  teams: byName(
    'names of teams',
    '{ vision: { bytes: 2_000_000_000_000 } }',
    (name) => nameProblem('team', name) === undefined,
  ),
  keys: byName('ids of API keys', "{ '0941af1e1f19': { requests: 4 } }", isKeyId),
  countEveryMs: amount(60_000),
} satisfies KindsOf<Quotas>)

/** The quota of one name: its own limits, and otherwise those of all. Names in any case. */
export function quotaOf(
  all: Quota | undefined,
  named: Record<string, Quota> | undefined,
  name: string | undefined,
): Quota {
  if (name === undefined) return all ?? {}
  const own = Object.entries(named ?? {}).find(([each]) => foldName(each) === foldName(name))?.[1]
  return { ...all, ...own }
}
