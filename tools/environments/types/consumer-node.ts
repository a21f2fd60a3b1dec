// The part that needs Node's types.
import { openDirectoryStore, serve, type RunningServer } from '@trackway/server/node'
import { createApp } from '@trackway/server'
import { addServeCommand } from '@trackway/server/command'
import { createFaultStore, describeObjectStore } from '@trackway/server/testing'

export async function run(folder: string): Promise<unknown[]> {
  const store = await openDirectoryStore(folder)
  const running: RunningServer = await serve({ app: await createApp({ store }), port: 0 })
  return [running.url, addServeCommand, createFaultStore, describeObjectStore]
}
