import type { Progress } from '../progress/progress.ts'
import { renderEnd, renderLine, shareOf } from '../progress/render-progress.ts'
import { aside, bar, colors, panel } from './panel.ts'
import { bundleOf, type MimeBundle } from './mime-bundle.ts'

/** A call in progress: a bar and a line. */
export function progressBundle(label: string, progress: Progress): MimeBundle {
  const text = renderLine(label, progress)
  return bundleOf(text, panel(aside(text), bar({ share: shareOf(progress), color: colors.done })))
}

/** A call that is over: one line. */
export function endBundle(label: string, last: Progress, isDone: boolean): MimeBundle {
  const text = isDone ? renderEnd(label, last) : `${label}: stopped at ${Math.floor(shareOf(last) * 100)} %`
  return bundleOf(text, panel(aside(text)))
}
