// How a session performs a call: options are checked, and the scope of the call is found.
import { foldName, parseName } from '@trackway/protocol'
import { checkOptions, type KindsOf } from '@trackway/protocol/options'
import type { ScopeOptions } from '../calls/scope-options.ts'
import type { Connection } from '../client/connection.ts'
import type { Scope, ScopeRun } from '../client/scope.ts'
import { readArguments, type Following, type Subject } from './call-arguments.ts'
import type { Run } from './run.ts'

/** A run, and its scope. */
export interface RunInProgress {
  run: Run
  scopeRun: ScopeRun
}

/** What the calls of a session share. */
export interface Caller {
  readonly connection: Connection
  readonly user: string
  /** The team and the experiment of the session. */
  readonly team: string
  readonly experiment: string
  /** The run in progress. */
  current: RunInProgress | undefined
  /** Whether nothing is shown, unless a call says otherwise. */
  isQuiet(): boolean
  print(text: string): void
}

interface Call<Options> {
  /** Its name, for error messages. */
  call: string
  kinds: KindsOf<Options>
}

/** Performs a call in the scope that its options name. */
export async function performIn<Options extends ScopeOptions, Result>(
  caller: Caller,
  { call, kinds, options }: Call<NoInfer<Options>> & { options: Options },
  work: (scope: Scope, options: Options) => Promise<Result>,
): Promise<Result> {
  checkOptions(call, options, kinds)
  return work(scopeOf(caller, options), options)
}

/** Performs a call on an artifact or a version, given by a spec or by name and type. */
export async function performOn<Options extends ScopeOptions, Result>(
  caller: Caller,
  { call, kinds, follows, given }: Call<NoInfer<Options>> & { follows: Following; given: readonly unknown[] },
  work: (scope: Scope, subject: Subject, options: Options) => Promise<Result>,
): Promise<Result> {
  const { subject, options = {} } = readArguments(call, follows, given)
  const known = options as Options // The next line checks that, for callers without types.
  checkOptions(call, known, kinds)
  return work(scopeOf(caller, known), subject, known)
}

function scopeOf(caller: Caller, options: ScopeOptions): Scope {
  const { connection, current } = caller
  const { team, experiment } = namesOf(caller, options)
  return {
    connection: 'quiet' in options && options.quiet ? connection.quietly : connection,
    team,
    quiet: caller.isQuiet(),
    experiment,
    // A run belongs to a team, and so does its lineage.
    ...(current && foldName(current.run.team) === foldName(team) && { run: current.scopeRun }),
  }
}

/** The team and the experiment of the options, else of the run in progress, else of the session. */
export function namesOf({ team, experiment, current }: Caller, options: ScopeOptions) {
  const run = current?.run
  return {
    team: parseName('team', options.team ?? run?.team ?? team),
    experiment: parseName('experiment', options.experiment ?? run?.experiment ?? experiment),
  }
}
