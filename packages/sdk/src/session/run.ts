import {
  maxRunErrorLength,
  messageOf,
  TrackwayError,
  type BegunRun,
  type Metadata,
  type MetricPoint,
  type RunState,
} from '@trackway/protocol'
import { showEverywhere } from '#platform'
import type { Connection } from '../client/connection.ts'
import { checkCall } from '../calls/calls.ts'
import { createCommitId } from '../upload/commit-id.ts'
import { createInputBuffer, type InputBuffer } from './input-buffer.ts'
import { createLogBuffer, newWriter, type LogBuffer, type LogWriter } from './log-buffer.ts'
import { checkStep, checkTime, checkValues, LogRefusal, pointsOf } from './metric-points.ts'
import { isLasting } from './pace.ts'
import type { HowEnded, RunKeeper, RunSpool } from '../platform/run-keeper.ts'
import { unlessAborted } from '../concurrency/abort.ts'
import type { ScopeRun } from '../client/scope.ts'
import type { FinishOptions, FlushOptions, LogOptions } from './run-options.ts'
import { createRunReport } from './run-report.ts'
import { runRequests, type RunRequests } from './run-requests.ts'

/**
 * What a run is made of.
 *
 * @internal
 */
export interface RunParts {
  connection: Connection
  document: BegunRun
  url: string
  /** Reports what could not be sent. */
  print: (text: string) => void
  /** Called once the run has ended. */
  onEnd: () => void
  writer?: LogWriter
  /** Where what is not sent is kept. */
  spool?: RunSpool | undefined
  keeper?: RunKeeper | undefined
}

/** How a run ends, as `finish` was called. */
type Ending = FinishOptions & HowEnded & { expected?: string | undefined }

const scopeRuns = new WeakMap<Run, ScopeRun>()

/**
 * The run's scope, for calls within the run.
 *
 * @internal
 */
export function scopeRunOf(run: Run): ScopeRun {
  const scopeRun = scopeRuns.get(run)
  if (scopeRun === undefined) throw new TypeError('Every run has its scope')
  return scopeRun
}

/** One execution of a script or notebook. Get it from `session.init`. */
export class Run {
  /** Such as `sable-life-1`. */
  readonly name: string
  /** The team that it belongs to. */
  readonly team: string
  /** The experiment that it belongs to. */
  readonly experiment: string
  /** Where the run can be viewed, with the key or access to the folder. */
  readonly url: string
  /** Its config. */
  readonly config: Metadata
  readonly #requests: RunRequests
  readonly #onEnd: () => void
  readonly #log: LogBuffer
  readonly #inputs: InputBuffer
  /** The last value that this object logged under each name. */
  readonly #lastValues = new Map<string, number>()
  #state: RunState
  #nextStep: number
  #ending: Promise<void> | undefined
  #couldNotEnd = false
  readonly #print: (text: string) => void
  readonly #spool: RunSpool | undefined
  readonly #keeper: RunKeeper | undefined
  /** The run does not end with the process any more. */
  readonly #release: (() => void) | undefined
  /** How the run ends according to the program. */
  #intended: HowEnded | undefined
  /** The `commitId` of the current state. */
  #stateId: string

