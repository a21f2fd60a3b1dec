import { closeSync, constants, fsync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { metricPointSchema, safeParse, versionNameSchema, type MetricPoint } from '@trackway/protocol'
import { systemCodeOf } from '@trackway/protocol/node'
import * as z from 'zod/mini'
import type { Leftover, RunSpool } from '../../run-keeper.ts'

// A spool is a file of JSON lines: first whose it is, then what happened, in order. It may end anywhere: a
// line that is cut off never happened.

/** Milliseconds between writes, at least. */
const pauseMs = 5
/** A slow disk is given more time: up to this while the program computes, and up to that when it pauses. */
const mostPauseMs = 1_000
const mostIdleMs = 50
/** A write may take this part of the time. */
const share = 1 / 20
/** Milliseconds after which what was written survives a power loss. */
const flushMs = 1_000

export const headerSchema = z.object({
  spool: z.literal(1),
  run: z.object({
    address: z.string(),
    storeId: z.string(),
    user: z.string(),
    team: z.string(),
    experiment: z.string(),
    run: z.string(),
    began: z.string(),
    writer: z.string(),
    sequence: z.number(),
  }),
  owner: z.object({ id: z.string(), host: z.string(), pid: z.number(), startedAt: z.optional(z.string()) }),
})
export type SpoolHeader = z.infer<typeof headerSchema>

const { shape } = metricPointSchema
const lineSchema = z.union([
  z.object({ log: z.array(z.tuple([shape.step, shape.key, shape.value, shape.time])), after: z.number() }),
  z.object({ segment: z.string(), count: z.number() }),
  z.object({ settled: z.string() }),
  z.object({ input: versionNameSchema }),
  z.object({
    end: z.object({
      state: z.enum(['finished', 'failed', 'interrupted']),
      error: z.optional(z.string()),
      commitId: z.string(),
      expected: z.optional(z.string()),
    }),
  }),
])
type Line = z.infer<typeof lineSchema>

interface SpoolOptions {
  /** Of a new spool. Without it, an existing one is continued, and keeps what it has. */
  header?: SpoolHeader
  /** The spool cannot be written any more. */
  onFailure: (error: unknown) => void
}

/** Without creating the file, which another process may have sent and removed. */
const append = constants.O_WRONLY | constants.O_APPEND

/** Opens a spool that only this user can read. Throws the system's error if that is not possible. */
export function openSpool(path: string, { header, onFailure }: SpoolOptions): RunSpool {
  const begin = header === undefined ? '' : `${JSON.stringify(header)}\n`
  let file: number | undefined = openSync(path, header === undefined ? append : 'ax', 0o600)
  let after = header?.run.sequence ?? 0
  let lines: string[] = []
  let points: MetricPoint[] = []
  // Not settled yet. A spool that is continued is removed as a whole.
  let open = header === undefined ? Number.POSITIVE_INFINITY : 0
  const segments = new Map<string, number>()
  const inputs = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isEmpty = true
  let pause = pauseMs
  let writtenAt = Number.NEGATIVE_INFINITY
  let flushedAt = performance.now()
  let isEnding = false

  function add(line: Line): void {
    takePoints()
    lines.push(JSON.stringify(line))
  }

  function takePoints(): void {
    if (points.length === 0) return
    const log = points.map((point) => [point.step, point.key, point.value, point.time] as const)
    points = []
    lines.push(JSON.stringify({ log, after }))
  }

  function write(): void {
    clearTimeout(timer)
    timer = undefined
    takePoints()
    if (file === undefined || lines.length === 0) return
    const text = `${lines.join('\n')}\n`
    lines = []
    attempt(file, (to) => writeFileSync(to, text))
    isEmpty = false
    flush()
  }

  /** What fails once is not tried again: the lines after it would be about something that is missing. */
  function attempt(to: number, work: (file: number) => void): void {
    const begun = performance.now()
    try {
      work(to)
    } catch (error) {
      file = undefined
      closeSync(to)
      onFailure(error)
    }
    writtenAt = performance.now()
    pause = Math.min(Math.max(pauseMs, (writtenAt - begun) / share), mostPauseMs)
  }

  /** Off the loop, and also while a program computes without pausing. */
  function flush(): void {
    if (file === undefined || writtenAt - flushedAt < flushMs) return
    flushedAt = writtenAt
    fsync(file, () => {}) // A disk that fails is noticed by the next write.
  }

  /** Writes at once, unless the last write was just before. */
  function writeSoon(): void {
    if (performance.now() - writtenAt >= pause) return write()
    timer ??= setTimeout(write, Math.min(pause, mostIdleMs))
    if (typeof timer === 'object') timer.unref()
  }

  /** Everything is settled: what was written is not needed any more. */
  function shrink(): void {
    if (open > 0 || inputs.size > 0 || isEnding) return
    lines = []
    points = []
    if (file !== undefined && !isEmpty) attempt(file, () => truncateSync(path, Buffer.byteLength(begin)))
    isEmpty = true
  }

  // A spool that is continued may end in a line that was cut off.
  writeFileSync(file, begin === '' ? '\n' : begin)
  return {
    path,
    log(logged) {
      open += logged.length
      for (const point of logged) points.push(point)
      writeSoon()
    },
    segment(name, count) {
      segments.set(name, count)
      add({ segment: name, count })
      after = Math.max(after, sequenceOf(name))
      write()
    },
    settle(name) {
      open -= segments.get(name) ?? 0
      segments.delete(name)
      add({ settled: name })
      shrink()
      if (lines.length > 0) writeSoon()
    },
    input(version) {
      inputs.add(JSON.stringify(version))
      add({ input: version })
      writeSoon()
    },
    settleInput(version) {
      inputs.delete(JSON.stringify(version))
      shrink()
    },
    end(end) {
      isEnding = true
      add({ end })
      write()
    },
    remove() {
      clearTimeout(timer)
      const last = file
      file = undefined
      try {
        if (last !== undefined) closeSync(last)
        rmSync(path, { force: true })
      } catch (error) {
        onFailure(error)
      }
    },
  }
}

/** What a spool has, as it would be sent by the process that wrote it. Undefined if it does not exist. */
export async function readSpool(path: string, { run }: SpoolHeader): Promise<Leftover | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCodeOf(error) !== 'ENOENT') throw error
  })
  return text === undefined ? undefined : replay(run, text)
}

