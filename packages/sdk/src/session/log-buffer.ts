import type { MetricPoint, TrackwayError } from '@trackway/protocol'
import { unlessAborted } from '../concurrency/abort.ts'
import { createPace, isLasting, isRateLimited, isRefusal } from './pace.ts'
import { sentenceOf, type RunReport } from './run-report.ts'

/** Points that are sent together. */
export interface LogSegment {
  /** Ten digits that count up and eight that name the writer. */
  segment: string
  points: readonly MetricPoint[]
}

/** How a segment is sent. */
export interface Sending {
  /** Whether it is tried only once, instead of for as long as the retry policy allows. */
  once: boolean
  signal?: AbortSignal | undefined
}

/** Collects points and sends them in segments, in order, in the background. */
export interface LogBuffer {
  /** How many points were left out: the server refuses them for good, or too many were waiting. */
  readonly dropped: number
  /** Takes points. It waits only where more than enough are waiting to be sent already. */
  add(points: readonly MetricPoint[]): Promise<void>
  /** Sends all that was added. Rejects where that fails; the points are kept. */
  flush(signal?: AbortSignal): Promise<void>
  /** Leaves out all that could not be sent. */
  giveUp(reason: unknown): void
}

const mostSegmentPoints = 1_000
const intervalMs = 5_000
// Beyond this the script waits, so that a server that is down for hours costs time and not all memory.
const patiencePoints = 1_000_000
// What ten digits hold, with room for the segments of a process whose clock is wrong.
const latestSequence = 9_990_000_000

function onlyLasting(error: unknown): TrackwayError {
  if (isLasting(error)) return error
  throw error
}

/** `send` appends a segment; it may be called with the same one twice. */
export function createLogBuffer(
  send: (segment: LogSegment, sending: Sending) => Promise<void>,
  report: RunReport,
): LogBuffer {
  const writer = Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
  // Sorts after an earlier process that continued the same run, where the clock is right.
  let sequence = Math.min(Math.max(0, Math.floor(Date.now() / 1000)), latestSequence)
  const pace = createPace(intervalMs)
  const waiting: MetricPoint[] = []
  let segmentPoints = mostSegmentPoints
  // Not taken yet. There is a second one where it was sent to find out whether the first alone is refused.
  const kept: LogSegment[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let queue: Promise<void> = Promise.resolve()
  let inBackground = false
  let dropped = 0
  // The server takes points, only not so fast: a script that logs faster than that for long has to wait.
  let isHeldBack = false

  /** Sends segments as long as so many points wait. What could not be sent is kept. */
  async function sendWhile(least: number, sending: Sending): Promise<void> {
    try {
      while (kept.length > 0 || waiting.length >= least) {
        await sendOldest(sending)
        pace.succeeded()
      }
      isHeldBack = false
      report.succeeded('log')
    } catch (error) {
      pace.failed(error)
      isHeldBack = isRateLimited(error)
      if (sending.once) report.failed('log', error) // Anyone who waits for it gets the error.
      schedule()
      throw error
    }
  }

  /** Sends the oldest segment. Where it is refused, though the next one gets through, it is left out. */
  async function sendOldest(sending: Sending): Promise<void> {
    const refusal = await sendKept(0, sending).catch(onlyLasting)
    if (refusal === undefined) return
    if (kept.length === 1 && waiting.length === 0) throw refusal
    await sendKept(1, sending)
    // What was in its way may have ended in between.
    const another = await sendKept(0, sending).catch(onlyLasting)
    if (another !== undefined) drop(kept.shift()?.points.length ?? 0, another)
  }

  /** Sends a segment in as many parts as the server wants, and leaves out what it refuses. */
  async function sendKept(index: number, sending: Sending): Promise<undefined> {
    const segment = (kept[index] ??= nextSegment())
    const { points } = segment
    try {
      await send(segment, sending)
      kept.splice(index, 1)
    } catch (error) {
      if (!isRefusal(error)) throw error
      if (error.code !== 'too_large' || points.length === 1) {
        kept.splice(index, 1)
        return drop(points.length, error)
      }
      segmentPoints = Math.ceil(points.length / 2)
      waiting.unshift(...points.slice(segmentPoints))
      kept[index] = { ...segment, points: points.slice(0, segmentPoints) }
      await sendKept(index, sending)
    }
  }

  function drop(count: number, reason: unknown): undefined {
    dropped += count
    const values = count === 1 ? 'One logged value is' : `${count.toLocaleString('en')} logged values are`
    const text = `${sentenceOf(reason)} ${values} left out; run.dropped counts all that are`
    report.leftOut(isLasting(reason) ? reason.code : 'full', text)
  }

  function nextSegment(): LogSegment {
    sequence += 1
    return {
      segment: `${String(sequence).padStart(10, '0')}-${writer}`,
      points: waiting.splice(0, segmentPoints),
    }
  }

  /** One after the other, so that the order stays. */
  function enqueue(least: number, sending: Sending): Promise<void> {
    const sent = queue.then(() => (sending.signal?.aborted ? undefined : sendWhile(least, sending)))
    queue = sent.catch(() => {})
    return unlessAborted(sent, sending.signal)
  }

  function flush(signal?: AbortSignal): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    return enqueue(1, { once: false, signal })
  }

  function sendInBackground(least: number): void {
    if (inBackground || !pace.isDue()) return
    inBackground = true
    enqueue(least, { once: true })
      .catch(() => {})
      .finally(() => {
        inBackground = false
      })
  }

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      if (pace.isDue()) sendInBackground(1)
      else schedule()
    }, pace.waitMs())
    // A script that has ended does not wait for it.
    if (typeof timer === 'object') timer.unref()
  }

  /** Whether there is room for more points, for which a server that is down is waited for. */
  async function makeRoom(): Promise<boolean> {
    if (waiting.length < patiencePoints) return true
    if (!pace.isDue() && !isHeldBack) return false
    await flush().catch(() => {})
    return waiting.length < patiencePoints
  }

  return {
    get dropped() {
      return dropped
    },
    flush,
    giveUp(reason) {
      const segments = kept.splice(0)
      const count = segments.reduce((sum, { points }) => sum + points.length, waiting.splice(0).length)
      if (count > 0) drop(count, reason)
    },
    async add(points) {
      if (!(await makeRoom()))
        return drop(
          points.length,
          new Error(`${patiencePoints.toLocaleString('en')} logged values wait to be sent`),
        )
      for (const point of points) waiting.push(point)
      schedule()
      if (waiting.length >= segmentPoints) sendInBackground(segmentPoints)
    },
  }
}
