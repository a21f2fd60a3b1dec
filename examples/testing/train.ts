// The code under test: fits a line to the points of a dataset, and uploads it.
// node train.ts
import { Artifact, login, type Run, type Session } from '@trackway/sdk'
import * as z from 'zod'

const pointsSchema = z.array(z.object({ x: z.number(), y: z.number() })).min(2)
type Points = z.infer<typeof pointsSchema>

/** Fits a line to a version of the dataset, and returns the tag of the model that it makes. */
export async function train(session: Session, revision = 'latest'): Promise<string> {
  await using run = await session.init({ experiment: 'lines' })
  try {
    return await trainIn(run, session, revision)
  } catch (error) {
    // If this fails too, the first error is more useful.
    await run.finish({ state: 'failed' }).catch(() => {})
    throw error
  }
}

async function trainIn(run: Run, session: Session, revision: string): Promise<string> {
  const dataset = await session.getArtifact('points', 'dataset', revision)
  const points = pointsSchema.parse(await dataset.entry('points.json').json())
  const line = fitLine(points)
  await run.log({ error: meanSquaredError(points, line) })
  const artifact = new Artifact('line', 'model', { metadata: { dataset: dataset.tag ?? null } })
  await artifact.add(new TextEncoder().encode(JSON.stringify(line)), { name: 'line.json' })
  const { tag } = await session.uploadArtifact(artifact)
  return tag
}

/** Fits a line by least squares. */
function fitLine(points: Points) {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanX, meanY] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))]
  const slope =
    mean(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / mean(points.map(({ x }) => (x - meanX) ** 2))
  return { slope, offset: meanY - slope * meanX }
}

function meanSquaredError(points: Points, { slope, offset }: ReturnType<typeof fitLine>): number {
  return points.reduce((sum, { x, y }) => sum + (slope * x + offset - y) ** 2, 0) / points.length
}

if (import.meta.main) console.log(`The line is ${await train(await login())}`)
