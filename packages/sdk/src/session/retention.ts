import type { RetentionAnswer } from '@trackway/protocol'
import { amount, checkOptions, flag, text, whole, type KindsOf } from '@trackway/protocol/options'
import { scopeKinds, type ScopeOptions } from '../calls/scope-options.ts'
import type { Scope } from '../client/scope.ts'
import { performIn, type Caller } from './perform.ts'

/** Which versions are deleted: those that match every given rule. */
export interface RetentionRules {
  /** Keeps this many of the newest versions of each artifact. */
  keepLast?: number | undefined
  /** Keeps versions that are younger than this. */
  olderThanDays?: number | undefined
  /** Only artifacts of this type. */
  type?: string | undefined
  /** Only artifacts of this name. */
  name?: string | undefined
  /** Deletes nothing, and reports what would be deleted. Default: false. */
  dryRun?: boolean | undefined
}

/** The methods of a session for retention. */
export interface RetentionCalls {
  /**
   * Deletes versions of the experiment by rule, such as `{ keepLast: 3, olderThanDays: 30 }`; with `dryRun`
   * it only reports which, and how many bytes that would free. A version is deleted if it matches every given
   * rule. Versions that an alias points at, and the newest version of each artifact, are kept. Requires the
   * role `admin`. Throws `option_invalid`, `forbidden`.
   */
  applyRetention(rules: RetentionRules, options?: ScopeOptions): Promise<RetentionAnswer>
}

const ruleKinds = {
  keepLast: whole(3, 1),
  olderThanDays: amount(30),
  type: text('dataset'),
  name: text('sample'),
  dryRun: flag,
} satisfies KindsOf<RetentionRules>

/** @internal */
export function retentionCalls(caller: Caller): RetentionCalls {
  return {
    applyRetention: (rules, options = {}) =>
      performIn(caller, { call: 'applyRetention', kinds: scopeKinds, options }, (scope) =>
        applyRetention(scope, rules, options),
      ),
  }
}

async function applyRetention(
  scope: Scope,
  rules: RetentionRules,
  { signal }: ScopeOptions,
): Promise<RetentionAnswer> {
  checkOptions('applyRetention, the rules', rules, ruleKinds)
  const { connection, team, experiment } = scope
  return connection.call('applyRetention', {
    attempted: `Applying retention rules to ${team}/${experiment}`,
    parameters: { team, experiment },
    body: rules,
    signal,
  })
}
