import { endBundle, progressBundle } from '../../display/progress.ts'
import type { MimeBundle } from '../../display/mime-bundle.ts'
import type { Progress } from '../../progress/progress.ts'
import type { ProgressDisplay } from '../progress-display.ts'
import type { findNotebook } from './notebook.ts'

/** What is done sooner needs no bar. */
const quickMs = 200
/** Milliseconds between two pictures: whoever shows the notebook has work with each. */
const pictureMs = 200

/** A bar below the cell that is drawn anew in its place, and at its end a line there. */
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
      // What cannot be shown is no reason that the call fails.
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
