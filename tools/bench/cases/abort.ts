import { join } from 'node:path'
import { writeLargeFile } from '../data.ts'
import { execute, type Lab, type Row } from '../lab.ts'
import { median } from '../statistics.ts'

/** Aborts a running upload, and measures how long the call takes to settle and close the data's handles. */
export async function abort(lab: Lab): Promise<Row[]> {
  const folder = await lab.newFolder()
  const path = join(folder, 'file')
  await writeLargeFile(path, { seed: 'abort', bytes: lab.quick ? 512 * 2 ** 20 : 2 * 2 ** 30 })
  const ms: number[] = []
  for (let round = 0; round < lab.rounds; round += 1) {
    const [report] = await lab.client({ action: 'abort', name: `aborted-${round}`, path })
    ms.push(report?.ms ?? Number.NaN)
    await lab.settle()
  }
  await execute('rm', [path])
  return [
    {
      case: 'abort',
      what: 'of a running upload',
      ms,
      target: { text: 'at most 200 ms', reached: median(ms) <= 200 },
    },
  ]
}
