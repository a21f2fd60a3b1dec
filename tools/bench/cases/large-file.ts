import { join } from 'node:path'
import { startBareServer } from '../bare-transfer.ts'
import { writeLargeFile } from '../data.ts'
import { execute, type Lab, type Row } from '../lab.ts'
import { time } from '../statistics.ts'
import { atMostTimes, rateOf } from '../targets.ts'

/** Uploads and downloads a large file, compared with one request to a server that hashes and writes. */
export async function largeFile(lab: Lab): Promise<Row[]> {
  const bytes = lab.quick ? 128 * 2 ** 20 : 2 * 2 ** 30
  const what = lab.quick ? '128 MiB' : '2 GiB'
  const times = { put: [] as number[], get: [] as number[], up: [] as number[], down: [] as number[] }
  for (let round = 0; round < lab.rounds; round += 1) {
    const folder = await lab.newFolder()
    const path = join(folder, 'large')
    const name = `large-${round}`
    await writeLargeFile(path, { seed: folder, bytes })
    const bare = await startBareServer(join(folder, 'bare'))
    await lab.settle()
    times.put.push(await time(() => bare.put(path)))
    await lab.settle()
    const [upload] = await lab.client({ action: 'upload', name, path })
    times.up.push(upload?.ms ?? Number.NaN)
    await lab.settle()
    times.get.push(await time(() => bare.get(join(folder, 'got'))))
    bare.stop()
    await lab.settle()
    const [download] = await lab.client({ action: 'download', name, folder: join(folder, 'target') })
    times.down.push(download?.ms ?? Number.NaN)
    await execute('cmp', [path, join(folder, 'target', 'large')])
    // Many gigabytes: these few files are removed at once.
    for (const done of ['large', 'bare', 'got', 'target']) await execute('rm', ['-r', join(folder, done)])
    await lab.settle()
  }
  const amount = { count: bytes / 1e6, unit: 'MB' }
  const row = (action: string, ms: number[], against?: Row): Row => ({
    case: 'large file',
    what: `${action} of ${what}`,
    ms,
    amount,
    against,
  })
  const put = row('one streamed PUT', times.put)
  const get = row('one streamed GET', times.get)
  const up = row('upload', times.up, put)
  const down = row('download', times.down, get)
  return [put, { ...up, target: rateOf(up, 0.7) }, get, { ...down, target: rateOf(down, 0.7) }]
}

/** Uploads the file with one more kilobyte in the middle, as the next version. */
export async function insertion(lab: Lab): Promise<Row[]> {
  const bytes = lab.quick ? 128 * 2 ** 20 : 2 * 2 ** 30
  const folder = await lab.newFolder()
  const path = join(folder, 'first')
  await writeLargeFile(path, { seed: 'insertion', bytes })
  await lab.client({ action: 'upload', name: 'insertion', path, as: 'file' })
  const ms: number[] = []
  const hash: number[] = []
  let sent = 0
  for (let round = 0; round < lab.rounds; round += 1) {
    const changed = join(folder, `changed-${round}`)
    await writeLargeFile(changed, { seed: 'insertion', bytes, insert: 1024 + round })
    await lab.settle()
    hash.push(await time(() => execute('openssl', ['dgst', '-sha256', changed])))
    const [report] = await lab.client({
      action: 'upload',
      name: 'insertion',
      path: changed,
      as: 'file',
      isNext: true,
    })
    ms.push(report?.ms ?? Number.NaN)
    sent = Math.max(sent, report?.sentBytes ?? Number.NaN)
    await execute('rm', [changed])
  }
  const amount = { count: bytes / 1e6, unit: 'MB' }
  const baseline: Row = { case: 'insertion', what: 'openssl dgst -sha256 of the file', ms: hash, amount }
  const row: Row = {
    case: 'insertion',
    what: 'upload of the file with 1 kB inserted',
    ms,
    amount,
    against: baseline,
  }
  row.target = atMostTimes(row, 2)
  row.notes = [
    `at most ${sent.toLocaleString('en')} bytes sent; at most 4 MiB is the target: ${sent <= 4 * 2 ** 20 ? 'reached' : 'missed'}`,
  ]
  return [baseline, row]
}
