// Trains a classifier of penguins on a version of the dataset, and uploads it with what it achieved.
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
  // `await using` cannot know that something was thrown. Where the server is away, this error says more than the next.
  await run.finish({ state: 'failed' }).catch(() => {})
  throw error
}
await printLineage(session, 'penguins')

async function train(): Promise<void> {
  // The run's lineage takes note of the version that this is: nobody has to write down which one `latest` was.
  const dataset = await session.getArtifact('penguins', 'dataset', revision)
  const folder = await dataset.download() // Into the assets directory; the next training on it finds it there.
  const [examples, exam] = [await readTraining(folder), await readExam(folder)]

  let learnt: { model: object; metrics: { loss: number; accuracy: number } } | undefined
  for (const { epoch, loss, model } of learn(features, examples, settings)) {
    const metrics = { loss, accuracy: accuracyOf(model, exam) }
    await run.log(metrics, { step: epoch }) // Travels in the background: a network that is away stops nothing.
    learnt = { model, metrics }
  }
  if (learnt === undefined) throw new Error('No epoch, no model')

  // On disk first: what a night has learnt outlives this process.
  const output = fileURLToPath(new URL(`output/${run.name}/`, import.meta.url))
  await mkdir(output, { recursive: true })
  await writeFile(`${output}model.json`, JSON.stringify(learnt.model))

  const { loss, accuracy } = learnt.metrics
  const summary = `${(accuracy * 100).toFixed(1)} % right in the exam, loss ${loss.toFixed(3)}`
  const artifact = new Artifact('penguins', 'model', {
    description: `Softmax regression on ${dataset.tag} of the penguins: ${summary}`,
    metadata: { ...learnt.metrics, dataset: `dataset/penguins:${dataset.tag}` },
  })
  await artifact.add(`${output}model.json`)
  // Requests are sent again for up to 15 minutes, and if somebody took the tag meanwhile, this gets the next one.
  const { tag, created } = await session.uploadArtifact(artifact)
  const isBest = await promote(session, 'penguins', { tag, accuracy })
  console.log(
    `The model ${created ? 'is now' : 'was already'} ${tag}${isBest ? ', the best' : ''}: ${summary}\n`,
  )
}
