import type { MetricPoint } from '@trackway/protocol'

/** Points that are sent together. */
export interface LogSegment {
  /** Ten digits that count up and eight that name the writer. */
  segment: string
  points: readonly MetricPoint[]
}

/** Collects points and sends them in segments, in order, in the background. */
export interface LogBuffer {
  /** Takes points. It waits only where more than enough wait to be sent already. */
  add(points: readonly MetricPoint[]): Promise<void>
  /** Sends all that was added. Rejects where that fails; the points are kept. */
  flush(): Promise<void>
}

const segmentPoints = 1_000
const intervalMs = 5_000
// Beyond this the script waits, so that a server that is down for hours costs time and not all memory.
const patiencePoints = 1_000_000

/** `send` appends a segment, and with `once` does not try for long; the same one may be sent twice. */
export function createLogBuffer(
  send: (segment: LogSegment, options: { once: boolean }) => Promise<void>,
): LogBuffer {
  const writer = Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
  // In order also behind an earlier process that continued the same run.
  let sequence = Math.floor(Date.now() / 1000)
  const waiting: MetricPoint[] = []
  let failed: LogSegment | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let queue: Promise<void> = Promise.resolve()
  let inBackground = false

  /** Sends segments as long as so many points wait. */
  async function sendWhile(least: number, once: boolean): Promise<void> {
    while (failed !== undefined || waiting.length >= least) {
      const segment = failed ?? nextSegment()
      failed = segment
      await send(segment, { once })
      failed = undefined
    }
  }

  function nextSegment(): LogSegment {
    sequence += 1
    return {
      segment: `${String(sequence).padStart(10, '0')}-${writer}`,
      points: waiting.splice(0, segmentPoints),
    }
  }

  /** One after the other, so that the order stays. */
  function enqueue(least: number, once: boolean): Promise<void> {
    const sent = queue.then(() => sendWhile(least, once))
    queue = sent.catch(() => {})
    return sent
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    return enqueue(1, false)
  }

  function sendInBackground(least: number): void {
    if (inBackground) return
    inBackground = true
    enqueue(least, true)
      // What could not be sent is kept, and flush() or close() says so when it fails again.
      .catch(() => schedule())
      .finally(() => {
        inBackground = false
      })
  }

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      sendInBackground(1)
    }, intervalMs)
    // A script that has ended does not wait for it.
    if (typeof timer === 'object') timer.unref()
  }

  return {
    flush,
    async add(points) {
      waiting.push(...points)
      schedule()
      if (waiting.length > patiencePoints) await flush()
      else if (waiting.length >= segmentPoints) sendInBackground(segmentPoints)
    },
  }
}
