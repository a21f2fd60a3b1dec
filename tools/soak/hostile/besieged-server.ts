import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createApiKey } from '@trackway/server'
import { openDirectoryStore } from '@trackway/server/node'
import { Artifact, login } from '@trackway/sdk'
import type { Site } from '../processes/exchange.ts'
import { fastDisk } from '../processes/fast-disk.ts'
import { startServer } from '../../processes/processes.ts'
import { hostileTeam } from './attack.ts'
import { bystanders } from './bystander.ts'
import type { PartOptions } from './part.ts'

const heapMiB = 512
const ordinaryFiles = 40

/** A server of two teams, one of which is about to attack it. */
export interface BesiegedServer {
  pid: number
  /** Of honest users. */
  site: Site
  hostileSite: Site
  isAlive(): boolean
  /** The last lines that it printed. */
  said(): string
  stop(): Promise<void>
}

/** Starts a server and uses it as people do, so that its memory is not that of one just started. */
export async function startBesiegedServer({
  isQuick,
}: Pick<PartOptions, 'isQuick'>): Promise<BesiegedServer> {
  const data = await mkdtemp(join(fastDisk, 'trackway-hostile-'))
  const store = await openDirectoryStore(data)
  const [ours, theirs] = await Promise.all([
    createApiKey(store, { user: 'ada', roles: { [bystanders.team]: 'write' } }),
    createApiKey(store, { user: 'mallory', roles: { [hostileTeam]: 'write' } }),
  ])
  const server = await startServer(data, { heap: heapMiB })
  const { hostname, port } = new URL(server.url)
  await useAsPeopleDo({ host: server.url, apiKey: ours.key, reads: isQuick ? 50 : 300 })
  const site = { agent: false as const, host: hostname, port: Number(port) }
  return {
    pid: server.child.pid ?? 0,
    site: { ...site, key: ours.key },
    hostileSite: { ...site, key: theirs.key },
    isAlive: () => server.child.exitCode === null && server.child.signalCode === null,
    said: () => server.output().slice(-2000),
    async stop() {
      server.kill()
      await server.ended
      await rm(data, { recursive: true })
    },
  }
}

/** Uploads 40 MiB of files, reads them again, and requests a version this many times. */
async function useAsPeopleDo({
  host,
  apiKey,
  reads,
}: {
  host: string
  apiKey: string
  reads: number
}): Promise<void> {
  const session = await login({ host, apiKey, team: bystanders.team, quiet: true })
  await session.init({ experiment: bystanders.experiment, quiet: true })
  const artifact = new Artifact(bystanders.name, bystanders.type)
  for (let file = 0; file < ordinaryFiles; file += 1)
    await artifact.add(randomBytes(1024 * 1024), { name: `${file}.bin` })
  await session.uploadArtifact(artifact, { quiet: true })
  const stored = await session.getArtifact(bystanders.name, bystanders.type)
  for (let file = 0; file < ordinaryFiles; file += 1) await stored.entry(`${file}.bin`).bytes()
  for (let time = 0; time < reads; time += 1) await session.getArtifact(bystanders.name, bystanders.type)
  await session.run?.finish()
}
