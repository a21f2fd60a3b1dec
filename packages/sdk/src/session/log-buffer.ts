import type { MetricPoint, TrackwayError } from '@trackway/protocol'
import { unlessAborted } from '../concurrency/abort.ts'
import type { RunSpool } from '../platform/run-keeper.ts'
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
  /** Whether it is tried only once, rather than for as long as the retry policy allows. */
  once: boolean
  signal?: AbortSignal | undefined
}

/** Collects points and sends them in segments, in order, in the background. */
export interface LogBuffer {
  /**
   * How many points were dropped: they cannot be logged, the server refused them, or too many were waiting.
   */
  readonly dropped: number
  /** Takes points. Waits only if more than enough points are waiting to be sent. */
  add(points: readonly MetricPoint[]): Promise<void>
  /** Sends everything that was added. Rejects if that fails; the points are kept. */
  flush(signal?: AbortSignal): Promise<void>
  /** Drops everything that could not be sent. */
  giveUp(reason: unknown): void
  /** Counts values that cannot be logged. The first one of each kind is reported. */
  drop(count: number, reason: unknown, kind: string): void
}

const mostSegmentPoints = 1_000
const intervalMs = 5_000
// Beyond this the script waits, so that a server that is down for hours costs time instead of all memory.
const patiencePoints = 1_000_000
// The largest number of ten digits, with room for the segments of a process whose clock is wrong.
const latestSequence = 9_990_000_000

function onlyLasting(error: unknown): TrackwayError {
  if (isLasting(error)) return error
  throw error
}

/** Who names the segments of a log. */
export interface LogWriter {
  writer: string
  /** The number of the last segment. */
  sequence: number
}

/** Points that were logged before, and where they are recorded. */
export interface LogOrigin extends LogWriter {
  spool?: Pick<RunSpool, 'log' | 'segment' | 'settle'> | undefined
  segments?: readonly LogSegment[]
  rest?: readonly MetricPoint[]
}

export function newWriter(): LogWriter {
  const bytes = crypto.getRandomValues(new Uint8Array(4))
  return {
    writer: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    // Sorts after an earlier process that continued the same run, if the clock is right.
    sequence: Math.min(Math.max(0, Math.floor(Date.now() / 1000)), latestSequence),
  }
}

/** `send` appends a segment; it may be called with the same one twice. */
export function createLogBuffer(
  send: (segment: LogSegment, sending: Sending) => Promise<void>,
  report: RunReport,
  { writer, spool, segments = [], rest = [], ...last }: LogOrigin = newWriter(),
): LogBuffer {
  let { sequence } = last
  const pace = createPace(intervalMs)
  const waiting: MetricPoint[] = [...rest]
  let segmentPoints = mostSegmentPoints
  // Not accepted yet. There is a second one if it was sent to find out whether only the first is refused.
  const kept: LogSegment[] = [...segments]
  let timer: ReturnType<typeof setTimeout> | undefined
  let queue: Promise<void> = Promise.resolve()
  let inBackground = false
  let dropped = 0
  // The server accepts points, but not as fast: a script that logs faster for long has to wait.
  let isHeldBack = false

  /** Sends segments as long as this many points wait. What could not be sent is kept. */
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
      if (sending.once) report.failed('log', error) // Otherwise the waiting caller gets the error.
      schedule()
      throw error
    }
  }

  /** Sends the oldest segment. If it is refused while the next one gets through, it is dropped. */
  async function sendOldest(sending: Sending): Promise<void> {
    const refusal = await sendKept(0, sending).catch(onlyLasting)
    if (refusal === undefined) return
    if (kept.length === 1 && waiting.length === 0) throw refusal
    await sendKept(1, sending)
    // The obstacle may have ended in between.
    const another = await sendKept(0, sending).catch(onlyLasting)
    if (another !== undefined) drop(settle(0)?.points.length ?? 0, another)
  }

  /** Sends a segment in as many parts as the server requires, and drops what it refuses. */
  async function sendKept(index: number, sending: Sending): Promise<undefined> {
    const segment = (kept[index] ??= nextSegment())
    const { points } = segment
    try {
      await send(segment, sending)
      settle(index)
    } catch (error) {
      if (!isRefusal(error)) throw error
      if (error.code !== 'too_large' || points.length === 1) {
        settle(index)
        return drop(points.length, error)
      }
      segmentPoints = Math.ceil(points.length / 2)
      waiting.unshift(...points.slice(segmentPoints))
      kept[index] = { ...segment, points: points.slice(0, segmentPoints) }
      spool?.segment(segment.segment, segmentPoints)
      await sendKept(index, sending)
    }
  }

  function drop(
    count: number,
    reason: unknown,
    kind: string = isLasting(reason) ? reason.code : 'full',
  ): undefined {
    dropped += count
    const values = count === 1 ? 'One logged value was' : `${count.toLocaleString('en')} logged values were`
    const text = `${sentenceOf(reason)} ${values} dropped; run.dropped counts all of them`
    report.leftOut(kind, text)
  }

  function nextSegment(): LogSegment {
    sequence += 1
    const segment = `${String(sequence).padStart(10, '0')}-${writer}`
    const points = waiting.splice(0, segmentPoints)
    spool?.segment(segment, points.length)
    return { segment, points }
  }

  /** A segment was accepted, or never will be. */
  function settle(index: number): LogSegment | undefined {
    const [settled] = kept.splice(index, 1)
    if (settled !== undefined) spool?.settle(settled.segment)
    return settled
  }

  /** One after the other, to keep the order. */
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
    // Does not keep a script from ending.
    if (typeof timer === 'object') timer.unref()
  }

  /** Whether there is room for more points, so that there is no need to wait for a server that is down. */
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
    drop,
    giveUp(reason) {
      const count = kept.reduce((sum, { points }) => sum + points.length, waiting.splice(0).length)
      kept.length = 0
      if (count > 0) drop(count, reason)
    },
    async add(points) {
      // Without a pause as long as there is room: a program that never pauses is not kept waiting.
      if (waiting.length >= patiencePoints && !(await makeRoom()))
        return drop(
          points.length,
          new Error(`${patiencePoints.toLocaleString('en')} logged values are waiting to be sent`),
        )
      for (const point of points) waiting.push(point)
      spool?.log(points)
      schedule()
      if (waiting.length >= segmentPoints) sendInBackground(segmentPoints)
    },
  }
}
