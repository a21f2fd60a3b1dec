import { formatSpec, type Lineage } from '@trackway/protocol'
import { scopeKinds, type ScopeOptions } from '../calls/scope-options.ts'
import type { Scope } from '../client/scope.ts'
import { askedOf, parametersOf, type Subject, type VersionArguments } from './call-arguments.ts'
import { performOn, type Caller } from './perform.ts'

/** The methods of a session for lineage. */
export interface LineageCalls {
  /** Which run made a version, and which runs read it. */
  getLineage(...given: VersionArguments): Promise<Lineage>
}

/** @internal */
export function lineageCalls(caller: Caller): LineageCalls {
  return {
    getLineage: (...given) =>
      performOn(caller, { call: 'getLineage', follows: ['revision'], kinds: scopeKinds, given }, getLineage),
  }
}

async function getLineage(scope: Scope, subject: Subject, { signal }: ScopeOptions): Promise<Lineage> {
  const asked = askedOf(subject)
  await scope.run?.flushInputs(signal)
  return scope.connection.call('getLineage', {
    attempted: `Reading the lineage of ${formatSpec(asked)}`,
    parameters: { ...parametersOf(scope, subject), revision: asked.revision },
    signal,
  })
}
