import * as z from 'zod/mini'
import { TrackwayError } from '../errors.ts'
import { count, formatVersion, time } from '../fields.ts'
import { metadataSchema } from '../metadata.ts'
import { nameSchema, parseName } from '../names.ts'
import { nextPageSchema, pageQuery, pageSchema } from '../page.ts'
import { experimentPath, runPath, type Routes } from '../route.ts'
import { versionNameSchema, type VersionName } from './lineage.ts'

/** Characters of the error message of a failed run. */
export const maxRunErrorLength = 4096

export const runStateSchema = z.enum(['running', 'finished', 'failed', 'interrupted'])
/** The state of a run: `running`, `finished`, `failed`, or `interrupted` if its process was killed. */
export type RunState = z.infer<typeof runStateSchema>

/** One state of a run; the newest one counts. */
export const runDocumentSchema = z.object({
  /** The document's format version: 1. */
  formatVersion,
  /** The team that it belongs to. */
  team: nameSchema,
  /** The experiment that the run belongs to. */
  experiment: nameSchema,
  /** The name of the run. */
  run: nameSchema,
  /** The state. */
  state: runStateSchema,
  /** The error message of a run that failed, if one was given. */
  error: z.optional(z.string().check(z.maxLength(maxRunErrorLength))),
  /** The configuration of the run. */
  config: metadataSchema,
  /** The id of the request that made this state. */
  commitId: z.uuid(),
  /** When the run began. */
  createdAt: time,
  /** Who began it. */
  createdBy: nameSchema,
  /** When this state began. */
  updatedAt: time,
})
/** A run in its current state. */
export interface RunDocument extends z.infer<typeof runDocumentSchema> {}

/** A run as it is stored: for older readers, one that was interrupted is a failed one. */
export const storedRunSchema = z.extend(runDocumentSchema, {
  state: z.enum(['running', 'finished', 'failed']),
  interrupted: z.optional(z.literal(true)),
})

/** A measured value. JSON lacks the last three numbers, which a training that goes wrong does log. */
export const metricValueSchema = z.union([z.number(), z.literal(['NaN', 'Infinity', '-Infinity'])])

/** Stored in segments of a log: one logged value of one metric. */
export const metricPointSchema = z.object({
  step: count,
  key: z.string().check(z.minLength(1), z.maxLength(256)),
  value: metricValueSchema,
  /** Milliseconds since 1970. */
  time: count,
})
export type MetricPoint = z.infer<typeof metricPointSchema>

/** Begins a run, or resumes the one with that name. */
export const createRunSchema = z.strictObject({
  /** Left out: the server makes a name. */
  run: z.optional(nameSchema),
  config: z.optional(metadataSchema),
  /** A UUID made by the client. Sending it again returns the same run. */
  commitId: z.uuid(),
})

/** A new or resumed run. */
export const begunRunSchema = z.extend(runDocumentSchema, {
  /** If the run has a log: one more than the highest step of the last log entries. */
  nextStep: z.optional(count),
})
export type BegunRun = z.infer<typeof begunRunSchema>

export const runSchema = z.extend(runDocumentSchema, {
  inputs: z.array(versionNameSchema),
  outputs: z.array(versionNameSchema),
})
/** A run in its current state, and its part of the lineage. */
export interface RunSummary extends z.infer<typeof runSchema> {
  /** The versions that it read. */
  inputs: VersionName[]
  /** The versions that it made. */
  outputs: VersionName[]
}

/** Ends a run. */
export const finishRunSchema = z.strictObject({
  state: z.enum(['finished', 'failed', 'interrupted']),
  /** Why the run failed or was interrupted. */
  error: runDocumentSchema.shape.error,
  commitId: z.uuid(),
  /** Ends the run only if its state is the one with this `commitId`; otherwise nothing changes. */
  expected: z.optional(z.uuid()),
})

/** Appends values to a run's log. */
export const logSegmentSchema = z.strictObject({
  points: z.array(metricPointSchema).check(z.minLength(1), z.maxLength(10_000)),
})

/** The values that a run logged, those of each process in the order in which it logged them. */
export const logPageSchema = z.object({ points: z.array(metricPointSchema), next: nextPageSchema })

/** Ten digits that count up and eight hex digits that identify the writer: two writers never collide. */
const segmentNameSchema = z.string().check(z.regex(/^\d{10}-[0-9a-f]{8}$/))

export const runParameters = {
  run: { schema: nameSchema, parse: (text: string) => parseName('run', text), example: 'train-1' },
  segment: {
    schema: segmentNameSchema,
    parse(text: string): string {
      const result = segmentNameSchema.safeParse(text)
      if (result.success) return result.data
      throw new TrackwayError(
        'request_invalid',
        `'${text}' is not a valid name of a log segment; write ten digits, a hyphen and eight hex digits`,
      )
    },
    example: '0000000001-5eed5eed',
  },
}

export const runRoutes = {
  createRun: {
    method: 'POST',
    path: `${experimentPath}/runs`,
    access: 'write',
    body: createRunSchema,
    response: begunRunSchema,
    statuses: [200, 201],
  },
  listRuns: {
    method: 'GET',
    path: `${experimentPath}/runs`,
    access: 'read',
    query: pageQuery,
    response: pageSchema(runDocumentSchema),
  },
  getRun: {
    method: 'GET',
    path: runPath,
    access: 'read',
    response: runSchema,
  },
  finishRun: {
    method: 'POST',
    path: `${runPath}/finish`,
    access: 'write',
    body: finishRunSchema,
    response: runDocumentSchema,
  },
  putLogSegment: {
    method: 'PUT',
    path: `${runPath}/log/{segment}`,
    access: 'write',
    body: logSegmentSchema,
    response: z.object({ stored: z.boolean() }),
  },
  getLog: {
    method: 'GET',
    path: `${runPath}/log`,
    access: 'read',
    query: pageQuery,
    response: logPageSchema,
  },
} as const satisfies Routes

export const runSummaries: Record<keyof typeof runRoutes, string> = {
  createRun: 'Begins a run, or resumes the one with that name',
  listRuns: 'The runs of an experiment',
  getRun: 'A run, what it read and what it made',
  finishRun: 'Ends a run',
  putLogSegment: 'Appends values to a run’s log; a segment that exists already is not written again',
  getLog: 'The values that a run logged',
}
