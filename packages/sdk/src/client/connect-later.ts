import { defaultLimits, TrackwayError } from '@trackway/protocol'
import { connect, elsewhereOf, serverUrlOf, type ConnectOptions } from './connect.ts'
import type { Connection } from './connection.ts'

/**
 * A connection to a server that cannot be reached at the moment: each call tries to reach it. Throws
 * `config_invalid` if a different store answers by then.
 */
export function connectLater(options: ConnectOptions, storeId: string): Connection {
  let connected: Connection | undefined
  let quiet: Connection | undefined

  /** Each caller has a signal of its own: canceling one call does not affect the others. */
  async function reach(signal: AbortSignal | undefined): Promise<Connection> {
    if (connected !== undefined) return connected
    const reached = await connect({ ...options, signal })
    if (reached.storeId !== storeId) {
      throw new TrackwayError(
        'config_invalid',
        `Connecting to ${options.label}: it now has a different store than at the last login; log in again`,
      )
    }
    connected = reached
    return reached
  }

  return {
    url: options.label,
    address: options.address ?? options.label,
    storeId,
    serverUrl: serverUrlOf(options),
    isRemote: options.isRemote ?? false,
    get limits() {
      return connected?.limits ?? defaultLimits
    },
    get quietly() {
      return (quiet ??= connectLater({ ...options, notice: undefined }, storeId))
    },
    presignedUrls: () => connected?.presignedUrls() ?? Promise.resolve(undefined),
    elsewhere: elsewhereOf(options),
    call: async (name, input) => (await reach(input.signal)).call(name, input),
    callUnlessSame: async (name, input) => (await reach(input.signal)).callUnlessSame(name, input),
    bytes: async (name, input) => (await reach(input.signal)).bytes(name, input),
    putBlobs: async (input) => (await reach(input.signal)).putBlobs(input),
    putManifest: async (input) => (await reach(input.signal)).putManifest(input),
    receive: async (name, input) => (await reach(input.signal)).receive(name, input),
  }
}
