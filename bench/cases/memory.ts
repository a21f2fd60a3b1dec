import { join } from 'node:path'
import { writeLargeFile } from '../data.ts'
import { execute, openLab, type Lab, type Row } from '../lab.ts'

/** The most memory that a client and a server of their own ever hold, for a small large file and a large one. */
export async function memory(lab: Lab): Promise<Row[]> {
  const small = await measure(lab, 64 * 2 ** 20)
  const largeBytes = lab.quick ? 512 * 2 ** 20 : 4 * 2 ** 30
  const large = await measure(lab, largeBytes)
  const rows: Row[] = []
  for (const side of ['client', 'server'] as const) {
    const share = large[side] / small[side]
    const reached = share <= 1.2 && large[side] <= 350
    rows.push({
      case: 'memory',
      what: `peak of the ${side}: ${small[side]} MiB for 64 MiB, ${large[side]} MiB for ${largeBytes / 2 ** 20} MiB`,
      ms: [],
      target: { text: `at most 1.2 times: ${share.toFixed(2)}; at most 350 MiB`, reached },
    })
  }
  const lean = await measure({ ...lab, flags: ['--max-semi-space-size=8'] }, largeBytes)
  rows.push({
    case: 'memory',
    what: `peak of the client with --max-semi-space-size=8: ${lean.client} MiB for ${largeBytes / 2 ** 20} MiB`,
    ms: [],
  })
  return rows
}

async function measure(
  lab: Lab & { flags?: string[] },
  bytes: number,
): Promise<{ client: number; server: number }> {
  const folder = await lab.newFolder()
  const path = join(folder, 'file')
  await writeLargeFile(path, { seed: folder, bytes })
  const own = await openLab(folder, lab)
  try {
    const name = 'memory'
    const reports = await own.client(
      { action: 'upload', name, path },
      { action: 'download', name, folder: join(folder, 'target') },
    )
    return { client: reports.at(-1)?.peakMiB ?? Number.NaN, server: (await own.server.peak()) ?? Number.NaN }
  } finally {
    await own.server.stop()
    for (const done of ['file', 'target', 'store']) await execute('rm', ['-r', join(folder, done)])
  }
}
