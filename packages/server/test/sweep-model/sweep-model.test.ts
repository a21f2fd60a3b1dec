import { describe, expect, test } from 'vitest'
import { explore, type Exploration, type Model } from './explore.ts'
import { createSweepModel, type Setting } from './protocol.ts'
import type { Circumstances } from './rules.ts'

const everything: Circumstances = {
  deletionsRepeat: true,
  sweepsBreakOff: true,
  requestsDie: true,
  timePasses: true,
}

// The sweeper of this model never looks at an age again before it deletes, and nobody renews an age:
// neither is needed.
describe('no version ever lacks its manifest or its blob, and everybody finishes', () => {
  test.each([
    { writers: 1, states: 1336 },
    { writers: 2, states: 10_414 },
    { writers: 3, states: 60_055 },
  ])('in every interleaving of two sweeps with $writers writers', ({ writers, states }) => {
    expectSafe({ writers }, states)
  })

  test.each<{ when: string; writers: number; circumstances: Partial<Circumstances>; states: number }>([
    { when: 'deletions are repeated', writers: 2, circumstances: { deletionsRepeat: true }, states: 10_675 },
    { when: 'sweeps break off', writers: 3, circumstances: { sweepsBreakOff: true }, states: 98_610 },
    { when: 'a request dies', writers: 2, circumstances: { requestsDie: true }, states: 27_113 },
    { when: 'young things grow old', writers: 2, circumstances: { timePasses: true }, states: 62_791 },
    { when: 'all of that happens', writers: 2, circumstances: everything, states: 185_541 },
  ])('when $when, with $writers writers', ({ writers, circumstances, states }) => {
    expectSafe({ writers, circumstances }, states)
  })
})

/**
 * What changes if a necessary rule is left out, how many writers show that, and in how many steps at
 * least.
 */
interface Needed extends Setting {
  change: string
  steps: number
  gone: 'manifest' | 'blob'
}

