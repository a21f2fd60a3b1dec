import { artifactDisplay } from './artifact.ts'
import { diffDisplay } from './diff.ts'
import { entriesDisplay, entryDisplay } from './entry.ts'
import { artifactsDisplay, runsDisplay, versionsDisplay } from './lists.ts'
import { runDisplay, sessionDisplay } from './session.ts'
import { uploadDisplay } from './upload.ts'
import { verificationDisplay } from './verification.ts'

/** How something is shown in a notebook, and as what text. */
export const displays = {
  artifact: artifactDisplay,
  entry: entryDisplay,
  entries: entriesDisplay,
  versions: versionsDisplay,
  artifacts: artifactsDisplay,
  session: sessionDisplay,
  run: runDisplay,
  runs: runsDisplay,
  diff: diffDisplay,
  upload: uploadDisplay,
  verification: verificationDisplay,
}
