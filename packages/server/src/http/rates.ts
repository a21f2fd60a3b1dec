import { TrackwayError } from '@trackway/protocol'

/** A quota that was reached: which limit, of whom, in words, and when to retry. */
interface Reached {
  limit: string
  maximum: number
  whose: string
  problem: string
  seconds: number
}

function reached({ limit, maximum, whose, problem, seconds }: Reached): TrackwayError {
  return new TrackwayError('rate_limited', problem, {
    details: { limit, maximum, of: whose, retryAfterSeconds: seconds },
  })
}

/** One whose requests are counted, and their maximum. */
export interface Counted {
  /** In unique words: `team vision`. */
  whose: string
  maximum: number
}

/** Counts requests under way. */
export interface RequestCounter {
  /** Counts a request for each of these until the returned function is called. Throws `rate_limited`. */
  enter(counted: readonly Counted[]): () => void
}

export function createRequestCounter(): RequestCounter {
  const underWay = new Map<string, number>()

  function change(counted: readonly Counted[], by: 1 | -1): void {
    for (const { whose } of counted) {
      const count = (underWay.get(whose) ?? 0) + by
      if (count === 0) underWay.delete(whose)
      else underWay.set(whose, count)
    }
  }

  return {
    enter(counted) {
      for (const { whose, maximum } of counted) {
        if ((underWay.get(whose) ?? 0) < maximum) continue
        const problem = `This server allows ${maximum} concurrent requests of ${whose}, and as many are under way; send this one again in a moment`
        throw reached({ limit: 'requests', maximum, whose, problem, seconds: 1 })
      }
      change(counted, 1)
      let hasLeft = false
      return () => {
        if (!hasLeft) change(counted, -1)
        hasLeft = true
      }
    },
  }
}

/** What was not used in this many seconds may be used at once. */
const burstSeconds = 10

/** Limits how many points arrive per second. */
export interface PointRate {
  /** Throws `rate_limited` if there were too many before. */
  demand(counted: readonly Counted[]): void
  /** Points were stored. */
  add(counted: readonly Counted[], points: number): void
}

/**
 * Buckets that fill over time and may be overdrawn once: so a segment of any size passes, and those
 * after it wait longer.
 */
export function createPointRate(now: () => number = () => performance.now()): PointRate {
  const buckets = new Map<string, { points: number; at: number }>()

  function bucketOf({ whose, maximum }: Counted) {
    const known = buckets.get(whose) ?? { points: maximum * burstSeconds, at: now() }
    const filled = known.points + ((now() - known.at) / 1000) * maximum
    const bucket = { points: Math.min(filled, maximum * burstSeconds), at: now() }
    buckets.set(whose, bucket)
    return bucket
  }

  return {
    demand(counted) {
      for (const each of counted) {
        const { points } = bucketOf(each)
        if (points >= 0) continue
        const { whose, maximum } = each
        const rate = `${maximum.toLocaleString('en')} points per second`
        const problem = `Runs of ${whose} log more than the ${rate} that this server allows; send these again later`
        const seconds = Math.max(1, Math.ceil(-points / maximum))
        throw reached({ limit: 'points', maximum, whose, problem, seconds })
      }
    },
    add(counted, points) {
      for (const each of counted) bucketOf(each).points -= points
    },
  }
}
