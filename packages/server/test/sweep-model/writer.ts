import type { Step } from './explore.ts'
import type { Alternatives, Conduct, Rules } from './rules.ts'
import { nothing, withWriter, writerName, type State, type Writer, type WriterStep } from './state.ts'

/** The order of a writer's steps if nothing special happens. */
export interface WriterPath {
  following: ReadonlyMap<WriterStep, WriterStep>
  manifestRequest: WriterStep
  createRequest: WriterStep
}

export function writerPath(rules: Rules & Alternatives): WriterPath {
  const only = (wanted: boolean, ...steps: WriterStep[]) => (wanted ? steps : [])
  const putReservation = only(rules.writerReserves, 'put reservation')
  const release = only(rules.writerReserves, 'remove reservation')
  const manifestRequest: WriterStep[] = rules.manifestBehindMarker
    ? ['put reservation', 'read marker', 'put manifest', 'read marker again', 'look for blob']
    : [
        ...only(rules.manifestBeforeReservation, 'put manifest'),
        ...only(rules.reservationBeforeMarker, ...putReservation),
        ...only(!rules.manifestBeforeReservation, 'put manifest'),
        ...only(rules.markerBeforeLooks, 'read marker'),
        ...only(!rules.reservationBeforeMarker, ...putReservation),
        ...only(rules.looksForManifest, 'look for manifest'),
        ...only(rules.markerBeforeLooks && rules.readsMarkerBehindManifest, 'read marker again'),
        'look for blob',
        ...only(!rules.markerBeforeLooks, 'read marker'),
      ]
  const createRequest: WriterStep[] = [
    ...only(rules.writerReserves && rules.checksReservation, 'check reservation'),
    ...only(rules.checksMissingBlobs, 'look for missing blob'),
    ...only(!rules.recordBeforeRelease, ...release),
    'put record',
    ...only(rules.recordBeforeRelease, ...release),
  ]
  const all = [...manifestRequest, ...only(rules.sendsBeforeCreating, 'put blob'), ...createRequest]
  return {
    following: new Map(all.map((step, index) => [step, all[index + 1] ?? 'finished'])),
    manifestRequest: manifestRequest[0] ?? 'put manifest',
    createRequest: createRequest[0] ?? 'put record',
  }
}

interface WriterContext extends Conduct {
  path: WriterPath
}

