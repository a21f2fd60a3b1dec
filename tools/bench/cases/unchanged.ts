import { writeSmallFiles } from '../data.ts'
import { execute, type Lab, type Row } from '../lab.ts'
import { time } from '../statistics.ts'
import { atMostTimes } from '../targets.ts'

/** Files are trusted not to have changed once they are older than this (ms). */
const youngMs = 3000

/** Adds and uploads many unchanged files again, in a new process. */
export async function unchanged(lab: Lab): Promise<Row[]> {
  const files = lab.quick ? 10_000 : 100_000
  const folder = await lab.newFolder()
  await writeSmallFiles(folder, { seed: folder, files, bytes: 100, folders: 100 })
  await lab.settle()
  await new Promise((resolve) => setTimeout(resolve, youngMs))
  await lab.client({ action: 'upload', name: 'unchanged', path: folder })
  const find: number[] = []
  const ms: number[] = []
  const notes: string[] = []
  for (let round = 0; round < lab.rounds; round += 1) {
    find.push(
      await time(() =>
        execute('find', [folder, '-type', 'f', '-printf', '%s %T@\n'], { maxBuffer: 2 ** 30 }),
      ),
    )
    const [report] = await lab.client({ action: 'upload', name: 'unchanged', path: folder })
    ms.push(report?.ms ?? Number.NaN)
    if (report?.created !== false || report.sentBytes !== 0) throw new Error('Unchanged files made a version')
    if (round === 0) {
      notes.push(`${report.sentBytes} bytes sent, ${report.requests} request(s)`)
      notes.push(
        `${report.readBytes?.toLocaleString('en')} bytes read, of its own caches; the files have ${(files * 100).toLocaleString('en')}`,
      )
    }
  }
  const amount = { count: files, unit: 'files' }
  const baseline: Row = {
    case: 'unchanged',
    what: `find -printf over ${files.toLocaleString('en')} files`,
    ms: find,
    amount,
  }
  const row: Row = {
    case: 'unchanged',
    what: 'add and upload of the same, unchanged',
    ms,
    amount,
    against: baseline,
    notes,
  }
  row.target = atMostTimes(row, 8)
  return [baseline, row]
}
