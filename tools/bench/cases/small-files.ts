import { join } from 'node:path'
import { writeSmallFiles } from '../data.ts'
import { execute, type Lab, type Row } from '../lab.ts'
import { atMostTimes, fasterThan } from '../targets.ts'
import { findRivals, rivalFiles, type Measured, type Rival } from '../rivals.ts'
import { time } from '../statistics.ts'

/** Uploads and downloads thousands of small files, compared with a copy on this disk and other tools. */
export async function smallFiles(lab: Lab): Promise<Row[]> {
  const files = lab.quick ? 1000 : 10_000
  const what = `${files.toLocaleString('en')} files of 10 kB`
  const copy: number[] = []
  const up: number[] = []
  const down: number[] = []
  const notes: string[] = []
  for (let round = 0; round < lab.rounds; round += 1) {
    const folder = await lab.newFolder()
    const source = join(folder, 'source')
    await writeSmallFiles(source, { seed: folder, files, bytes: 10_000, folders: 10 })
    await lab.settle()
    copy.push(
      await time(async () => {
        await execute('cp', ['-r', source, join(folder, 'copy')])
        await execute('sync', ['-f', folder])
      }),
    )
    await lab.settle()
    const name = `small-${round}`
    const [sent] = await lab.client({ action: 'upload', name, path: source })
    up.push(sent?.ms ?? Number.NaN)
    await lab.settle()
    const [fetched] = await lab.client({ action: 'download', name, folder: join(folder, 'target') })
    down.push(fetched?.ms ?? Number.NaN)
    if (round === 0) {
      notes.push(`${sent?.requests} requests up, ${fetched?.requests} down`)
      await execute('diff', ['-r', source, join(folder, 'target')])
    }
    await lab.settle()
  }
  const amount = { count: files, unit: 'files' }
  const row = (label: string, ms: number[], more: Partial<Row> = {}): Row => ({
    case: 'small files',
    what: `${label} of ${what}`,
    ms,
    amount,
    ...more,
  })
  const baseline = row('cp -r and sync', copy)
  const upload = row('upload', up, { against: baseline, notes })
  const download = row('download', down, { against: baseline })
  for (const ours of [upload, download]) ours.target = atMostTimes(ours, 3)
  const rows = [baseline, upload, download]
  for (const rival of lab.quick ? [] : await findRivals())
    rows.push(...(await measureRival(lab, rival, { upload, download })))
  return rows
}

/** Measures a rival, whose rate ours should exceed by a factor of five. */
async function measureRival(lab: Lab, rival: Rival, ours: Record<keyof Measured, Row>): Promise<Row[]> {
  const measured: Measured[] = []
  for (let round = 0; round < lab.rounds; round += 1) measured.push(await rival.measure(lab))
  return (['upload', 'download'] as const).map((direction) => {
    const row: Row = {
      case: 'small files',
      what: `${rival.name}: ${direction} of ${rivalFiles.toLocaleString('en')} files of 10 kB`,
      ms: measured.map((times) => times[direction]),
      amount: { count: rivalFiles, unit: 'files' },
    }
    return { ...row, target: fasterThan(ours[direction], row, 5) }
  })
}
