import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

/** A measured penguin. Data that does not match stops a training before it begins. */
export const penguinSchema = z.object({
  Species: z.string().min(1),
  Island: z.string().min(1),
  'Beak Length (mm)': z.number().positive(),
  'Beak Depth (mm)': z.number().positive(),
  'Flipper Length (mm)': z.number().positive(),
  'Body Mass (g)': z.number().positive(),
})
type Penguin = z.infer<typeof penguinSchema>

/** The inputs of the model. */
export const features = [
  'Beak Length (mm)',
  'Beak Depth (mm)',
  'Flipper Length (mm)',
  'Body Mass (g)',
] as const

/** Reads the training data, a file for each island. */
export async function readTraining(dataset: string) {
  const islands = (await readdir(join(dataset, 'train'))).sort()
  const penguins = await Promise.all(islands.map((file) => readPenguins(join(dataset, 'train', file))))
  return examplesOf(penguins.flat())
}

/** Reads the exam, which is the same in every version of the dataset. */
export async function readExam(dataset: string) {
  return examplesOf(await readPenguins(join(dataset, 'exam.json')))
}

async function readPenguins(file: string): Promise<Penguin[]> {
  return z
    .array(penguinSchema)
    .min(1)
    .parse(JSON.parse(await readFile(file, 'utf8')))
}

function examplesOf(penguins: Penguin[]) {
  return {
    inputs: penguins.map((penguin) => features.map((feature) => penguin[feature])),
    labels: penguins.map(({ Species }) => Species),
  }
}