function replay(run: SpoolHeader['run'], content: string): Leftover {
  const [, ...lines] = content.split('\n')
  const segments = new Map<string, MetricPoint[]>()
  const settled = new Set<string>()
  const inputs = new Map<string, Leftover['inputs'][number]>()
  let rest: MetricPoint[] = []
  let { sequence } = run
  let end: Leftover['end']
  for (const text of lines) {
    const line = parseLine(text)
    if (line === undefined) continue
    if ('log' in line) {
      sequence = Math.max(sequence, line.after)
      for (const [step, key, value, time] of line.log) rest.push({ step, key, value, time })
    } else if ('segment' in line) {
      if (settled.has(line.segment)) continue // Another process sent it while this one tried to.
      sequence = Math.max(sequence, sequenceOf(line.segment))
      rest = [...(segments.get(line.segment) ?? []), ...rest]
      segments.set(line.segment, rest.splice(0, line.count))
    } else if ('settled' in line) {
      segments.delete(line.settled)
      settled.add(line.settled)
    } else if ('input' in line) inputs.set(JSON.stringify(line.input), line.input)
    else end = line.end
  }
  return {
    run,
    segments: [...segments].map(([segment, points]) => ({ segment, points })),
    rest,
    sequence,
    inputs: [...inputs.values()],
    end,
  }
}

function parseLine(text: string): Line | undefined {
  try {
    const result = safeParse(lineSchema, JSON.parse(text))
    return result.success ? result.data : undefined
  } catch {
    return undefined
  }
}

/** Whose a spool is; undefined for a file that is not a spool. */
export function parseHeader(text: string): SpoolHeader | undefined {
  try {
    const result = safeParse(headerSchema, JSON.parse(text))
    return result.success ? result.data : undefined
  } catch {
    return undefined
  }
}

/** The number that the name of a segment begins with. */
function sequenceOf(segment: string): number {
  return Number.parseInt(segment, 10) || 0
}
