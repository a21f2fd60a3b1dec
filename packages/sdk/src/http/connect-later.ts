import { defaultLimits, TrackwayError } from '@trackway/protocol'
import { connect, elsewhereOf, serverUrlOf, type ConnectOptions } from './connect.ts'
import type { Connection } from './connection.ts'

/**
 * A connection to a server that cannot be reached at the moment: each call tries to reach it. Throws `config_invalid`
 * where another store answers by then.
 */
export function connectLater(options: ConnectOptions, storeId: string): Connection {
  let connected: Connection | undefined

  async function reach(): Promise<Connection> {
    if (connected !== undefined) return connected
    const reached = await connect(options)
    if (reached.storeId !== storeId) {
      throw new TrackwayError(
        'config_invalid',
        `Connecting to ${options.label}: it has another store by now than at the last login; log in again`,
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
    links: () => connected?.links() ?? Promise.resolve(undefined),
    elsewhere: elsewhereOf(options),
    call: async (name, input) => (await reach()).call(name, input),
    callUnlessSame: async (name, input) => (await reach()).callUnlessSame(name, input),
    bytes: async (name, input) => (await reach()).bytes(name, input),
    putBlobs: async (input) => (await reach()).putBlobs(input),
    putManifest: async (input) => (await reach()).putManifest(input),
    receive: async (name, input) => (await reach()).receive(name, input),
  }
}