/** What the writer at an index may do next. */
export function writerNext(
  context: WriterContext,
  state: State,
  writer: Writer,
  index: number,
): Step<State>[] {
  const { rules, path } = context
  const { marker } = state
  const step = (does: string, now: Partial<Writer>, store: Partial<State> = {}): Step<State> => ({
    actor: writerName(index),
    does,
    state: { ...state, ...store, writers: withWriter(store.writers ?? state.writers, index, now) },
  })

  /** The next step; steps for a missing blob are skipped if none was missing. */
  function following(missing = writer.missing): WriterStep {
    const skipped: WriterStep[] = missing ? [] : ['put blob', 'look for missing blob']
    let at = path.following.get(writer.at) ?? 'finished'
    while (skipped.includes(at)) {
      at = path.following.get(at) ?? 'finished'
    }
    return at
  }

  function put(kind: 'manifest' | 'blob', at: WriterStep): Step<State> {
    if (state[kind] !== 'absent') return step(`finds the ${kind} stored when it wants to store it`, { at })
    const writers = context.circumstances.timePasses
      ? state.writers.map((other) =>
          other.reservation === 'none'
            ? other
            : { ...other, storedSince: { ...other.storedSince, [kind]: true } },
        )
      : state.writers
    const young: Partial<State> = kind === 'manifest' ? { manifest: 'young' } : { blob: 'young' }
    return step(`stores the ${kind}`, { at }, { ...young, writers })
  }

  /** The last steps of a request that stores the blob. */
  function readMarkerAfterBlob(waiting: WriterStep, at: WriterStep): Step<State> {
    if (!rules.readsMarkerAfterBlob) return step('does not read the marker after it stored the blob', { at })
    if (marker.blob) return step('sees that the marker lists the blob it stored', { at: waiting })
    return step('sees that no marker lists the blob it stored', { at })
  }

  function waitWithBlob(at: WriterStep): Step<State>[] {
    return marker.blob ? [] : [step('sees that the marker is gone', { at })]
  }

  function lookForStoredBlob(gone: WriterStep, at: WriterStep): Step<State> {
    if (state.blob !== 'absent') return step('finds the blob it stored', { at })
    return step('finds the blob it stored gone', { at: rules.storesBlobAgain ? gone : at })
  }

  function removeReservation(does: string, at: WriterStep): Step<State> {
    const reservation = 'none'
    const storedSince = nothing
    if (rules.reservationIsOwn) return step(does, { at, reservation, storedSince })
    return step(
      does,
      { at },
      { writers: state.writers.map((other) => ({ ...other, reservation, storedSince })) },
    )
  }

  switch (writer.at) {
    case 'start':
      return [
        put('blob', 'read marker after early blob'),
        ...writerNext(context, state, { ...writer, at: path.manifestRequest }, index),
      ]

    case 'read marker after early blob':
      return [readMarkerAfterBlob('wait with early blob', path.manifestRequest)]
    case 'wait with early blob':
      return waitWithBlob('look for early blob')
    case 'look for early blob':
      return [lookForStoredBlob('put early blob again', path.manifestRequest)]
    case 'put early blob again':
      return [put('blob', 'read marker after early blob')]

    case 'put manifest':
      return [put('manifest', following())]
    case 'put reservation':
      return [step('puts its reservation', { at: following(), reservation: 'valid', storedSince: nothing })]
    case 'read marker': {
      const forBlob = rules.waitsForBlob && !rules.readsMarkerBehindManifest
      const listed = (rules.waitsForManifest && marker.manifest) || (forBlob && marker.blob)
      return listed ? [] : [step('reads the marker and need not wait', { at: following() })]
    }
    case 'read marker again':
      if (rules.waitsForBlob && marker.blob) return []
      return [step('reads the marker again and need not wait', { at: following() })]
    case 'look for manifest': {
      if (state.manifest !== 'absent') return [step('finds the manifest', { at: following() })]
      const keeps = !rules.writerReserves || !rules.newReservationAfterLoss
      return [step('finds the manifest gone', { at: keeps ? path.manifestRequest : 'drop reservation' })]
    }
    case 'drop reservation':
      return [removeReservation('gives its reservation up', path.manifestRequest)]
    case 'look for blob': {
      const missing = state.blob === 'absent'
      const does = missing ? 'finds the blob missing' : 'finds the blob'
      return [step(does, { at: following(missing), missing })]
    }

    case 'put blob':
      return [put('blob', 'read marker after blob')]
    case 'read marker after blob':
      return [readMarkerAfterBlob('wait with blob', path.createRequest)]
    case 'wait with blob':
      return waitWithBlob('look for stored blob')
    case 'look for stored blob':
      return [lookForStoredBlob('put blob', path.createRequest)]

    case 'check reservation': {
      if (writer.reservation === 'valid')
        return [step('asks for a version; its reservation holds', { at: following() })]
      // As if it were gone at once: fewer roots are the harder case.
      const now = {
        at: path.manifestRequest,
        reservation: 'none',
        missing: false,
        storedSince: nothing,
      } as const
      return [step('asks for a version and is refused, for its reservation no longer holds', now)]
    }
    case 'look for missing blob':
      if (state.blob !== 'absent') return [step('finds the blob that was missing', { at: following() })]
      return [step('finds the blob still missing', { at: 'put blob' })]
    case 'put record':
      return [step('creates the version', { at: following(), missing: false }, { record: true })]
    case 'remove reservation':
      return [removeReservation('removes its reservation', following())]
    case 'finished':
      break
  }
  return []
}
