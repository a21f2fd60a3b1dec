import type { Step } from './explore.ts'
import type { Alternatives, Conduct, Rules } from './rules.ts'
import { nothing, withWriter, type Listed, type State, type Sweeper, type SweeperStep } from './state.ts'

/** What the sweeper may do next. */
export function sweeperNext({ rules, circumstances }: Conduct, state: State): Step<State>[] {
  const { sweeper } = state
  const { candidates } = sweeper
  const step = (does: string, now: Partial<Sweeper>, store: Partial<State> = {}): Step<State> => ({
    actor: 'the sweeper',
    does,
    state: { ...state, ...store, sweeper: { ...sweeper, ...now } },
  })

  function list(kind: 'reservations' | 'records', at: SweeperStep): Step<State>[] {
    const some = kind === 'records' ? state.record : reservationExists(rules, state)
    const does =
      kind === 'records'
        ? ['lists no record', 'lists a record']
        : ['lists no reservation', 'lists a reservation']
    return [step(does[some ? 1 : 0] ?? kind, { at, rootSeen: sweeper.rootSeen || some })]
  }

  function remove(kind: 'manifest' | 'blob'): Step<State>[] {
    const gone: Partial<State> = kind === 'manifest' ? { manifest: 'absent' } : { blob: 'absent' }
    const left = { ...candidates, [kind]: false }
    const steps = [step(`deletes the ${kind}`, { at: 'choose', candidates: left }, gone)]
    const again = kind === 'manifest' ? 'delete manifest again' : 'delete blob again'
    if (circumstances.deletionsRepeat && sweeper.at !== again) {
      steps.push(step(`deletes the ${kind}, and the answer is lost`, { at: again }, gone))
    }
    return steps
  }

  const [first, other] = rules.sweeperListsReservationsFirst
    ? (['reservations', 'records'] as const)
    : (['records', 'reservations'] as const)
  const behindMarks: SweeperStep = rules.markerOutlivesDeletions ? 'choose' : 'remove marker'
  switch (sweeper.at) {
    case 'list first roots':
      return list(first, 'list other roots')
    case 'list other roots':
      return list(other, 'read manifests')
    case 'read manifests': {
      const free = unreachable(rules, state)
      const found: Listed = {
        manifest: free.manifest && state.manifest === 'old',
        blob: free.blob && state.blob === 'old',
      }
      const at = found.manifest || found.blob ? 'put marker' : 'end'
      return [step(`finds unreachable and old: ${naming(found)}`, { at, candidates: found, rootSeen: false })]
    }
    case 'put marker': {
      const at = rules.sweeperMarksAgain ? 'list first roots again' : behindMarks
      if (!rules.sweeperPutsMarker) return [step('puts no marker', { at })]
      return [step(`puts its marker, listing ${naming(candidates)}`, { at }, { marker: candidates })]
    }
    case 'list first roots again':
      return list(first, 'list other roots again')
    case 'list other roots again':
      return list(other, 'read manifests again')
    case 'read manifests again': {
      const free = unreachable(rules, state)
      const left: Listed = {
        manifest: candidates.manifest && free.manifest,
        blob: candidates.blob && free.blob,
      }
      const does = `still finds unreachable: ${naming(left)}`
      return [step(does, { at: behindMarks, candidates: left, rootSeen: false })]
    }
    case 'choose': {
      const steps: Step<State>[] = []
      const blobsFirst = rules.sweeperDeletesBlobsFirst && candidates.blob
      if (candidates.manifest && !blobsFirst)
        steps.push(step('is about to delete the manifest', { at: 'delete manifest' }))
      if (candidates.blob) steps.push(step('is about to delete the blob', { at: 'delete blob' }))
      const at = rules.markerOutlivesDeletions ? 'remove marker' : 'end'
      const none = steps.length === 0
      if (none) steps.push(step('has nothing left to delete', { at }))
      else if (circumstances.sweepsBreakOff)
        steps.push(step('breaks its sweep off', { at, candidates: nothing }))
      return steps
    }
    case 'delete manifest':
    case 'delete manifest again':
      return remove('manifest')
    case 'delete blob':
    case 'delete blob again':
      return remove('blob')
    case 'remove marker': {
      const at = rules.markerOutlivesDeletions ? 'end' : 'choose'
      return [step('removes its marker', { at }, { marker: nothing })]
    }
    case 'end': {
      const expired = state.writers.findIndex((writer) => writer.reservation === 'expired')
      if (expired >= 0) {
        const writers = withWriter(state.writers, expired, { reservation: 'none', storedSince: nothing })
        return [step('removes an expired reservation', {}, { writers })]
      }
      if (sweeper.sweep === 1) return [step('sweeps once more', { at: 'list first roots', sweep: 2 })]
      return [step('has finished', { at: 'finished' })]
    }
    case 'finished':
      break
  }
  return []
}

function reservationExists(rules: Rules, { manifest, abandoned, writers }: State): boolean {
  if (!rules.writerReserves) return manifest === 'young'
  return abandoned || writers.some((writer) => writer.reservation !== 'none')
}

/** A blob is reachable only through a manifest that can be read. */
function unreachable(rules: Alternatives, { manifest, sweeper }: State): Listed {
  if (!sweeper.rootSeen) return { manifest: true, blob: true }
  return { manifest: false, blob: manifest === 'absent' && !rules.sweeperSparesBlobsWhereManifestIsGone }
}

function naming({ manifest, blob }: Listed): string {
  if (manifest) return blob ? 'manifest and blob' : 'the manifest'
  return blob ? 'the blob' : 'nothing'
}
