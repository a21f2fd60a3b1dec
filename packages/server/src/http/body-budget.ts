import { TrackwayError } from '@trackway/protocol'

/** The memory that the bodies of all requests share. */
export interface BodyBudget {
  /** Begins a request, which holds nothing yet. */
  open(): BodyShare
}

/** What one request holds of it. */
export interface BodyShare {
  /** Holds so many bytes in all. Throws `rate_limited` where others leave too little room. */
  hold(bytes: number): void
  /** Gives everything back. */
  release(): void
}

/** A body that comes alone is always taken, so that a small budget makes a server slow and not useless. */
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
