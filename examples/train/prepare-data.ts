// Uploads the penguins of some islands as a version of the dataset.
// node prepare-data.ts [island …], by default Biscoe Dream Torgersen
import { readFile } from 'node:fs/promises'
import { Artifact, formatBytes, login } from '@trackway/sdk'
import * as z from 'zod'
import { penguinSchema } from './penguins.ts'

// 344 penguins that K. Gorman measured at Palmer Station, Antarctica. Two escaped before they were measured.
const source = new URL('../data/penguins.json', import.meta.resolve('vega-datasets'))
const rows = z.array(z.unknown()).parse(JSON.parse(await readFile(source, 'utf8')))
const penguins = rows.flatMap((row) => penguinSchema.safeParse(row).data ?? [])
console.log(`${penguins.length} of ${rows.length} penguins are measured`)

const named = process.argv.slice(2)
const islands = named.length > 0 ? named : ['Biscoe', 'Dream', 'Torgersen']

await using session = await login() // Ends the run at the end of the script.
await session.init({ experiment: 'penguins', config: { islands } })

// Every fifth penguin is kept for the exam, the same ones in all versions, so that models are comparable.
const exam = penguins.filter((_, index) => index % 5 === 0)
const rest = penguins.filter((_, index) => index % 5 !== 0)
const dataset = new Artifact('penguins', 'dataset', { description: `Penguins of ${islands.join(', ')}` })
await dataset.add(json(exam), { name: 'exam.json' })
for (const island of islands) {
  const here = rest.filter(({ Island }) => Island === island)
  if (here.length === 0) throw new Error(`There are no penguins on ${island}`)
  await dataset.add(json(here), { name: `train/${island}.json` })
}
const { tag, created, fileCount, uploadedBytes } = await session.uploadArtifact(dataset)
console.log(
  `The dataset ${created ? 'is now' : 'was already'} ${tag}: ${fileCount} files, ${formatBytes(uploadedBytes)} sent`,
)

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}
