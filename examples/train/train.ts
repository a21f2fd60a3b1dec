// Trains a classifier of penguins on a version of the dataset, and uploads it with its metrics.
// node train.ts [tag of the dataset], by default the latest
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Artifact, login } from '@trackway/sdk'
import { accuracyOf, learn } from './classifier.ts'
import { features, readExam, readTraining } from './penguins.ts'
import { printLineage } from './print-lineage.ts'
import { promote } from './promote.ts'

const [revision = 'latest'] = process.argv.slice(2)
const settings = { seed: 1, epochs: 100, learningRate: 0.5 }

const session = await login()
await using run = await session.init({ experiment: 'penguins', config: { ...settings, dataset: revision } })
try {
  await train()
} catch (error) {
  // `await using` cannot know that something was thrown. If the server is down, this error is the
  // more useful one.
  await run.finish({ state: 'failed' }).catch(() => {})
  throw error
}
await printLineage(session, 'penguins')

async function train(): Promise<void> {
  // The run's lineage records this version, so you do not have to note which one `latest` was.
  const dataset = await session.getArtifact('penguins', 'dataset', revision)
  const folder = await dataset.download() // Into the assets directory, where the next training finds it.
  const [examples, exam] = [await readTraining(folder), await readExam(folder)]

  let trained: { model: object; metrics: { loss: number; accuracy: number } } | undefined
  for (const { epoch, loss, model } of learn(features, examples, settings)) {
    const metrics = { loss, accuracy: accuracyOf(model, exam) }
    // Sent in the background: the training continues without a network.
    await run.log(metrics, { step: epoch })
    trained = { model, metrics }
  }
  if (trained === undefined) throw new Error('There was no epoch, so there is no model')

  // Written to disk first, so that the result of the night survives this process.
  const output = fileURLToPath(new URL(`output/${run.name}/`, import.meta.url))
  await mkdir(output, { recursive: true })
  await writeFile(`${output}model.json`, JSON.stringify(trained.model))

  const { loss, accuracy } = trained.metrics
  const summary = `${(accuracy * 100).toFixed(1)} % right in the exam, loss ${loss.toFixed(3)}`
  const artifact = new Artifact('penguins', 'model', {
    description: `Softmax regression on ${dataset.tag} of the penguins: ${summary}`,
    metadata: { ...trained.metrics, dataset: `dataset/penguins:${dataset.tag}` },
  })
  await artifact.add(`${output}model.json`)
  // Requests are retried for up to 15 minutes, and if somebody took the tag meanwhile, this
  // gets the next one.
  const { tag, created } = await session.uploadArtifact(artifact)
  const isBest = await promote(session, 'penguins', { tag, accuracy })
  console.log(
    `The model ${created ? 'is now' : 'was already'} ${tag}${isBest ? ', the best' : ''}: ${summary}\n`,
  )
}
