import type * as z from 'zod/mini'

/** The base path of the protocol on a server. */
export const apiBase = '/api/v1'

/** The media type of manifests and logs: JSON values, one per line. */
export const ndjsonMediaType = 'application/x-ndjson'

/** A route: one description for the server, the clients and the OpenAPI document. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /**
   * After the base, with parameters in braces. A parameter is one percent-encoded segment, except for
   * `{path}`.
   */
  path: string
  /** The minimum role in the team; `key`: any valid key; `public`: none. */
  access: 'read' | 'write' | 'admin' | 'key' | 'public'
  /** Whether a signed URL replaces the key: its query says in whose name, until when, and proves it. */
  signable?: boolean
  /** Query parameters; all are optional texts. */
  query?: z.ZodMiniType
  /** A JSON body's schema, or the media type of a body that is not JSON. */
  body?: z.ZodMiniType | string
  /** The schema of a JSON answer, or the media type of an answer of bytes. */
  response: z.ZodMiniType | string
  /** Statuses of success. Default: 200. */
  statuses?: readonly number[]
}

/** Routes by name. */
export type Routes = Record<string, Route>

// Where the routes of most resources begin.
export const experimentPath = '/teams/{team}/experiments/{experiment}'
export const artifactPath = `${experimentPath}/artifacts/{type}/{name}` as const
export const versionPath = `${artifactPath}/versions/{revision}` as const
export const runPath = `${experimentPath}/runs/{run}` as const