  /** @internal */
  constructor({ connection, document, url, print, onEnd, writer = newWriter(), spool, keeper }: RunParts) {
    this.#onEnd = onEnd
    this.#print = print
    this.#spool = spool
    this.#keeper = keeper
    this.#stateId = document.commitId
    this.name = document.run
    this.team = document.team
    this.experiment = document.experiment
    this.config = document.config
    this.url = url
    this.#requests = runRequests(connection, document)
    this.#state = document.state
    this.#nextStep = document.nextStep ?? 0
    const report = createRunReport(this.name, print)
    this.#log = createLogBuffer(this.#requests.append, report, { ...writer, spool })
    this.#inputs = createInputBuffer(this.#requests.addInput, report, spool)
    this.#release = keeper?.whileOpen({
      end: (how, signal) => this.#endWithProcess(how, signal),
      record: (how) => this.#record(how),
      kept: () => this.#reportKept(),
    })
    scopeRuns.set(this, {
      name: { experiment: this.experiment, run: this.name },
      addInput: (input) => this.#inputs.add(input),
      flushInputs: (signal) => this.#inputs.flush(signal),
    })
  }

  static {
    showEverywhere?.('run', Run.prototype, (run) => {
      const { name, team, experiment, url, state, config } = run
      return { name, team, experiment, url, state, config, lastValues: [...run.#lastValues] }
    })
  }

  /** Whether the run is in progress, and how it ended. */
  get state(): RunState {
    return this.#state
  }

  /**
   * How many logged values were dropped: they cannot be logged, the server refused them permanently, more
   * than a million were waiting to be sent, or the run had ended without them. A line says why, once for each
   * reason.
   */
  get dropped(): number {
    return this.#log.dropped
  }

  /**
   * Logs measured values: `run.log({ loss: 0.03 })`. They are sent in batches every few seconds; while the
   * network or the server is down, they are kept and sent later. NaN and infinities are preserved. What
   * cannot be logged, such as a value that is not a number or anything after the run ended, is dropped, which
   * a line reports once for each reason, and counts as `dropped`: only an unknown option is an error, and
   * even that does not end a program that does not await it.
   */
  log<Values extends object>(
    values: Values & { [Key in keyof Values]: number },
    options: LogOptions = {},
  ): Promise<void> {
    const added = this.#addPoints(values, options)
    added.catch(() => {})
    return added
  }

  async #addPoints(values: object, options: LogOptions): Promise<void> {
    checkCall('run.log', options)
    const points = this.#pointsOf(values, options)
    if (points.length > 0) await this.#log.add(points)
  }

  /** Logged values as points. Anything may be given, by callers without types. */
  #pointsOf(values: object, { step = this.#nextStep, time }: LogOptions): MetricPoint[] {
    let count = 1
    try {
      const checked = checkValues(values)
      count = Object.keys(checked).length
      if (this.#ending !== undefined)
        throw new LogRefusal('ended', 'it is finished; start another run with init()')
      const at = { step: checkStep(step), time: checkTime(time) }
      const points = pointsOf(checked, at, (problem) => this.#drop(1, problem))
      this.#nextStep = Math.max(this.#nextStep, Math.min(at.step + 1, Number.MAX_SAFE_INTEGER))
      for (const { key, value } of points) this.#lastValues.set(key, Number(value))
      return points
    } catch (error) {
      this.#drop(count, error)
      return []
    }
  }

  #drop(count: number, problem: unknown): void {
    const kind = problem instanceof LogRefusal ? problem.kind : 'values'
    this.#log.drop(count, new Error(`Logging to the run ${this.name}: ${messageOf(problem)}`), kind)
  }

  /** Sends the logged values, and the versions that were read, that were not sent yet. */
  async flush(options: FlushOptions = {}): Promise<void> {
    checkCall('run.flush', options)
    const { signal } = options
    await Promise.all([this.#log.flush(signal), this.#inputs.flush(signal)])
  }

  /**
   * Sends the logged values, and ends the run. Values that the server does not accept are dropped, which a
   * line reports, and count as `dropped`. Ending a run twice is harmless.
   */
  async finish(options: FinishOptions = {}): Promise<void> {
    checkCall('run.finish', options)
    const { state = 'finished', error } = options
    if (error !== undefined && state !== 'failed')
      throw new TrackwayError('option_invalid', `Ending the run ${this.name}: only a failed run has an error`)
    this.#ending ??= this.#finish({ ...options, state })
    return this.#ending
  }

  /**
   * `await using run = await session.init()` ends the run with the block, as `finished`. An error that ends
   * the block and the program makes it `failed`; of one that is caught nothing is known here, so code that
   * catches it calls `finish({ state: 'failed' })`. If ending the run failed before, it is not tried again.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#couldNotEnd) return
    if (this.#ending !== undefined) return this.#ending
    await (this.#ending = this.#finish({ state: 'finished' }, () => this.#waitForError()))
  }

  /** Until it is clear that no error ended the block, the spool is kept, so that it can say so. */
  #waitForError(): void {
    const removeSpool = () => this.#spool?.remove()
    if (this.#keeper === undefined) return
    this.#keeper.afterBlock(
      { record: (how) => this.#record(how), kept: () => this.#reportKept() },
      removeSpool,
    )
  }

  async #finish(
    { state, error: why, signal, expected }: Ending,
    onOver = () => this.#spool?.remove(),
  ): Promise<void> {
    this.#intended = { state, error: why }
    const end = { state, ...(why !== undefined && { error: why }), commitId: createCommitId() }
    this.#spool?.end(end)
    try {
      const refusal = await this.#sendRest(signal)
      const { commitId } = await this.#requests.end({ ...end, expected }, { signal, once: false })
      if (refusal !== undefined) for (const buffer of [this.#log, this.#inputs]) buffer.giveUp(refusal)
      this.#state = state
      this.#stateId = commitId
      this.#release?.()
      onOver()
      this.#onEnd()
    } catch (error) {
      this.#ending = undefined // Allows another attempt.
      this.#couldNotEnd = true
      throw error
    }
  }

  /** The program is over, and did not end the run, or could not. */
  #endWithProcess(how: HowEnded, signal: AbortSignal): Promise<void> {
    const { state, error } = this.#intended ?? how
    this.#ending ??= this.#finish({ state, error: shortened(error), signal, expected: this.#stateId })
    return unlessAborted(this.#ending, signal)
  }

  /** For a process that sends the spool, since this one ends at once. */
  #record(how: HowEnded): string | undefined {
    const { state, error } = this.#state === 'running' ? (this.#intended ?? how) : how
    this.#spool?.end({ state, error: shortened(error), commitId: createCommitId(), expected: this.#stateId })
    return this.#spool?.path
  }

  #reportKept(): void {
    this.#print(
      `The process ended before everything that the run ${this.name} logged was sent. It is kept in ${this.#spool?.path}: the next init on this machine sends it, or trackway sync`,
    )
  }

  /** Sends what waits. Returns a permanent error: it does not keep the run from ending. */
  async #sendRest(signal: AbortSignal | undefined): Promise<TrackwayError | undefined> {
    const outcomes = await Promise.allSettled([this.#log.flush(signal), this.#inputs.flush(signal)])
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    const lasting = errors.filter(isLasting)
    if (lasting.length < errors.length) throw errors.find((error) => !isLasting(error))
    return lasting[0]
  }
}

/** An error message, as long as the server accepts it. */
function shortened(error: string | undefined): string | undefined {
  return error?.slice(0, maxRunErrorLength)
}
