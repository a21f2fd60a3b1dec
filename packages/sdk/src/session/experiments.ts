import { text, type KindsOf } from '@trackway/protocol/options'
import { scopeKinds, type TeamOptions } from '../calls/scope-options.ts'
import { readAll } from '../client/read-all.ts'
import type { Scope } from '../client/scope.ts'
import { performIn, type Caller } from './perform.ts'

/** The methods of a session for experiments. */
export interface ExperimentCalls {
  /**
   * The names of the team's experiments, in alphabetical order. An experiment exists from its first run or
   * version on. Throws `forbidden`, `name_invalid`.
   */
  listExperiments(options?: TeamOptions): Promise<string[]>
}

const teamKinds = { team: text('vision'), signal: scopeKinds.signal } satisfies KindsOf<TeamOptions>

/** @internal */
export function experimentCalls(caller: Caller): ExperimentCalls {
  return {
    listExperiments: (options = {}) =>
      performIn(caller, { call: 'listExperiments', kinds: teamKinds, options }, listExperiments),
  }
}

async function listExperiments({ connection, team }: Scope, { signal }: TeamOptions): Promise<string[]> {
  const asked = {
    attempted: `Listing the experiments of ${team}`,
    parameters: { team },
    query: { limit: '1000' },
    signal,
  }
  const experiments = await readAll(asked, (page) => connection.call('listExperiments', page))
  return experiments.map(({ experiment }) => experiment)
}
