import { readFile } from 'node:fs/promises'
import * as z from 'zod'

// The service shares only this file format with the training, and none of its code.
const modelSchema = z.object({
  features: z.array(z.string()).min(1),
  classes: z.array(z.string()).min(1),
  mean: z.array(z.number()),
  deviation: z.array(z.number().positive()),
  weights: z.array(z.array(z.number())),
})
export type Model = z.infer<typeof modelSchema>

/** Reads a trained model. Throws if the file is not one, so that no service starts with a broken model. */
export async function readModel(path: string): Promise<Model> {
  return modelSchema.parse(JSON.parse(await readFile(path, 'utf8')))
}

/** The measurements of a penguin: a number for every feature of the model. */
export function measurementsSchema({ features }: Model) {
  return z.strictObject(Object.fromEntries(features.map((feature) => [feature, z.number().positive()])))
}

/** The most likely class, and the probability of each. */
export function predict(model: Model, measurements: Record<string, number>) {
  const { features, classes, mean, deviation, weights } = model
  const inputs = features.map(
    (feature, index) =>
      ((measurements[feature] ?? Number.NaN) - (mean[index] ?? 0)) / (deviation[index] ?? 1),
  )
  const scores = weights.map((row) =>
    [...inputs, 1].reduce((sum, input, index) => sum + input * (row[index] ?? 0), 0),
  )
  const highest = Math.max(...scores)
  const likely = scores.map((score) => Math.exp(score - highest))
  const total = likely.reduce((sum, share) => sum + share, 0)
  return {
    species: classes[scores.indexOf(highest)],
    probabilities: Object.fromEntries(
      classes.map((name, index) => [name, Number(((likely[index] ?? 0) / total).toFixed(4))]),
    ),
  }
}
