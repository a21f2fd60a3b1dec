import { html, type Html } from './html.ts'
import { code, colors, heading, list, mark, panel } from './panel.ts'
import { listText } from './text.ts'

export interface VerificationFacts {
  /** `dataset/sample:V2` */
  label: string
  folder: string
  ok: boolean
  missing: readonly string[]
  changed: readonly string[]
  extra: readonly string[]
}

export const verificationDisplay = {
  html: (verification: VerificationFacts): Html => {
    const { label, folder, ok } = verification
    const outcome = ok ? mark('matches, bit for bit', colors.added) : mark('differs', colors.removed)
    const columns = [{ title: '', width: '6em' }, { title: 'path' }]
    return panel(
      html`${heading('folder', '')}${code(folder)}<br>${heading('version', label)}${outcome}`,
      ...(ok ? [] : [list(columns, problemsOf(verification), (row) => row)]),
    )
  },
  text: (verification: VerificationFacts): string => {
    const { label, folder, ok } = verification
    const title = ok ? `${folder} holds ${label}, bit for bit` : `${folder} is not ${label}`
    return listText(title, problemsOf(verification), (row) => row)
  },
}

function problemsOf({ missing, changed, extra }: VerificationFacts): string[][] {
  return Object.entries({ missing, changed, extra }).flatMap(([problem, paths]) =>
    paths.map((path) => [problem, path]),
  )
}
