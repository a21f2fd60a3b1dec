// What the process does that sends the runs of another one (platform/node/runs/trackway-sender.ts).
import { isAddress } from '@trackway/protocol'
import { environment } from '#platform'
import type { Reach } from '../platform/run-keeper.ts'
import { login } from './login.ts'
import './open-session.ts'
import './sync-runs.ts'

/** The parts that are loaded late elsewhere are loaded with this module; opening a folder takes longest. */
export async function prepareToSend({ store }: Reach): Promise<void> {
  if (store !== undefined && !isAddress(store)) await environment.openEmbedded?.(store, { create: false })
}

export async function sendLeftBehind(reach: Reach): Promise<void> {
  const session = await login({ ...reach, create: false, quiet: true, retry: { budgetMs: 10_000 } })
  await session.sync()
}
