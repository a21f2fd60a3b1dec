// Measures Trackway and other tools in the same run: client and server in separate processes, over loopback,
// on a directory store. `--quick`: less data, for a quick look. `--only <case>`: only that one.
// `--rounds <n>`. `--json <file>`: all measurements. It prints the results, and exits with 1 if a case could
// not be measured.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { abort } from './cases/abort.ts'
import { insertion, largeFile } from './cases/large-file.ts'
import { memory } from './cases/memory.ts'
import { servers } from './cases/servers.ts'
import { smallFiles } from './cases/small-files.ts'
import { unchanged } from './cases/unchanged.ts'
import { degradation, oneMoreVersion } from './cases/versions.ts'
import { warm } from './cases/warm.ts'
import { openLab, type Lab, type Row } from './lab.ts'
import { describeMachine } from './machine.ts'
import { describeRow, renderTable } from './table.ts'

const cases: Record<string, (lab: Lab) => Promise<Row[]>> = {
  'small files': smallFiles,
  'large file': largeFile,
  insertion,
  unchanged,
  warm,
  memory,
  versions: oneMoreVersion,
  abort,
  degradation,
  servers,
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'string' },
  },
})
const rounds = Number(values.rounds ?? (values.quick ? 3 : 5))
const root = await mkdtemp(join(tmpdir(), 'trackway-bench-'))
const machine = await describeMachine(root)
console.log(Object.values(machine).join(' · '))
const rows: Row[] = []
try {
  for (const [name, measure] of Object.entries(cases)) {
    if (values.only !== undefined && !name.includes(values.only)) continue
    rows.push(...(await measureCase(name, measure)))
  }
} finally {
  await rm(root, { recursive: true, force: true })
}
console.log(renderTable(rows, values))
if (values.json !== undefined) {
  const measured = rows.map((row) => ({ ...describeRow(row, values), measurements: row.ms }))
  await writeFile(
    values.json,
    `${JSON.stringify({ machine, rounds, quick: values.quick, rows: measured }, null, 2)}\n`,
  )
}

async function measureCase(name: string, measure: (lab: Lab) => Promise<Row[]>): Promise<Row[]> {
  const lab = await openLab(await mkdtemp(join(root, 'case-')), { quick: values.quick, rounds })
  try {
    process.stderr.write(`measuring ${name}\n`)
    return await measure(lab)
  } catch (error) {
    process.exitCode = 1
    return [{ case: name, what: `could not be measured: ${String(error).slice(0, 300)}`, ms: [] }]
  } finally {
    await lab.server.stop()
  }
}
