import type { Model, Step } from './explore.ts'
import { protocolRules, type Alternatives, type Circumstances, type Conduct, type Rules } from './rules.ts'
import { key, nothing, storedKinds, withWriter, writerName, type State, type Writer } from './state.ts'
import { sweeperNext } from './sweeper.ts'
import { writerNext, writerPath } from './writer.ts'

export interface Setting {
  writers: number
  rules?: Partial<Rules & Alternatives>
  circumstances?: Partial<Circumstances>
}

/**
 * The protocol between writers and the sweeper as a model that can be explored: one manifest, one blob that
 * it uses, a few writers who all want a version of just that content, and a sweeper that sweeps twice. Every
 * access to the store is a step of its own, and anybody's step may come between any two steps of another. The
 * sweeper looks at an age when it lists and never again, and storing an existing object again does not make
 * it younger.
 *
 * Left out, as it makes no difference: documents that only their own writer reads (`.missing` is a field of
 * the writer). Left out, and not proven by this: a second sweeper, a store that is not linearizable, deleted
 * versions, and blobs that are not looked for because a live base has them.
 */
export function createSweepModel(setting: Setting): Model<State> {
  const rules: Rules & Alternatives = {
    ...protocolRules,
    sweeperSparesBlobsWhereManifestIsGone: false,
    sweeperDeletesBlobsFirst: false,
    manifestBehindMarker: false,
    ...setting.rules,
  }
  const circumstances: Circumstances = {
    deletionsRepeat: false,
    sweepsBreakOff: false,
    requestsDie: false,
    timePasses: false,
    ...setting.circumstances,
  }
  const context = { rules, circumstances, path: writerPath(rules) }
  return {
    initial: initialStates(setting.writers),
    key,
    next: (state) => [
      ...sweeperNext(context, state),
      ...state.writers.flatMap((writer, index) => writerNext(context, state, writer, index)),
      ...circumstancesNext(context, state),
    ],
    violation({ record, manifest, blob }) {
      if (!record || (manifest !== 'absent' && blob !== 'absent')) return undefined
      return `there is a version whose ${manifest === 'absent' ? 'manifest' : 'blob'} is gone`
    },
    finished: ({ sweeper, writers }) =>
      sweeper.at === 'finished' && writers.every((writer) => writer.at === 'finished'),
    describe: ({ manifest, blob }) => `at first the manifest is ${manifest}, the blob is ${blob}`,
  }
}

function initialStates(count: number): State[] {
  return storedKinds.flatMap((manifest) =>
    storedKinds.map((blob) => ({
      manifest,
      blob,
      record: false,
      marker: nothing,
      abandoned: false,
      sweeper: { at: 'list first roots', sweep: 1, rootSeen: false, candidates: nothing },
      writers: Array.from({ length: count }, () => ({
        at: 'start',
        reservation: 'none',
        missing: false,
        storedSince: nothing,
      })),
    })),
  )
}

function circumstancesNext({ circumstances }: Conduct, state: State): Step<State>[] {
  const steps: Step<State>[] = []
  if (circumstances.requestsDie && !state.abandoned) {
    for (const [index, { at, reservation }] of state.writers.entries()) {
      if (at === 'finished' || reservation !== 'valid') continue
      const now = { at: 'start', reservation: 'none', missing: false, storedSince: nothing } as const
      const writers = withWriter(state.writers, index, now)
      const does = 'loses its request, whose reservation stays, and starts over'
      steps.push({ actor: writerName(index), does, state: { ...state, abandoned: true, writers } })
    }
  }
  if (circumstances.timePasses) {
    for (const kind of ['manifest', 'blob'] as const) {
      if (
        state[kind] === 'young' &&
        !state.writers.some((writer) => writer.storedSince[kind] && isCreating(writer))
      ) {
        const writers = state.writers.map((writer): Writer => {
          return writer.storedSince[kind]
            ? { ...writer, reservation: 'expired', storedSince: nothing }
            : writer
        })
        const old: Partial<State> = kind === 'manifest' ? { manifest: 'old' } : { blob: 'old' }
        steps.push({
          actor: 'time',
          does: `makes the ${kind} a week old`,
          state: { ...state, ...old, writers },
        })
      }
    }
  }
  return steps
}

function isCreating({ at }: Writer): boolean {
  return at === 'look for missing blob' || at === 'put record'
}
