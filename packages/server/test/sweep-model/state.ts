export type Stored = 'absent' | 'young' | 'old'

export interface State {
  manifest: Stored
  blob: Stored
  /** Whether a version exists. */
  record: boolean
  marker: Listed
  /** A reservation that no request is going to use. */
  abandoned: boolean
  sweeper: Sweeper
  writers: readonly Writer[]
}

export interface Listed {
  manifest: boolean
  blob: boolean
}

export interface Sweeper {
  at: SweeperStep
  sweep: 1 | 2
  /** Whether the present mark has met a root. */
  rootSeen: boolean
  candidates: Listed
}

export interface Writer {
  at: WriterStep
  reservation: Reservation
  /** The response to its manifest: whether it has to send the blob. */
  missing: boolean
  /** What was stored while its reservation existed. Kept only if time passes. */
  storedSince: Listed
}

export type Reservation = 'none' | 'valid' | 'expired'

export const nothing: Listed = { manifest: false, blob: false }

export const storedKinds = ['absent', 'young', 'old'] as const
const reservationKinds = ['none', 'valid', 'expired'] as const

const sweeperSteps = [
  'list first roots',
  'list other roots',
  'read manifests',
  'put marker',
  'list first roots again',
  'list other roots again',
  'read manifests again',
  'choose',
  'delete manifest',
  'delete manifest again',
  'delete blob',
  'delete blob again',
  'remove marker',
  'end',
  'finished',
] as const
export type SweeperStep = (typeof sweeperSteps)[number]

const writerSteps = [
  'start',
  // A request that stores the blob before there is a manifest.
  'read marker after early blob',
  'wait with early blob',
  'look for early blob',
  'put early blob again',
  // The request that stores the manifest.
  'put manifest',
  'put reservation',
  'read marker',
  'look for manifest',
  'drop reservation',
  'read marker again',
  'look for blob',
  // A request that stores the blob because it was missing.
  'put blob',
  'read marker after blob',
  'wait with blob',
  'look for stored blob',
  // The request that creates the version.
  'check reservation',
  'look for missing blob',
  'put record',
  'remove reservation',
  'finished',
] as const
export type WriterStep = (typeof writerSteps)[number]

/** The names under which writers appear in a trace. */
export function writerName(index: number): string {
  return `writer ${index + 1}`
}

export function withWriter(writers: readonly Writer[], index: number, now: Partial<Writer>): Writer[] {
  return writers.map((writer, other) => (other === index ? { ...writer, ...now } : writer))
}

const sweeperCode = codes(sweeperSteps)
const writerCode = codes(writerSteps)
const storedCode = codes(storedKinds)
const reservationCode = codes(reservationKinds)

const writerCodes = writerSteps.length * 24

/** All of a state in one integer below 2^43. Writers are alike, so that their order makes no difference. */
export function key({ manifest, blob, record, marker, abandoned, sweeper, writers }: State): number {
  let code = storedCode[manifest] * 3 + storedCode[blob]
  code = code * 4 + Number(record) * 2 + Number(abandoned)
  code = code * 4 + listedCode(marker)
  code = code * sweeperSteps.length + sweeperCode[sweeper.at]
  code = code * 4 + (sweeper.sweep - 1) * 2 + Number(sweeper.rootSeen)
  code = code * 4 + listedCode(sweeper.candidates)
  for (const each of writers.map(codeOfWriter).sort(ascending)) code = code * writerCodes + each
  return code
}

function codeOfWriter({ at, reservation, missing, storedSince }: Writer): number {
  return (
    writerCode[at] * 24 + reservationCode[reservation] * 8 + Number(missing) * 4 + listedCode(storedSince)
  )
}

function listedCode({ manifest, blob }: Listed): number {
  return Number(manifest) * 2 + Number(blob)
}

function ascending(one: number, other: number): number {
  return one - other
}

function codes<Name extends string>(names: readonly Name[]): Record<Name, number> {
  // Object.fromEntries forgets which keys it was given.
  return Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>
}
