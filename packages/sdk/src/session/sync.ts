import { checkOptions, signal, type KindsOf } from '@trackway/protocol/options'
import type { Caller } from './perform.ts'
import { syncRuns, type SyncResult } from './sync-runs.ts'

/** How what was left behind is sent. */
export interface SyncOptions {
  /** Cancels the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/** The method of a session that sends what runs left behind. */
export interface SyncCalls {
  /**
   * Sends what runs of this store and user logged on this machine before their processes ended or were
   * killed, and ends these runs. Doing it again sends nothing twice. What belongs to another store or user is
   * kept and listed. `init` does the same in the background. Throws `network_error`, `aborted`; what was not
   * sent is kept.
   */
  sync(options?: SyncOptions): Promise<SyncResult>
}

const syncKinds = { signal } satisfies KindsOf<SyncOptions>

/** @internal */
export function syncCalls(caller: Caller): SyncCalls {
  return {
    async sync(options = {}) {
      checkOptions('sync', options, syncKinds)
      return syncRuns(caller, options.signal)
    },
  }
}
