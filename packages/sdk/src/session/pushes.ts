import { parseArtifactName, parseName, TrackwayError } from '@trackway/protocol'
import { checkOptions, having, other, required, text, type KindsOf } from '@trackway/protocol/options'
import { longCallKinds, type LongCallOptions } from '../calls/long-call-options.ts'
import { scopeKinds } from '../calls/scope-options.ts'
import type { Scope } from '../client/scope.ts'
import { loadUploading } from '../parts/load.ts'
import type { PushEnds } from '../push/push.ts'
import { performOn, type Caller } from './perform.ts'
import type { PushOptions, PushTarget, Session } from './session.ts'

const pushKinds = {
  to: required(having('a session of the other store, as returned by login', 'other', 'init', 'push')),
  into: other('an object', "{ experiment: 'flowers' }"),
  ...scopeKinds,
  ...longCallKinds,
} satisfies KindsOf<PushOptions>
const intoKinds = {
  experiment: text('flowers'),
  team: text('vision'),
  name: text('sample'),
} satisfies KindsOf<PushTarget>

type PushCalls = Pick<Session, 'push' | 'pushAll'>

/** `callerOf` returns what an open session calls with, and nothing for anything else. */
export function pushCalls(caller: Caller, callerOf: (session: object) => Caller | undefined): PushCalls {
  /** Checks where a push goes, and loads what pushes. */
  async function begin(call: keyof PushCalls, source: Scope, { to, into = {}, ...long }: PushOptions) {
    checkOptions('push, { into }', into, intoKinds)
    const target = callerOf(to)
    if (target === undefined) {
      throw new TrackwayError(
        'option_invalid',
        `${call}: { to } must be a session of this copy of @trackway/sdk, as returned by its login`,
      )
    }
    const ends: PushEnds = {
      source,
      target: {
        connection: target.connection,
        team: parseName('team', into.team ?? target.team),
        experiment: parseName('experiment', into.experiment ?? source.experiment),
      },
      name: into.name === undefined ? undefined : parseArtifactName(into.name),
    }
    const options: LongCallOptions = { ...long, quiet: long.quiet ?? caller.isQuiet() }
    const { pushAll, pushOne } = await loadUploading()
    return { ends, options, pushAll, pushOne }
  }

  return {
    push: (...given) =>
      performOn(
        caller,
        { call: 'push', follows: ['revision'], kinds: pushKinds, given },
        async (scope, subject, pushed: PushOptions) => {
          const { pushOne, ends, options } = await begin('push', scope, pushed)
          return pushOne(ends, subject, options)
        },
      ),
    pushAll: (...given) =>
      performOn(
        caller,
        { call: 'pushAll', follows: [], kinds: pushKinds, given },
        async (scope, subject, pushed: PushOptions) => {
          const { pushAll, ends, options } = await begin('pushAll', scope, pushed)
          return pushAll(ends, subject, options)
        },
      ),
  }
}
