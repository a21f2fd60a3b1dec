import { openProgressDisplay } from '#platform'
import type { Progress, ProgressListener } from '../progress/progress.ts'

type Counted = 'files' | 'bytes' | 'reusedBytes' | 'duplicateBytes' | 'totalBytes'

/** Counts what is done and reports it to a listener. */
export interface ProgressCount {
  enter(phase: Progress['phase']): void
  add(done: Partial<Pick<Progress, Counted>>): void
  /** Reports the outcome. */
  end(): void
  /** The call is over, whether or not it succeeded: removes the display. */
  close(): void
}

/** The audience of a call. */
export interface Watchers {
  onProgress?: ProgressListener | undefined
  /** What the call does to what, for people. */
  label: string
  /** Shows nothing on the terminal. */
  quiet: boolean
}

const intervalMs = 100

/** How much there is to do: files, and their bytes. */
export function totalsOf(files: readonly { size: number }[]): Pick<Progress, 'totalFiles' | 'totalBytes'> {
  return { totalFiles: files.length, totalBytes: files.reduce((sum, { size }) => sum + size, 0) }
}

export function createProgress(
  { onProgress, label, quiet }: Watchers,
  totals: { phase: Progress['phase']; totalFiles: number; totalBytes: number },
): ProgressCount {
  const state = { files: 0, bytes: 0, reusedBytes: 0, duplicateBytes: 0, ...totals }
  const beganAt = performance.now()
  const display = quiet ? undefined : openProgressDisplay(label)
  let toldAt = beganAt
  let last: Progress | undefined

  function tell(now: number): Progress {
    toldAt = now
    const bytesPerSecond = Math.round((state.bytes * 1000) / Math.max(now - beganAt, 1))
    const progress = { ...state, bytesPerSecond }
    display?.show(progress)
    onProgress?.(progress)
    return progress
  }

  return {
    enter(phase) {
      state.phase = phase
    },
    add({ files = 0, bytes = 0, reusedBytes = 0, duplicateBytes = 0, totalBytes = 0 }) {
      state.files += files
      state.bytes += bytes
      state.reusedBytes += reusedBytes
      state.duplicateBytes += duplicateBytes
      state.totalBytes += totalBytes
      const now = performance.now()
      if (now - toldAt >= intervalMs) tell(now)
    },
    end() {
      last = tell(performance.now())
    },
    close: () => display?.end(last),
  }
}
