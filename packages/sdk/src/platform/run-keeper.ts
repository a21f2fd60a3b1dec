import type { MetricPoint, RunState, VersionName } from '@trackway/protocol'

/** The run that a spool belongs to. Nothing of it is sent to another origin, or as another user. */
export interface SpooledRun {
  /** The canonical address of the store, and its id. */
  address: string
  storeId: string
  user: string
  team: string
  experiment: string
  run: string
  /** The `commitId` of the state in which the run is: the end applies to no later state. */
  began: string
  /** Names the log segments, which count up from after `sequence`. */
  writer: string
  sequence: number
}

/** How a run ended. */
export interface RunEnd {
  state: Exclude<RunState, 'running'>
  error?: string | undefined
  commitId: string
  /** The `commitId` of the state that ends. Default: the one in which the spool began. */
  expected?: string | undefined
}

/**
 * What a run logged and the server has not confirmed, on disk. Nothing here throws: a disk that is full is
 * reported once.
 */
export interface RunSpool {
  /** The file. */
  readonly path: string
  /** Points were logged. Written at once, or a few milliseconds later if the last write was just before. */
  log(points: readonly MetricPoint[]): void
  /** The next `count` points are this segment; of a known one, the other points are to be sent after it. */
  segment(name: string, count: number): void
  /** The server has a segment, or does not accept it. */
  settle(name: string): void
  input(version: VersionName): void
  settleInput(version: VersionName): void
  /** How the run ends. */
  end(end: RunEnd): void
  /** The server has everything, or the run does without it. */
  remove(): void
}

/** What a run left in its spool. */
export interface Leftover {
  run: SpooledRun
  segments: { segment: string; points: MetricPoint[] }[]
  /** Points that belong to no segment yet, and the sequence number of the last segment. */
  rest: MetricPoint[]
  sequence: number
  inputs: VersionName[]
  end: RunEnd | undefined
}

/** The spool of a process that is gone. */
export interface LeftSpool {
  /** The file. */
  path: string
  run: SpooledRun
  /** Undefined if another process has sent and removed it. */
  read(): Promise<Leftover | undefined>
  /** Continues it while it is being sent; undefined if another process has sent and removed it. */
  open(): RunSpool | undefined
}

/** Options of `login` with which another process reaches the same store. */
export interface Reach {
  host?: string | undefined
  store?: string | undefined
  apiKey?: string | undefined
}

/** A run of this process that has not ended. */
export interface OpenRun {
  /** Sends the rest, and ends the run. */
  end(how: HowEnded, signal: AbortSignal): Promise<void>
  /** Records how the run ended, for another process that sends it. Returns the spool, if there is one. */
  record(how: HowEnded): string | undefined
  /** Reports that what was recorded is kept, since it could not be sent. */
  kept(): void
}

/** A run of this process that has ended. */
export type EndedRun = Pick<OpenRun, 'record' | 'kept'>

/** How a process ended, as far as it concerns its runs. */
export interface HowEnded {
  state: 'finished' | 'failed'
  error?: string | undefined
}

/** Keeps runs from being lost with their process. Browsers do not have it. */
export interface RunKeeper {
  /**
   * Begins the spool of a run; undefined if there is no folder for it, which is reported. With `reach`,
   * another process sends it if this one is killed.
   */
  keep(run: SpooledRun, options: KeepOptions): Promise<RunSpool | undefined>
  /** Ends the run with the process, until the returned function is called. */
  whileOpen(run: OpenRun): () => void
  /**
   * A run ended as finished, before it can be known whether an error ended its block. If it did and ends the
   * process, `record` is called; otherwise `onOver`.
   */
  afterBlock(run: EndedRun, onOver: () => void): void
  /** The spools of processes that are gone, the oldest first. */
  leftBehind(): Promise<LeftSpool[]>
}

export interface KeepOptions {
  reach: Reach
  /** The module whose `sendLeftBehind` sends spools. */
  sender: string | undefined
  print: (text: string) => void
}
