import type { Call } from './call.ts'
import { callsOfArtifacts } from './calls-of-artifacts.ts'
import { callsOfSessions } from './calls-of-sessions.ts'
import { callsOnward } from './calls-onward.ts'

/** Every call of the SDK that reads what a server says. */
export const calls: readonly Call[] = [...callsOfArtifacts, ...callsOfSessions, ...callsOnward]
