import { TrackwayError } from '@trackway/protocol'

/** The memory that the bodies of all requests share. */
export interface BodyBudget {
  /** Begins a request, which holds nothing yet. */
  open(): BodyShare
}

/** The share of one request. */
export interface BodyShare {
  /** Holds this many bytes in total. Throws `rate_limited` if others leave too little room. */
  hold(bytes: number): void
  /** Releases everything. */
  release(): void
}

/** A single body is always accepted, so that a small budget makes a server slow but not useless. */
export function createBodyBudget(maximum: number, refusal = () => busy(maximum)): BodyBudget {
  let heldByAll = 0

  function open(): BodyShare {
    let held = 0
    return {
      hold(bytes) {
        const more = bytes - held
        if (more <= 0) return
        const others = heldByAll - held
        if (others > 0 && heldByAll + more > maximum) throw refusal()
        held += more
        heldByAll += more
      },
      release() {
        heldByAll -= held
        held = 0
      },
    }
  }

  return { open }
}

function busy(maximum: number): TrackwayError {
  return new TrackwayError(
    'rate_limited',
    `The bodies of the requests under way leave no room for this one (heldBytes: ${maximum}); send it again in a moment`,
    { details: { limit: 'heldBytes', maximum, retryAfterSeconds: 2 } },
  )
}
