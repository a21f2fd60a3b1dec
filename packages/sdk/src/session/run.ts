import {
  TrackwayError,
  type BegunRun,
  type Metadata,
  type MetricPoint,
  type RunState,
  type VersionReference,
} from '@trackway/protocol'
import { showEverywhere } from '#platform'
import type { Connection } from '../http/connection.ts'
import { createCommitId } from '../transfer/commit-id.ts'
import { createInputBuffer, type InputBuffer } from './input-buffer.ts'
import { createLogBuffer, type LogBuffer, type LogSegment } from './log-buffer.ts'
import type { PlaceRun } from './place.ts'

/** What a run is made of. */
export interface RunParts {
  connection: Connection
  document: BegunRun
  url: string
}

/** When values were measured. */
export interface LogOptions {
  /** Counts the steps of the run. Default: one more than the last one, also where the run is continued. */
  step?: number | undefined
  /** Default: now. */
  time?: Date | undefined
}

const places = new WeakMap<Run, PlaceRun>()

/** The run as what is done within it knows it. */
export function placeOf(run: Run): PlaceRun | undefined {
  return places.get(run)
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
  readonly #log: LogBuffer
  readonly #inputs: InputBuffer
  /** What was logged last of each name, by this object. */
  readonly #lastValues = new Map<string, number>()
  #state: RunState
  #nextStep: number
  #ending: Promise<void> | undefined
  #couldNotEnd = false

  constructor({ connection, document, url }: RunParts) {
    this.name = document.run
    this.team = document.team
    this.experiment = document.experiment
    this.config = document.config
    this.url = url
    this.#connection = connection
    this.#state = document.state
    this.#nextStep = document.nextStep ?? 0
    this.#log = createLogBuffer((segment, { once }) => this.#append(segment, once))
    this.#inputs = createInputBuffer((input, { once }) => this.#addInput(input, once))
    places.set(this, {
      reference: { experiment: this.experiment, run: this.name },
      addInput: (input) => this.#inputs.add(input),
      flushInputs: () => this.#inputs.flush(),
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
   * Logs measured values: `run.log({ loss: 0.03 })`. They are sent every few seconds, many at a time; a network that is
   * down for a while disturbs nobody. NaN and infinities are kept as such. Throws `run_finished`, `option_invalid`.
   */
  async log(
    values: Record<string, number>,
    { step = this.#nextStep, time = new Date() }: LogOptions = {},
  ): Promise<void> {
    if (this.#ending !== undefined) {
      throw new TrackwayError(
        'run_finished',
        `Logging to the run ${this.name}: it is finished; begin another one with init()`,
      )
    }
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new TrackwayError(
        'option_invalid',
        `Logging to the run ${this.name}: the step ${step} is not a whole number from 0 on`,
      )
    }
    const points = Object.entries(values).map(
      ([key, value]): MetricPoint => ({
        step,
        key: checkKey(key),
        value: encodeValue(key, value),
        time: time.getTime(),
      }),
    )
    this.#nextStep = Math.max(this.#nextStep, step + 1)
    for (const [key, value] of Object.entries(values)) this.#lastValues.set(key, value)
    await this.#log.add(points)
  }

  /** Sends what was logged, and which versions were read, as far as it was not sent yet. */
  async flush(): Promise<void> {
    await Promise.all([this.#log.flush(), this.#inputs.flush()])
  }

  /** Sends what was logged, and ends the run. Ending it twice is harmless. */
  finish({ state = 'finished' }: { state?: 'finished' | 'failed' } = {}): Promise<void> {
    this.#ending ??= this.#finish(state)
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

  async #finish(state: 'finished' | 'failed'): Promise<void> {
    try {
      await this.flush()
      await this.#connection.call('finishRun', {
        attempted: `Ending the run ${this.name}`,
        parameters: this.#parameters(),
        body: { state, commitId: createCommitId() },
      })
      this.#state = state
    } catch (error) {
      this.#ending = undefined // So that it can be tried again.
      this.#couldNotEnd = true
      throw error
    }
  }

  async #append({ segment, points }: LogSegment, once: boolean): Promise<void> {
    await this.#connection.call('putLogSegment', {
      attempted: `Logging to the run ${this.name}`,
      parameters: { ...this.#parameters(), segment },
      body: { points: [...points] },
      once,
    })
  }

  async #addInput({ experiment, type, name, tag }: VersionReference, once: boolean): Promise<void> {
    await this.#connection.call('addInput', {
      attempted: `Recording that the run ${this.name} read ${type}/${name}:${tag}`,
      parameters: this.#parameters(),
      body: { experiment, type, name, tag },
      once,
    })
  }

  #parameters() {
    return { team: this.team, experiment: this.experiment, run: this.name }
  }
}

function checkKey(key: string): string {
  if (key !== '' && key.length <= 256) return key
  throw new TrackwayError(
    'option_invalid',
    `A metric's name has 1 to 256 characters; '${key.slice(0, 50)}' has ${key.length}`,
  )
}

function encodeValue(key: string, value: number): MetricPoint['value'] {
  if (typeof value !== 'number') {
    throw new TrackwayError(
      'option_invalid',
      `The value of ${key} is not a number; log numbers, and put the rest into the run's config`,
    )
  }
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return value
  return value > 0 ? 'Infinity' : '-Infinity'
}