describe('data is lost', () => {
  const needed: Needed[] = [
    {
      change: 'no marker',
      writers: 1,
      rules: { sweeperPutsMarker: false },
      steps: 17,
      gone: 'blob',
    },
    {
      change: 'no second mark',
      writers: 1,
      rules: { sweeperMarksAgain: false },
      steps: 14,
      gone: 'blob',
    },
    {
      change:
        'records listed before reservations in a mark: a version made between the two is seen in neither',
      writers: 1,
      rules: { sweeperListsReservationsFirst: false },
      steps: 18,
      gone: 'blob',
    },
    {
      change: 'a marker removed before all deletions are answered',
      writers: 1,
      rules: { markerOutlivesDeletions: false },
      steps: 18,
      gone: 'blob',
    },
    {
      change: 'no reservation, the shared manifest being the root while it is young',
      writers: 1,
      rules: { writerReserves: false },
      steps: 15,
      gone: 'manifest',
    },
    {
      change: 'one reservation for all who store a manifest, when sweeps break off',
      writers: 2,
      rules: { reservationIsOwn: false },
      circumstances: { sweepsBreakOff: true },
      steps: 34,
      gone: 'blob',
    },
    {
      change: 'the marker read before the reservation is written',
      writers: 1,
      rules: { reservationBeforeMarker: false },
      steps: 17,
      gone: 'manifest',
    },
    {
      change: 'no wait while the marker lists the manifest',
      writers: 1,
      rules: { waitsForManifest: false },
      steps: 17,
      gone: 'manifest',
    },
    {
      change: 'no wait while the marker lists the blob',
      writers: 1,
      rules: { waitsForBlob: false },
      steps: 17,
      gone: 'blob',
    },
    {
      change: 'no look for the manifest behind the marker',
      writers: 1,
      rules: { looksForManifest: false },
      steps: 18,
      gone: 'manifest',
    },
    {
      change: 'manifest and blob looked for before the marker is read',
      writers: 1,
      rules: { markerBeforeLooks: false },
      steps: 16,
      gone: 'blob',
    },
    {
      change: 'the marker read once for manifest and blob, when sweeps break off',
      writers: 2,
      rules: { readsMarkerBehindManifest: false },
      circumstances: { sweepsBreakOff: true },
      steps: 29,
      gone: 'blob',
    },
    {
      change: 'the marker read once for manifest and blob, when young things grow old between sweeps',
      writers: 2,
      rules: { readsMarkerBehindManifest: false },
      circumstances: { timePasses: true },
      steps: 30,
      gone: 'blob',
    },
    {
      change: 'the same and the sweeper deleting blobs first, which helps only when sweeps break off',
      writers: 2,
      rules: { readsMarkerBehindManifest: false, sweeperDeletesBlobsFirst: true },
      circumstances: { timePasses: true },
      steps: 30,
      gone: 'blob',
    },
    {
      change: 'an expired reservation accepted, when young things grow old',
      writers: 1,
      rules: { checksReservation: false },
      circumstances: { timePasses: true },
      steps: 25,
      gone: 'blob',
    },
    {
      change: 'the record created before the blob is sent, and not looked for',
      writers: 1,
      rules: { sendsBeforeCreating: false, checksMissingBlobs: false },
      steps: 8,
      gone: 'blob',
    },
    {
      change: 'the reservation removed before the record is created',
      writers: 1,
      rules: { recordBeforeRelease: false },
      steps: 18,
      gone: 'blob',
    },
  ]
  for (const { change, steps, gone, ...setting } of needed) {
    test(`with ${change}`, () => {
      const trace = lossOf(setting)
      expect(trace.at(-1), trace.join('\n')).toBe(`=> there is a version whose ${gone} is gone`)
      // The first line says where it began, the last what is wrong.
      expect(trace.length - 2, trace.join('\n')).toBe(steps)
    })
  }

  test('if a mark lists records first, in this order', () => {
    expect(lossOf({ writers: 1, rules: { sweeperListsReservationsFirst: false } })).toMatchInlineSnapshot(`
      [
        "at first the manifest is absent, the blob is old",
        "the sweeper lists no record",
        "the sweeper lists no reservation",
        "the sweeper finds unreachable and old: the blob",
        "writer 1 stores the manifest",
        "writer 1 puts its reservation",
        "writer 1 reads the marker and need not wait",
        "writer 1 finds the manifest",
        "writer 1 reads the marker again and need not wait",
        "the sweeper puts its marker, listing the blob",
        "the sweeper lists no record",
        "writer 1 finds the blob",
        "writer 1 asks for a version; its reservation holds",
        "writer 1 creates the version",
        "writer 1 removes its reservation",
        "the sweeper lists no reservation",
        "the sweeper still finds unreachable: the blob",
        "the sweeper is about to delete the blob",
        "the sweeper deletes the blob",
        "=> there is a version whose blob is gone",
      ]
    `)
  })

  test('if the marker is read once for manifest and blob, in this order', () => {
    const rules = { readsMarkerBehindManifest: false }
    const trace = lossOf({ writers: 2, rules, circumstances: { sweepsBreakOff: true } })
    expect(trace).toMatchInlineSnapshot(`
      [
        "at first the manifest is old, the blob is old",
        "the sweeper lists no reservation",
        "the sweeper lists no record",
        "the sweeper finds unreachable and old: manifest and blob",
        "the sweeper puts its marker, listing manifest and blob",
        "the sweeper lists no reservation",
        "the sweeper lists no record",
        "the sweeper still finds unreachable: manifest and blob",
        "the sweeper is about to delete the manifest",
        "writer 1 finds the manifest stored when it wants to store it",
        "the sweeper deletes the manifest",
        "the sweeper breaks its sweep off",
        "the sweeper removes its marker",
        "the sweeper sweeps once more",
        "the sweeper lists no reservation",
        "the sweeper lists no record",
        "the sweeper finds unreachable and old: the blob",
        "writer 1 puts its reservation",
        "writer 1 reads the marker and need not wait",
        "the sweeper puts its marker, listing the blob",
        "the sweeper lists a reservation",
        "the sweeper lists no record",
        "the sweeper still finds unreachable: the blob",
        "the sweeper is about to delete the blob",
        "writer 2 stores the manifest",
        "writer 1 finds the manifest",
        "writer 1 finds the blob",
        "the sweeper deletes the blob",
        "writer 1 asks for a version; its reservation holds",
        "writer 1 creates the version",
        "=> there is a version whose blob is gone",
      ]
    `)
  })
})

