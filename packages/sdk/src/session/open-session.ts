// A session as an object. Loaded by the first login.
import { TrackwayError } from '@trackway/protocol'
import { checkOptions } from '@trackway/protocol/options'
import { showEverywhere } from '#platform'
import type { Connection } from '../client/connection.ts'
import { beginRun, runWithin } from './begin-run.ts'
import { namesOf, type Caller } from './perform.ts'
import { pushCalls } from './pushes.ts'
import type { Run } from './run.ts'
import { initKinds, type InitOptions } from './runs.ts'
import { sessionCalls } from './session-calls.ts'
import type { Reach } from '../platform/run-keeper.ts'
import type { Session } from './session.ts'

const notes = {
  server: '',
  folder: ' (a folder of this machine, no server)',
  bucket: ' (a bucket, no server)',
}

/** What a session is made of. */
export interface SessionParts {
  connection: Connection
  user: string
  team: string
  experiment: string
  baseUrl: string
  storeKind: 'server' | 'folder' | 'bucket'
  /** How another process reaches the same store; undefined if it cannot. */
  reach?: Reach | undefined
  voice: Voice
}

/** Prints something, unless quiet. */
export interface Voice {
  /** Whether nothing is shown, unless a call says otherwise. */
  quiet: boolean
  print: (text: string) => void
}

const callers = new WeakMap<object, Caller>()

/** Opens a session for a user who is logged in. */
export function openSession(parts: SessionParts): Session {
  const { connection, team, experiment, voice } = parts
  const { print } = voice
  const caller: Caller = {
    connection,
    user: parts.user,
    team,
    experiment,
    current: undefined,
    isQuiet: () => voice.quiet,
    print,
  }
  const session = Object.assign(
    new OpenSession(parts, caller),
    sessionCalls(caller),
    pushCalls(caller, (other) => callers.get(other)),
  )
  callers.set(session, caller)
  return session
}

/** What a session is beside its calls. */
class OpenSession {
  readonly url: string
  readonly user: string
  readonly team: string
  readonly experiment: string
  readonly storeId: string
  readonly #parts: SessionParts
  readonly #caller: Caller
  /** Whether nothing is shown outside of a run that says otherwise. */
  readonly #quiet: boolean
  /** The last run that was begun without work that would end it. */
  #open: Run | undefined

  constructor(parts: SessionParts, caller: Caller) {
    this.url = parts.connection.url
    this.user = parts.user
    this.team = parts.team
    this.experiment = parts.experiment
    this.storeId = parts.connection.storeId
    this.#parts = parts
    this.#caller = caller
    this.#quiet = parts.voice.quiet
  }

  static {
    showEverywhere?.('session', OpenSession.prototype, (session) => {
      const { url, user, team, experiment, run } = session
      return {
        url,
        note: notes[session.#parts.storeKind],
        user,
        team: run?.team ?? team,
        experiment: run?.experiment ?? experiment,
        run: run?.name,
      }
    })
  }

  get run(): Run | undefined {
    return this.#caller.current?.run
  }

  init(options?: InitOptions<object>): Promise<Run>
  init<Result>(
    options: InitOptions<object> | undefined,
    work: (run: Run) => Result | Promise<Result>,
  ): Promise<Result>
  async init<Result>(
    options: InitOptions<object> = {},
    work?: (run: Run) => Result | Promise<Result>,
  ): Promise<Result | Run> {
    checkOptions('init', options, initKinds)
    if (work !== undefined && typeof work !== 'function')
      throw new TrackwayError('option_invalid', 'init: the work of the run must be a function')
    const { voice, storeKind, ...parts } = this.#parts
    const scope = namesOf(this.#caller, options)
    const endBefore = () => this.#end(this.#open, 'since another run begins')
    const isServer = storeKind === 'server'
    const where = { ...parts, ...scope, isServer, endBefore, print: voice.print }
    const begun = await beginRun(where, options, () => {
      if (this.#caller.current !== begun) return
      this.#caller.current = undefined
      voice.quiet = this.#quiet
    })
    this.#caller.current = begun
    voice.quiet = options.quiet ?? this.#quiet
    voice.print(this.#describe(begun.run))
    if (work !== undefined) return runWithin(begun.run, work)
    this.#open = begun.run
    return begun.run
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end(this.run, 'with its session')
  }

  /** Ends a run that was not ended before, and says so. */
  async #end(run: Run | undefined, why: string): Promise<void> {
    if (run?.state !== 'running') return
    await run[Symbol.asyncDispose]()
    if (run !== this.run) this.#parts.voice.print(`The run ${run.name} is finished, ${why}`)
  }

  #describe({ name, team, experiment, url }: Run): string {
    const note = notes[this.#parts.storeKind]
    return [
      `Trackway run ${name}`,
      `  team        ${team}`,
      `  experiment  ${experiment}`,
      `  data        ${this.url}${note}`,
      `  run         ${url}`,
    ].join('\n')
  }
}
