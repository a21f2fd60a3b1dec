import { createMock } from '@trackway/mock-server'
import { Artifact, login } from '@trackway/sdk'
import { expect, test } from 'vitest'
import { exampleCommands, newcomer, readmeBlocks, runNode } from '../readme.ts'
import { promote } from './promote.ts'

const experiment = 'penguins'

/** Names of runs are made up by the server; everything else is as the README says. */
function withoutRunNames(text: string): string {
  return text.replaceAll(/\b[a-z]+-[a-z]+-\d+ */g, '(run) ').replaceAll(/run +made/g, 'run made')
}

test('two datasets make two models, as the README shows', async () => {
  const env = await newcomer()
  const [commands = ''] = await readmeBlocks('train', 'sh')
  const [shown = ''] = await readmeBlocks('train', 'text')
  const printed: string[] = []
  for (const words of exampleCommands(commands)) printed.push(await runNode(words, env))
  expect(withoutRunNames(printed.join(''))).toBe(withoutRunNames(shown))

  const session = await login({ store: env['TRACKWAY_STORE'], quiet: true })
  const models = await session.listVersions('penguins', 'model', { experiment })
  expect(models.map(({ tag, metadata }) => [tag, metadata['accuracy']])).toEqual([
    ['V2', expect.closeTo(0.97, 2)],
    ['V1', expect.closeTo(0.81, 2)],
  ])
  expect(await session.listAliases('penguins', 'model', { experiment })).toEqual({ best: 'V2' })
  for (const { tag, run } of models) {
    expect(await session.getRun(run?.run ?? '', { experiment })).toMatchObject({
      state: 'finished',
      inputs: [{ type: 'dataset', name: 'penguins', tag }],
      outputs: [{ type: 'model', name: 'penguins', tag }],
    })
    const log = await session.getLog(run?.run ?? '', { experiment })
    const losses = log.filter(({ key }) => key === 'loss')
    expect(losses.map(({ step }) => step)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
    expect(losses.at(-1)?.value).toBeLessThan((losses[0]?.value ?? 0) / 10)
  }
  // The same data and the same seed again.
  expect(await runNode(['examples/train/train.ts', 'V2'], env)).toContain('The model was already V2')
})

test('a training that fails says so in its exit code and in its run', async () => {
  const env = await newcomer()
  await expect(runNode(['examples/train/train.ts', 'V7'], env)).rejects.toThrow('dataset/penguins')
  const session = await login({ store: env['TRACKWAY_STORE'], quiet: true })
  expect(await session.listRuns({ experiment })).toMatchObject([{ state: 'failed' }])
})

test('if two trainings end at once, the better model becomes the best, in either order', async () => {
  const mock = createMock()
  const { url: host, apiKey, fetch } = mock
  const session = await login({ host, apiKey, fetch, quiet: true })
  await session.init({ experiment, quiet: true })
  const upload = async (accuracy: number) => {
    const artifact = new Artifact('penguins', 'model', { metadata: { accuracy } })
    await artifact.add(new TextEncoder().encode(String(accuracy)), { name: 'model.json' })
    return { accuracy, tag: (await session.uploadArtifact(artifact)).tag }
  }
  const [fair, good, better] = [await upload(0.7), await upload(0.8), await upload(0.9)]
  expect(await promote(session, 'penguins', fair)).toBe(true)

  // Both saw that `fair` is the best. Before the first moves the alias, the other one does.
  const meanwhile = () => promote(session, 'penguins', better)
  mock.faults.add({ method: 'PUT', path: '/aliases/best', meanwhile })
  expect(await promote(session, 'penguins', good)).toBe(false)
  expect(mock.faults.unused).toEqual([])
  expect(await session.listAliases('penguins', 'model')).toEqual({ best: better.tag })
  expect(await promote(session, 'penguins', good)).toBe(false)
})
