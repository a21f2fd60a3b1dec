import { endBundle, progressBundle } from '../../display/progress.ts'
import type { MimeBundle } from '../../display/mime-bundle.ts'
import type { Progress } from '../../progress/progress.ts'
import type { ProgressDisplay } from '../platform.ts'
import type { findNotebook } from './notebook.ts'

/** A call that is done sooner needs no bar. */
const quickMs = 200
/** Milliseconds between two updates, each of which costs the notebook's front end some work. */
const pictureMs = 200

/** A bar below the cell that is redrawn in its place, and replaced by a line at its end. */
export function openNotebookBar(
  notebook: NonNullable<ReturnType<typeof findNotebook>>,
  label: string,
): ProgressDisplay {
  const beganAt = performance.now()
  const id = crypto.randomUUID()
  let drawnAt: number | undefined
  let shown: Progress | undefined

  async function draw(data: MimeBundle): Promise<void> {
    const type = drawnAt === undefined ? 'display_data' : 'update_display_data'
    drawnAt = performance.now()
    try {
      await notebook.broadcast(type, { data, metadata: {}, transient: { display_id: id } })
    } catch {
      // A failed display does not fail the call.
    }
  }

  return {
    show(progress) {
      const now = performance.now()
      if (now - beganAt < quickMs || now - (drawnAt ?? Number.NEGATIVE_INFINITY) < pictureMs) return
      shown = progress
      void draw(progressBundle(label, progress))
    },
    end(last) {
      if (shown !== undefined) void draw(endBundle(label, last ?? shown, last !== undefined))
    },
  }
}
