import { join } from 'node:path'
import { execute, type Lab, type Row } from '../lab.ts'
import { time } from '../statistics.ts'
import { atMostTimes } from '../targets.ts'

/** Measures the cost of one more version, after few versions and after many. */
export async function oneMoreVersion(lab: Lab): Promise<Row[]> {
  const files = lab.quick ? 1000 : 10_000
  const many = lab.quick ? 60 : 1000
  const shape = { action: 'versions', name: 'many', files, bytes: 1000, changes: 1 } as const
  const [few] = await lab.client({ ...shape, from: 1, to: 10 })
  const [later] = await lab.client({ ...shape, from: 10, to: many })
  const first: Row = {
    case: 'versions',
    what: `one more of ${files.toLocaleString('en')} files, after 10`,
    ms: [few?.ms ?? Number.NaN],
    notes: [`${few?.requests} requests`],
  }
  const row: Row = {
    case: 'versions',
    what: `the same, after ${many}`,
    ms: [later?.ms ?? Number.NaN],
    against: first,
    notes: [`${later?.requests} requests`],
  }
  row.target = atMostTimes(row, 1.2)
  return [first, row]
}

/** Measures reading a version after many small changes, compared with a new upload of the same content. */
export async function degradation(lab: Lab): Promise<Row[]> {
  const files = lab.quick ? 1000 : 10_000
  const versions = lab.quick ? 40 : 1000
  await lab.client({
    action: 'versions',
    name: 'changing',
    files,
    bytes: 10_000,
    from: 1,
    to: versions,
    changes: files / 100,
  })
  const folder = await lab.newFolder()
  const times = { old: [] as number[], fresh: [] as number[] }
  for (let round = 0; round < lab.rounds; round += 1) {
    const target = join(folder, `old-${round}`)
    await lab.settle()
    const [old] = await lab.client({ action: 'download', name: 'changing', folder: target })
    times.old.push(old?.ms ?? Number.NaN)
    if (round === 0) await lab.client({ action: 'upload', name: 'fresh', path: target })
    await lab.settle()
    const [fresh] = await lab.client({
      action: 'download',
      name: 'fresh',
      folder: join(folder, `fresh-${round}`),
    })
    times.fresh.push(fresh?.ms ?? Number.NaN)
  }
  await time(() => execute('diff', ['-r', join(folder, 'old-0'), join(folder, 'fresh-0')]))
  const amount = { count: files, unit: 'files' }
  const baseline: Row = { case: 'degradation', what: 'download of a fresh upload', ms: times.fresh, amount }
  const row: Row = {
    case: 'degradation',
    what: `download of version ${versions}, 1 % changed in each`,
    ms: times.old,
    amount,
    against: baseline,
  }
  row.target = atMostTimes(row, 1.5)
  return [baseline, row]
}
