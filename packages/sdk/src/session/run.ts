import {
  TrackwayError,
  type BegunRun,
  type Metadata,
  type RunState,
  type VersionName,
} from '@trackway/protocol'
import { showEverywhere } from '#platform'
import type { Connection } from '../client/connection.ts'
import { checkCall } from '../calls/calls.ts'
import { createCommitId } from '../upload/commit-id.ts'
import { createInputBuffer, type InputBuffer } from './input-buffer.ts'
import { createLogBuffer, type LogBuffer, type LogSegment, type Sending } from './log-buffer.ts'
import { checkStep, checkTime, pointsOf } from './metric-points.ts'
import { isLasting } from './pace.ts'
import type { PlaceRun } from '../client/scope.ts'
import { createRunReport } from './run-report.ts'

/** What a run is made of. */
export interface RunParts {
  connection: Connection
  document: BegunRun
  url: string
  /** Tells people what does not get through. */
  print: (text: string) => void
  /** Called once the run has ended. */
  onEnd: () => void
}

/** When values were measured. */
export interface LogOptions {
  /** Counts the steps of the run. Default: one more than the last one, also where the run is continued. */
  step?: number | undefined
  /** From 1970 on. Default: now. */
  time?: Date | undefined
}

/** How a run ends. */
export interface FinishOptions {
  /** Default: `finished`. */
  state?: 'finished' | 'failed' | undefined
  /** Why it failed, in at most 4,096 characters; only for the state `failed`. */
  error?: string | undefined
  /** Ends the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/** How a run is flushed. */
export interface FlushOptions {
  /** Ends the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

const places = new WeakMap<Run, PlaceRun>()

/** The run as what is done within it knows it. */
export function placeOf(run: Run): PlaceRun {
  const place = places.get(run)
  if (place === undefined) throw new TypeError('Every run has its place')
  return place
}

/** One execution of a script or notebook. Get it from `session.init`. */
export class Run {
  /** Such as `sable-life-1`. */
  readonly name: string
  /** The team that it belongs to. */
  readonly team: string
  /** The experiment that it belongs to. */
  readonly experiment: string
  /** Where the run can be looked at, by whoever has the key or the folder. */
  readonly url: string
  /** What it was configured with. */
  readonly config: Metadata
  readonly #connection: Connection
  readonly #onEnd: () => void
  readonly #log: LogBuffer
  readonly #inputs: InputBuffer
  /** What was logged last of each name, by this object. */
  readonly #lastValues = new Map<string, number>()
  #state: RunState
  #nextStep: number
  #ending: Promise<void> | undefined
  #couldNotEnd = false

  constructor({ connection, document, url, print, onEnd }: RunParts) {
    this.#onEnd = onEnd
    this.name = document.run
    this.team = document.team
    this.experiment = document.experiment
    this.config = document.config
    this.url = url
    this.#connection = connection
    this.#state = document.state
    this.#nextStep = document.nextStep ?? 0
    const report = createRunReport(this.name, print)
    this.#log = createLogBuffer((segment, sending) => this.#append(segment, sending), report)
    this.#inputs = createInputBuffer((input, sending) => this.#addInput(input, sending), report)
    places.set(this, {
      name: { experiment: this.experiment, run: this.name },
      addInput: (input) => this.#inputs.add(input),
      flushInputs: (signal) => this.#inputs.flush(signal),
    })
  }

  static {
    showEverywhere('run', Run.prototype, (run) => {
      const { name, team, experiment, url, state, config } = run
      return { name, team, experiment, url, state, config, lastValues: [...run.#lastValues] }
    })
  }

  /** Whether the run goes on, and how it ended. */
  get state(): RunState {
    return this.#state
  }

  /**
   * How many logged values were left out: the server refuses them for good, more than a million were waiting for it, or
   * it took the end of the run and not them. The first time, a line says why.
   */
  get dropped(): number {
    return this.#log.dropped
  }

  /**
   * Logs measured values: `run.log({ loss: 0.03 })`. They are sent every few seconds, many at a time; where the network
   * or the server is down, they are kept and sent later. NaN and infinities are kept as such. Throws `run_finished`,
   * `option_invalid`.
   */
  async log<Values extends object>(
    values: Values & { [Key in keyof Values]: number },
    options: LogOptions = {},
  ): Promise<void> {
    const attempted = `Logging to the run ${this.name}`
    if (this.#ending !== undefined) {
      throw new TrackwayError('run_finished', `${attempted}: it is finished; begin another one with init()`)
    }
    checkCall('run.log', options)
    const step = checkStep(attempted, options.step ?? this.#nextStep)
    const points = pointsOf(attempted, values, { step, time: checkTime(attempted, options.time) })
    this.#nextStep = Math.max(this.#nextStep, Math.min(step + 1, Number.MAX_SAFE_INTEGER))
    for (const { key, value } of points) this.#lastValues.set(key, Number(value))
    await this.#log.add(points)
  }

  /** Sends what was logged, and which versions were read, as far as it was not sent yet. */
  async flush(options: FlushOptions = {}): Promise<void> {
    checkCall('run.flush', options)
    const { signal } = options
    await Promise.all([this.#log.flush(signal), this.#inputs.flush(signal)])
  }

  /**
   * Sends what was logged, and ends the run. What the server does not take of a log is left out, with a line that says
   * so, and counts as `dropped`. Ending a run twice is harmless.
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
   * `await using run = await session.init()` ends the run with the block, as `finished`: it cannot know whether
   * something was thrown, so that whoever catches that says `finish({ state: 'failed' })`. Where ending it was tried
   * before and failed, it is not tried again.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#couldNotEnd) await this.finish()
  }

  async #finish({
    state,
    error: why,
    signal,
  }: FinishOptions & { state: 'finished' | 'failed' }): Promise<void> {
    try {
      const refusal = await this.#sendRest(signal)
      await this.#connection.call('finishRun', {
        attempted: `Ending the run ${this.name}`,
        parameters: this.#parameters(),
        body: { state, ...(why !== undefined && { error: why }), commitId: createCommitId() },
        signal,
      })
      if (refusal !== undefined) for (const buffer of [this.#log, this.#inputs]) buffer.giveUp(refusal)
      this.#state = state
      this.#onEnd()
    } catch (error) {
      this.#ending = undefined // So that it can be tried again.
      this.#couldNotEnd = true
      throw error
    }
  }

  /** Sends what waits. An error that lasts is the answer: it is no reason to keep the run from ending. */
  async #sendRest(signal: AbortSignal | undefined): Promise<TrackwayError | undefined> {
    const outcomes = await Promise.allSettled([this.#log.flush(signal), this.#inputs.flush(signal)])
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    const lasting = errors.filter(isLasting)
    if (lasting.length < errors.length) throw errors.find((error) => !isLasting(error))
    return lasting[0]
  }

  async #append({ segment, points }: LogSegment, sending: Sending): Promise<void> {
    await this.#connection.call('putLogSegment', {
      attempted: `Logging to the run ${this.name}`,
      parameters: { ...this.#parameters(), segment },
      body: { points: [...points] },
      ...sending,
    })
  }

  async #addInput({ experiment, type, name, tag }: VersionName, sending: Sending): Promise<void> {
    await this.#connection.call('addInput', {
      attempted: `Recording that the run ${this.name} read ${type}/${name}:${tag}`,
      parameters: this.#parameters(),
      body: { experiment, type, name, tag },
      ...sending,
    })
  }

  #parameters() {
    return { team: this.team, experiment: this.experiment, run: this.name }
  }
}
