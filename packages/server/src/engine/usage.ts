import { foldName } from '@trackway/protocol'
import type { ObjectStore } from '../stores/object-store.ts'
import { countUsage, type Count, type Usage } from './count-usage.ts'
import type { ClockAndIds } from './clock-and-ids.ts'

/** What teams, and users in them, have stored: the last count, and what this process added since. */
export interface UsageBook {
  /**
   * Counts a team again if the last count is old; with `again`, as soon as counting is not a burden. A count
   * that takes long continues in the background.
   */
  refresh(team: string, again?: boolean): Promise<void>
  /** The current usage, as far as this process knows. */
  read(account: Account): Usage
  /** Adds what was stored since the last count, or subtracts it. */
  add(account: Account, more: Partial<Usage>): void
}

/** Whose usage: a team's, or that of a user in it. */
export interface Account {
  team: string
  user?: string | undefined
}

export interface UsageOptions {
  store: ObjectStore
  clockAndIds: ClockAndIds
  /** Milliseconds after which a count is old. */
  everyMs: number
  /** Whether users are counted too, which reads every version. */
  countsUsers: boolean
}

/** How long requests wait for a count after it begins. */
const patienceMs = 1_000
/** At most this fraction of the time is spent counting. */
const rest = 10

interface TeamBook {
  count: Count | undefined
  /** Added since the count began; by user, and for the whole team under `''`. */
  since: Map<string, Usage>
  /** Added before the count under way, which may not have seen it. */
  before: Map<string, Usage>
  shares: Parameters<typeof countUsage>[2]
  begunAt: number
  countedAt: number
  tookMs: number
  running: Promise<void> | undefined
}

export function createUsageBook({ store, clockAndIds, everyMs, countsUsers }: UsageOptions): UsageBook {
  const teams = new Map<string, TeamBook>()

  function bookOf(team: string): TeamBook {
    const name = foldName(team)
    const book: TeamBook = teams.get(name) ?? {
      count: undefined,
      since: new Map(),
      before: new Map(),
      shares: countsUsers ? new Map() : undefined,
      begunAt: 0,
      countedAt: Number.NEGATIVE_INFINITY,
      tookMs: 0,
      running: undefined,
    }
    teams.set(name, book)
    return book
  }

  async function countAgain(team: string, book: TeamBook): Promise<void> {
    book.begunAt = clockAndIds.now()
    for (const [name, usage] of book.since) put(book.before, name, usage)
    book.since = new Map()
    try {
      book.count = await countUsage(store, team, book.shares)
      book.before = new Map()
    } catch {
      // The requests themselves report that a store is down; the next count will do.
    } finally {
      book.countedAt = clockAndIds.now()
      book.tookMs = book.countedAt - book.begunAt
      book.running = undefined
    }
  }

  return {
    async refresh(team, again = false) {
      const book = bookOf(team)
      const ageMs = Math.abs(clockAndIds.now() - book.countedAt)
      if (ageMs < Math.max(again ? patienceMs : everyMs, book.tookMs * rest)) return
      book.running ??= countAgain(team, book)
      const leftMs = book.begunAt + patienceMs - clockAndIds.now()
      if (leftMs > 0) await Promise.race([book.running, clockAndIds.sleep(leftMs)])
    },
    read({ team, user }) {
      const { count, before, since } = bookOf(team)
      const name = user === undefined ? '' : foldName(user)
      const counted = user === undefined ? count?.team : count?.users.get(name)
      return sum(sum(counted, before.get(name)), since.get(name))
    },
    add({ team, user }, more) {
      const { since } = bookOf(team)
      put(since, user === undefined ? '' : foldName(user), { bytes: 0, versions: 0, ...more })
    },
  }
}

function put(into: Map<string, Usage>, name: string, usage: Usage): void {
  into.set(name, sum(into.get(name), usage))
}

function sum(one: Usage | undefined, other: Usage | undefined): Usage {
  return {
    bytes: (one?.bytes ?? 0) + (other?.bytes ?? 0),
    versions: (one?.versions ?? 0) + (other?.versions ?? 0),
  }
}
