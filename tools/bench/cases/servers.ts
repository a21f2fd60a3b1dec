import { join } from 'node:path'
import { startServer, type RunningServer } from '../../processes/processes.ts'
import { startRoundRobin, type RoundRobin } from '../../processes/round-robin.ts'
import { openTestBucket } from '../../s3-servers/test-bucket.ts'
import { nameOfStore, testStores } from '../../s3-servers/test-stores.ts'
import { startClient } from '../client.ts'
import type { Lab, Row } from '../lab.ts'
import { describeEffort, effortSince, takeEffort, type Effort } from '../effort.ts'
import { median } from '../statistics.ts'

const most = 3
const clients = { processes: 2, writers: 8 }
const mebibyte = 2 ** 20

/** Measures how many small versions per second one, two and three servers over one bucket make. */
export async function servers(lab: Lab): Promise<Row[]> {
  const [location] = testStores()
  if (location === undefined)
    return [{ case: 'servers', what: 'skipped: TRACKWAY_TEST_S3 names no store', ms: [] }]
  return await measureStore(lab, location)
}

/** The servers, the clients and their work. */
interface Setting {
  lab: Lab
  proxy: RoundRobin
  servers: readonly RunningServer[]
  apiKey: string
  /** How many versions each writer makes. */
  versions: number
}

async function measureStore(lab: Lab, location: string): Promise<Row[]> {
  const bucket = await openTestBucket(location)
  const data = bucket.newLocation()
  const proxy = await startRoundRobin()
  const running: RunningServer[] = []
  try {
    while (running.length < most) running.push(await startServer(data))
    const apiKey = running[0]?.key ?? ''
    const setting = { lab, proxy, servers: running, apiKey, versions: lab.quick ? 3 : 12 }
    // The first requests to a server are slow.
    await measure(setting, most, 'first')
    const measured: Measured[][] = Array.from({ length: most }, () => [])
    for (let round = 0; round < lab.rounds; round += 1)
      for (const [index, results] of measured.entries())
        results.push(await measure(setting, index + 1, `round-${round}`))
    return describe(measured, setting, nameOfStore(location))
  } finally {
    for (const server of running) server.kill()
    await Promise.all(running.map(({ ended }) => ended))
    await proxy.close()
    await bucket.clear()
  }
}

interface Measured {
  ms: number
  sentBytes: number
  effort: Effort
}

/** Measures with the first `count` servers; the others get no connections. */
async function measure(setting: Setting, count: number, name: string): Promise<Measured> {
  const { lab, proxy, apiKey, versions } = setting
  proxy.sendTo(setting.servers.slice(0, count).map(({ url }) => Number(new URL(url).port)))
  const folder = await lab.newFolder()
  const url = `http://127.0.0.1:${proxy.port}`
  const working = await Promise.all(
    Array.from({ length: clients.processes }, (_, index) =>
      startClient({ url, apiKey, folder: join(folder, String(index)), flags: [] }),
    ),
  )
  try {
    const before = await takeEffort()
    const begin = performance.now()
    const reports = await Promise.all(
      working.map((client, index) =>
        client.carryOut({
          action: 'small-versions',
          name: `${name}-${count}-${index}`,
          writers: clients.writers,
          versions,
        }),
      ),
    )
    const ms = performance.now() - begin
    const effort = effortSince(before, await takeEffort(), {
      servers: setting.servers.map(({ child }) => child.pid ?? 0),
      clients: working.map(({ pid }) => pid),
    })
    const sentBytes = reports.reduce((sum, report) => sum + (report.sentBytes ?? Number.NaN), 0)
    return { ms, sentBytes, effort }
  } finally {
    for (const client of working) client.stop()
  }
}

function describe(measured: readonly Measured[][], setting: Setting, store: string): Row[] {
  const made = clients.processes * clients.writers * setting.versions
  const rows: Row[] = []
  for (const [index, results] of measured.entries()) {
    const row: Row = {
      case: 'servers',
      what: `${made} small versions by ${clients.processes * clients.writers} writers through ${index + 1} server(s) over ${store}`,
      ms: results.map(({ ms }) => ms),
      amount: { count: made, unit: 'versions' },
      against: rows[0],
      notes: [
        `${median(results.map(({ sentBytes, ms }) => sentBytes / mebibyte / (ms / 1000))).toFixed(1)} MiB/s`,
        ...describeEffort(
          results.map(({ effort }) => effort),
          made,
        ),
      ],
    }
    rows.push(row)
  }
  return rows
}
