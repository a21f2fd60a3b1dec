import { readFile } from 'node:fs/promises'
import * as z from 'zod'

// The file is what this service and the training agree on; nothing of its code is needed here.
const modelSchema = z.object({
  features: z.array(z.string()).min(1),
  classes: z.array(z.string()).min(1),
  mean: z.array(z.number()),
  deviation: z.array(z.number().positive()),
  weights: z.array(z.array(z.number())),
})
export type Model = z.infer<typeof modelSchema>

/** Reads a model that was trained. Throws where the file is none, so that a service never starts with half a model. */
export async function readModel(path: string): Promise<Model> {
  return modelSchema.parse(JSON.parse(await readFile(path, 'utf8')))
}

/** What has to be known of a penguin: every feature of the model, as a number. */
export function measurementsSchema({ features }: Model) {
  return z.strictObject(Object.fromEntries(features.map((feature) => [feature, z.number().positive()])))
}

/** The likeliest class, and how likely each is. */
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
