import type { createLogUpdate } from 'log-update'
import type { Progress } from '../../progress/progress.ts'
import { renderBar, renderEnd, renderEndIn, renderLine } from '../../progress/render-progress.ts'
import type { ProgressDisplay } from '../platform.ts'
import { findNotebook } from './notebook.ts'
import { openNotebookBar } from './notebook-progress.ts'

/** A call that is done sooner is not shown. */
const quickMs = 500
/** Milliseconds between two lines if there is no terminal to draw on. */
const lineMs = 10_000

/**
 * In a notebook, a bar below the cell for each call in progress; on a terminal, the same; in a log, a line
 * now and then, if the call takes long. The last two are written to standard error.
 */
export function openProgressDisplay(label: string): ProgressDisplay {
  const notebook = findNotebook()
  if (notebook !== undefined) return openNotebookBar(notebook, label)
  return process.stderr.isTTY ? openBar(label) : openLines(label)
}

/** The assumed width of a terminal that does not report one. */
const usualColumns = 80

const columns = () => process.stderr.columns || usualColumns

const bars = new Map<symbol, string>()
let terminal: ReturnType<typeof createLogUpdate> | undefined

/** Writes a line to standard error, above the bars. */
export function printLine(text: string): void {
  terminal?.clear()
  process.stderr.write(`${text}\n`)
  if (bars.size > 0) draw()
}

function draw(): void {
  terminal?.([...bars.values()].join('\n'))
}

/** Loaded only if there is something to draw. */
async function openTerminal(): Promise<void> {
  const logUpdate = await import('log-update')
  terminal ??= logUpdate.createLogUpdate(process.stderr, { showCursor: true })
}

function openBar(label: string): ProgressDisplay {
  const bar = Symbol(label)
  const beganAt = performance.now()
  void openTerminal()
  return {
    show(progress) {
      if (performance.now() - beganAt < quickMs) return
      bars.set(bar, renderBar(label, progress, columns()))
      draw()
    },
    end(last) {
      if (!bars.delete(bar)) return
      if (last === undefined) terminal?.clear()
      else printLine(renderEndIn(label, last, columns()))
      if (bars.size === 0) terminal?.done()
      else draw()
    },
  }
}

function openLines(label: string): ProgressDisplay {
  let toldAt = performance.now()
  let told = false
  const tell = (progress: Progress) => {
    toldAt = performance.now()
    told = true
    process.stderr.write(`${renderLine(label, progress)}\n`)
  }
  return {
    show(progress) {
      if (performance.now() - toldAt >= lineMs) tell(progress)
    },
    end(last) {
      if (told && last !== undefined) process.stderr.write(`${renderEnd(label, last)}\n`)
    },
  }
}