describe('not needed in the model, so that nothing is lost', () => {
  const spared: (Setting & { change: string })[] = [
    {
      change: 'the reservation written before the manifest',
      writers: 2,
      rules: { manifestBeforeReservation: false },
    },
    {
      change: 'the same reservation kept when the manifest was gone',
      writers: 2,
      rules: { newReservationAfterLoss: false },
    },
    {
      change:
        'no read of the marker after a blob was stored, as where a client puts it into the store by a presigned URL, since blobs are looked for after the reservation',
      writers: 2,
      rules: { readsMarkerAfterBlob: false },
    },
    {
      change: 'no storing again of a blob that a sweep took: its writer learns again that it is missing',
      writers: 2,
      rules: { storesBlobAgain: false },
    },
    {
      change: 'no look for missing blobs before the record, if the client did send them',
      writers: 2,
      rules: { checksMissingBlobs: false },
    },
    {
      change: 'neither of the three, which guard only against clients that do not send, and save requests',
      writers: 2,
      rules: { readsMarkerAfterBlob: false, storesBlobAgain: false, checksMissingBlobs: false },
    },
    {
      change: 'a client that asks for the version before it sends, if missing blobs are looked for',
      writers: 2,
      rules: { sendsBeforeCreating: false },
    },
  ]
  for (const { change, ...setting } of spared) {
    test(`with ${change}`, () => {
      expectSafe({ ...setting, circumstances: { sweepsBreakOff: true, timePasses: true } })
    })
  }

  test('no check of a reservation, as long as none can expire', () => {
    const circumstances = { sweepsBreakOff: true, requestsDie: true }
    expectSafe({ writers: 2, rules: { checksReservation: false }, circumstances })
  })

  test('no second read of the marker, if all sweeps run to their end and nothing grows old', () => {
    expectSafe({ writers: 3, rules: { readsMarkerBehindManifest: false } })
  })
})

describe('as good as the second read of the marker', () => {
  const circumstances = { sweepsBreakOff: true, timePasses: true }

  test('a sweeper that keeps all blobs if its mark finds a reservation without a manifest', () => {
    const rules = { readsMarkerBehindManifest: false, sweeperSparesBlobsWhereManifestIsGone: true }
    expectSafe({ writers: 2, rules, circumstances })
  })

  test('reservation, marker, manifest, marker, blobs: in this order the manifest need not be checked', () => {
    expectSafe({ writers: 2, rules: { manifestBehindMarker: true }, circumstances })
  })
})

describe('the explorer', () => {
  test('finds the shortest way to a violation', () => {
    const model = walk({ start: ['left', 'right'], left: ['far'], far: ['bad'], right: ['bad'] })
    expect(explore(model).violation).toEqual([
      'at start',
      'it goes to right',
      'it goes to bad',
      '=> it is bad',
    ])
  })

  test('finds a state in which nothing can happen', () => {
    const { deadlock, endless } = explore(walk({ start: ['end', 'stuck'] }))
    expect(deadlock).toEqual(['at start', 'it goes to stuck', '=> nothing more can happen'])
    expect(endless).toBe(false)
  })

  test('finds an endless run', () => {
    expect(explore(walk({ start: ['here', 'end'], here: ['there'], there: ['here'] })).endless).toBe(true)
  })
})

/** Fails with a trace in words if a version loses something, or somebody waits forever. */
function expectSafe(setting: Setting, states?: number): void {
  const exploration = explore(createSweepModel(setting))
  const trace = exploration.violation ?? exploration.deadlock
  if (trace !== undefined) expect.fail(trace.join('\n'))
  expect(exploration).toMatchObject({ violations: 0, endless: false } satisfies Partial<Exploration>)
  // Fewer states than before mean that the model has lost a behavior.
  if (states !== undefined) expect(exploration.states).toBe(states)
}

/** The shortest way to a loss. Fails if nothing is lost. */
function lossOf(setting: Setting): readonly string[] {
  const { violation } = explore(createSweepModel(setting), { stopAtViolation: true })
  return (
    violation ?? expect.fail('nothing is lost: either the rule is not needed, or the model does not show why')
  )
}

/** A walk between named places: `bad` is wrong, and only at `end` may it stop. */
function walk(ways: Record<string, string[]>): Model<string> {
  return {
    initial: ['start'],
    key: (location) => location,
    next: (location) =>
      (ways[location] ?? []).map((to) => ({ actor: 'it', does: `goes to ${to}`, state: to })),
    violation: (location) => (location === 'bad' ? 'it is bad' : undefined),
    finished: (location) => location === 'end',
    describe: (location) => `at ${location}`,
  }
}
