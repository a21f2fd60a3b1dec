import { join } from 'node:path'
import type { Order } from '../client.ts'
import { writeLargeFile } from '../data.ts'
import { execute, openLab, type Lab, type Row } from '../lab.ts'

/** Measures the peak memory of a separate client and server, for a smaller and a larger large file. */
export async function memory(lab: Lab): Promise<Row[]> {
  const small = await measure(lab, { bytes: 64 * 2 ** 20 })
  const bytes = lab.quick ? 512 * 2 ** 20 : 4 * 2 ** 30
  const large = await measure(lab, { bytes })
  const label = `${bytes / 2 ** 20} MiB`
  const rows: Row[] = []
  for (const side of ['client', 'server'] as const) {
    const share = large[side] / small[side]
    const reached = share <= 1.2 && large[side] <= 350
    rows.push({
      case: 'memory',
      what: `peak of the ${side}: ${small[side]} MiB for 64 MiB, ${large[side]} MiB for ${label}`,
      ms: [],
      target: { text: `at most 1.2 times: ${share.toFixed(2)}; at most 350 MiB`, reached },
    })
  }
  for (const flags of [[], ['--max-semi-space-size=8']]) {
    const { client } = await measure(lab, { bytes, flags, inOneProcess: true })
    const what = ['peak of a client that sends and fetches it', ...flags].join(', ')
    rows.push({ case: 'memory', what: `${what}: ${client} MiB for ${label}`, ms: [] })
  }
  return rows
}

interface Measurement {
  bytes: number
  /** Flags for the runtime of the client. */
  flags?: string[]
  /** Whether one client uploads and downloads. Default: one for each. */
  inOneProcess?: boolean
}

async function measure(
  lab: Lab,
  { bytes, flags = [], inOneProcess = false }: Measurement,
): Promise<{ client: number; server: number }> {
  const folder = await lab.newFolder()
  const path = join(folder, 'file')
  await writeLargeFile(path, { seed: folder, bytes })
  const own = await openLab(folder, { ...lab, flags })
  const upload: Order = { action: 'upload', name: 'memory', path }
  const download: Order = { action: 'download', name: 'memory', folder: join(folder, 'target') }
  try {
    const reports = inOneProcess
      ? await own.client(upload, download)
      : [...(await own.client(upload)), ...(await own.client(download))]
    const client = Math.max(...reports.map(({ peakMiB }) => peakMiB ?? Number.NaN))
    return { client, server: (await own.server.peak()) ?? Number.NaN }
  } finally {
    await own.server.stop()
    for (const done of ['file', 'target', 'store']) await execute('rm', ['-r', join(folder, done)])
  }
}
