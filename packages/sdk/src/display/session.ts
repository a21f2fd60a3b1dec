import type { Metadata, RunState } from '@trackway/protocol'
import { html, type Html } from './html.ts'
import { code, colors, factTable, heading, mark, panel } from './panel.ts'
import { textOf } from './text.ts'
import { jsonLine } from './words.ts'

export interface SessionFacts {
  /** Where data is stored, and what kind of store that is. */
  url: string
  note: string
  user: string
  team: string
  experiment: string
  /** The name of the run in progress. */
  run: string | undefined
}

export interface RunFacts {
  name: string
  team: string
  experiment: string
  url: string
  state: RunState
  config: Metadata
  /** The last value that this process logged under each name. */
  lastValues: readonly (readonly [string, number])[]
}

export const sessionDisplay = {
  html: (session: SessionFacts): Html =>
    panel(
      heading('', 'Trackway session'),
      factTable({ data: html`${code(session.url)}${session.note}`, ...whoAndWhere(session) }),
    ),
  text: (session: SessionFacts): string =>
    textOf('Trackway session', { data: session.url + session.note, ...whoAndWhere(session) }),
}

const stateColors: Record<RunState, string> = {
  running: colors.done,
  finished: colors.added,
  failed: colors.removed,
  interrupted: colors.removed,
}

export const runDisplay = {
  html: ({ name, state, url, ...run }: RunFacts): Html =>
    panel(
      html`${heading('Trackway run', name)} ${mark(state, stateColors[state])}`,
      factTable({ ...runFacts(run), url: code(url) }),
    ),
  text: ({ name, state, url, ...run }: RunFacts): string =>
    textOf(`Trackway run ${name}, ${state}`, { ...runFacts(run), url }),
}

function whoAndWhere({ user, team, experiment, run }: SessionFacts) {
  return { user, team, experiment, run }
}

function runFacts({ team, experiment, config, lastValues }: Omit<RunFacts, 'name' | 'state' | 'url'>) {
  const logged = lastValues.map(([key, value]) => `${key} ${value}`)
  return {
    team,
    experiment,
    config: jsonLine(config),
    'last values': logged.length === 0 ? undefined : logged.join(', '),
  }
}
