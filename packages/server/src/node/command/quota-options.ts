import { foldName, formatBytes, parseName, withoutUndefined } from '@trackway/protocol'
import { InvalidArgumentError, type Command } from 'commander'
import { isKeyId, leastQuota, type Quota, type Quotas } from '../../http/quota-options.ts'
import { parseSize } from './parse-size.ts'

/** The quotas that one flag sets: the general one, and those of single teams or keys. */
export interface QuotaFlag {
  all: Quota
  named: Record<string, Quota>
}

/** Adds the options that set quotas, which `quotasOf` reads. */
export function withQuotas(command: Command): Command {
  return command
    .option(
      '--team-quota <limits...>',
      'what each team may use: bytes=500GB, versions=1000, requests=64, points=5000, or some of them joined by commas without spaces; for one team vision:bytes=2TB (default: no quotas)',
      parseQuota(parseTeam),
    )
    .option(
      '--key-quota <limits...>',
      'the same for each API key; for one key, use its id: 0941af1e1f19:requests=4',
      parseQuota(parseKeyId),
    )
}

const limits = Object.keys(leastQuota) as (keyof Quota)[] // Its own keys, and no others.

/**
 * Parses `bytes=500GB,versions=1000` for all, or `vision:bytes=2TB` for one, and adds it to the earlier
 * flags.
 */
const parseQuota =
  (parseOwner: (name: string) => string) =>
  (text: string, before?: QuotaFlag): QuotaFlag => {
    const [, name, list = ''] = /^(?:([^:=]+):)?(.+)$/.exec(text) ?? []
    const quota = Object.fromEntries(list.split(',').map(parseLimit))
    const { all = {}, named = {} } = before ?? {}
    if (name === undefined) return { all: { ...all, ...quota }, named }
    const owner = parseOwner(name)
    return { all, named: { ...named, [owner]: { ...named[owner], ...quota } } }
  }

/** Normalizes a team's name, as names are compared. */
function parseTeam(name: string): string {
  return foldName(parseName('team', name))
}

/** The id of an API key. A message never repeats a key itself. */
function parseKeyId(id: string): string {
  if (isKeyId(id)) return id
  throw new InvalidArgumentError(
    'To set the quota of one API key, give its id: the 12 hex digits that trackway-server keys list shows.',
  )
}

function parseLimit(text: string): [keyof Quota, number] {
  const [, name, value = ''] = /^(\w+)=(.+)$/.exec(text.trim()) ?? []
  const limit = limits.find((each) => each === name)
  if (limit === undefined)
    throw new InvalidArgumentError(
      'A quota is written as limits, such as bytes=500GB,versions=1000,requests=64,points=5000, or, for a single one, as name:bytes=2TB.',
    )
  if (value === 'none') return [limit, Number.POSITIVE_INFINITY]
  const number = limit === 'bytes' ? parseSize(value) : /^\d{1,15}$/.test(value) ? Number(value) : undefined
  const least = leastQuota[limit]
  if (number !== undefined && number >= least) return [limit, number]
  const expected = limit === 'bytes' ? 'a size, such as 500GB' : `a whole number of at least ${least}`
  throw new InvalidArgumentError(`The quota ${limit} must be ${expected}, or none.`)
}

/** The quotas of both flags; undefined if there are none, so that nothing is counted. */
export function quotasOf(team: QuotaFlag | undefined, key: QuotaFlag | undefined): Quotas | undefined {
  if (team === undefined && key === undefined) return undefined
  return withoutUndefined({ team: team?.all, teams: team?.named, key: key?.all, keys: key?.named })
}

/** Formats quotas as lines for the operator. */
export function describeQuotas({ team, teams = {}, key, keys = {} }: Quotas): string[] {
  const all: [string, Quota | undefined][] = [
    ['each team', team],
    ...Object.entries(teams).map(([name, quota]): [string, Quota] => [`team ${name}`, quota]),
    ['each API key', key],
    ...Object.entries(keys).map(([id, quota]): [string, Quota] => [`API key ${id}`, quota]),
  ]
  return all.flatMap(([whose, quota = {}]) => {
    const words = limits.flatMap((limit) => describeLimit(limit, quota[limit]))
    return words.length === 0 ? [] : `Quota of ${whose}: ${words.join(', ')}\n`
  })
}

const nouns = {
  bytes: 'stored',
  versions: 'versions',
  requests: 'concurrent requests',
  points: 'logged points per second',
}

function describeLimit(limit: keyof Quota, maximum: number | undefined): string[] {
  if (maximum === undefined) return []
  if (maximum === Number.POSITIVE_INFINITY) return [`no limit of ${limit}`]
  return [`${limit === 'bytes' ? formatBytes(maximum) : maximum.toLocaleString('en')} ${nouns[limit]}`]
}
