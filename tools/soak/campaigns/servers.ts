import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom, type Random } from '@trackway/simulation'
import type { Campaign, Counts } from '../campaign.ts'
import { startCluster, type Cluster } from '../processes/cluster.ts'
import { fastDisk } from '../processes/fast-disk.ts'
import { storeOldBlobs } from '../processes/old-blobs.ts'
import { startCommand, type Running } from '../../processes/processes.ts'
import { startWriters } from '../processes/workers.ts'
import { sharedContents } from '../processes/shared-contents.ts'
import type { Acknowledged } from '../processes/writer.ts'
import { verifyServed } from './verify-served.ts'

const serverCount = 3
const artifacts = 6
const writers = { processes: 4, each: 8 }

/** Servers that share a store, and are killed and started again while people write through all of them. */
export const servers: Campaign = {
  name: 'servers',
  title: `${writers.processes * writers.each} writers through ${serverCount} servers over one store, which are killed and restarted, beside sweeps: no call fails, nothing is lost`,
  unit: 'rounds',
  quick: 3,
  full: 150,
  s3: { quick: 3, full: 150 },
  atOnce: true,
  async run(seed, { count: rounds, bucket }) {
    const root = await mkdtemp(join(fastDisk, 'trackway-servers-'))
    // Real ages cannot be made in a bucket.
    const old = bucket === undefined ? join(root, 'data') : undefined
    const data = bucket?.newLocation() ?? join(root, 'data')
    const cluster = await startCluster(data, serverCount)
    const working: Running[] = []
    try {
      for (let process = 0; process < writers.processes; process += 1)
        working.push(
          startWriters(
            {
              host: cluster.url,
              apiKey: cluster.apiKey,
              writers: writers.each,
              artifacts,
              folder: root,
              seed: seed * 100 + process,
            },
            { cache: join(root, `cache-${process}`) },
          ),
        )
      // A store without versions is not swept.
      await Promise.race(working.map((writer) => writer.printed('"did":"upload"')))
      const counts = await disturb(cluster, { random: createRandom(seed), rounds, working, data, old })
      await endWriters(working)
      const acknowledged = working.flatMap((writer) => readAcknowledged(writer.output()))
      return { ...counts, ...(await verifyServed(data, acknowledged)) }
    } finally {
      for (const writer of working) writer.kill()
      await cluster.stop()
      await rm(root, { recursive: true, force: true })
    }
  },
}

interface Disturbance {
  random: Random
  rounds: number
  working: readonly Running[]
  data: string
  /** The folder in which objects can be made old. */
  old: string | undefined
}

/** In each round one or several servers stop and restart during a sweep. */
async function disturb(
  cluster: Cluster,
  { random, rounds, working, data, old }: Disturbance,
): Promise<Counts> {
  const counts = { 'servers killed': 0, 'servers stopped': 0, sweeps: 0, 'sweeps killed': 0 }
  for (let round = 1; round <= rounds; round += 1) {
    if (old !== undefined) await storeOldBlobs(old, sharedContents(round))
    for (const writer of working) writer.child.send(round)
    const isKilled = random.chance(0.2)
    counts[isKilled ? 'sweeps killed' : 'sweeps'] += 1
    const gone = random.pick([[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]])
    await Promise.all([
      sweep(data, isKilled ? random.below(1500) : undefined),
      ...gone.map(async (index) => {
        await sleep(random.below(800))
        const signal = random.chance(0.7) ? 'SIGKILL' : 'SIGTERM'
        counts[signal === 'SIGKILL' ? 'servers killed' : 'servers stopped'] += 1
        await cluster.end(index, signal)
        await sleep(random.below(500))
        await cluster.start(index)
      }),
    ])
  }
  return counts
}

/** One sweep may have died before: nobody else sweeps. */
async function sweep(data: string, killedAfterMs: number | undefined): Promise<void> {
  const running = startCommand('gc', '--store', data, '--resume')
  if (killedAfterMs !== undefined) {
    await sleep(killedAfterMs)
    running.kill()
  }
  const code = await running.ended
  if (killedAfterMs === undefined && code !== 0)
    throw new Error(`A sweep ended with ${String(code)}: ${running.output().slice(-2000)}`)
}

/** The output of the writers. */
function readAcknowledged(output: string): Acknowledged[] {
  // The lines are what `tell` in writer.ts wrote.
  const parse = (line: string) => JSON.parse(line) as Acknowledged
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map(parse)
}

const longestEndMs = 240_000

/** Waits until everything under way is finished; a call that hangs breaks a promise. */
async function endWriters(working: readonly Running[]): Promise<void> {
  for (const { child } of working) if (child.connected) child.send('stop')
  const isLate = new AbortController()
  const late = sleep(longestEndMs, 'late', { signal: isLate.signal, ref: false }).catch(() => 'ended')
  for (const { ended, output } of working) {
    const code = await Promise.race([ended, late])
    if (code === 0) continue
    const complaint = output().replaceAll(/^\{.*\n/gm, '')
    throw new Error(`A process of writers ended with ${String(code)}: ${complaint}`)
  }
  isLate.abort()
}
