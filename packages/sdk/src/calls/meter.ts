import { openProgressDisplay } from '#platform'
import type { Progress, ProgressListener } from '../progress/progress.ts'

/** What is counted. */
type Counts = Pick<Progress, 'files' | 'bytes' | 'reusedBytes' | 'duplicateBytes'>

/** Counts what a call has done. */
export interface Meter {
  /** Bytes that are done. */
  readonly bytes: number
  enter(phase: Progress['phase']): void
  add(done: Partial<Counts>): void
  /** A file has `actual` bytes, not the expected number. */
  resize(expected: number, actual: number): void
  /** A part of the work, which counts for the whole call. */
  part(): MeterPart
}

/** Counts a part of the work, whose result may turn out to be wrong. */
export interface MeterPart {
  add(done: Partial<Counts>): void
  /** None of it counts any more. */
  undo(): void
}

/** How much there is to do: a number of files, and of their bytes. */
export interface Total {
  files: number
  bytes: number
}

/** The audience of a call, and how much there is to do. */
interface Metered {
  onProgress?: ProgressListener | undefined
  /** What the call does to what, for people. */
  label: string
  /** Shows nothing on the terminal. Default: false. */
  quiet?: boolean | undefined
  phase: Progress['phase']
  total: Total
}

const intervalMs = 100

/** Does some work with a meter, and shows the outcome unless the work fails. */
export async function withMeter<Result>(
  metered: Metered,
  work: (meter: Meter) => Promise<Result>,
): Promise<Result> {
  const { meter, end, close } = openMeter(metered)
  try {
    const result = await work(meter)
    end()
    return result
  } finally {
    close()
  }
}

export function totalOf(files: readonly { size: number }[]): Total {
  return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) }
}

/** `end` shows the outcome, and `close` removes the display, whether or not the work succeeded. */
export function openMeter({ onProgress, label, quiet = false, phase, total }: Metered) {
  const none: Counts = { files: 0, bytes: 0, reusedBytes: 0, duplicateBytes: 0 }
  const state = { ...none, phase, totalFiles: total.files, totalBytes: total.bytes }
  const beganAt = performance.now()
  const display = quiet ? undefined : openProgressDisplay?.(label)
  let shownAt = beganAt
  let last: Progress | undefined

  function show(now: number): Progress {
    shownAt = now
    const bytesPerSecond = Math.round((state.bytes * 1000) / Math.max(now - beganAt, 1))
    const progress = { ...state, bytesPerSecond }
    display?.show(progress)
    onProgress?.(progress)
    return progress
  }

  function showNowAndThen(): void {
    const now = performance.now()
    if (now - shownAt >= intervalMs) show(now)
  }

  const meter: Meter = {
    get bytes() {
      return state.bytes
    },
    enter(next) {
      state.phase = next
    },
    add(done) {
      addTo(state, done)
      showNowAndThen()
    },
    resize(expected, actual) {
      state.totalBytes += actual - expected
    },
    part() {
      const own = { ...none }
      return {
        add(done) {
          addTo(own, done)
          meter.add(done)
        },
        undo() {
          for (const name of countNames) state[name] -= own[name]
          Object.assign(own, none)
        },
      }
    },
  }
  const end = () => {
    last = show(performance.now())
  }
  return { meter, end, close: () => display?.end(last) }
}

const countNames = ['files', 'bytes', 'reusedBytes', 'duplicateBytes'] as const satisfies (keyof Counts)[]

function addTo(
  counts: Counts,
  { files = 0, bytes = 0, reusedBytes = 0, duplicateBytes = 0 }: Partial<Counts>,
): void {
  counts.files += files
  counts.bytes += bytes
  counts.reusedBytes += reusedBytes
  counts.duplicateBytes += duplicateBytes
}
