import { routePath, type RouteName } from '@trackway/protocol'
import { createApp, type ObjectStore } from '@trackway/server'
import { sample, type SmallStore } from './small-store.ts'

type Question = [route: RouteName, parameters?: Record<string, string>]

const questions: readonly Question[] = [
  ['getService'],
  ['getMe'],
  ['listExperiments'],
  ['listArtifacts'],
  ['listVersions'],
  ...['V1', 'V2', 'V3', 'V4', 'best', 'latest'].map((revision): Question => ['getVersion', { revision }]),
  ['getVersionHistory', { revision: 'V2' }],
  ['getLineage', { revision: 'V1' }],
  ['getLineage', { revision: 'V2' }],
  ['getLineage', { revision: 'V4' }],
  ['listAliases'],
  ['getAlias', { alias: 'best' }],
  ['listRuns'],
  ['getRun', { run: 'first' }],
  ['getLog', { run: 'first' }],
]

/** The response of every route that returns documents; undefined if it is an error. */
export async function readDocuments(
  store: ObjectStore,
  { apiKey }: SmallStore,
): Promise<ReadonlyMap<string, string | undefined>> {
  const answers = new Map<string, string | undefined>()
  // A server does not begin over a store whose own document it cannot read.
  const app = await createApp({ store }).catch(() => undefined)
  for (const [route, parameters] of questions) {
    const url = `http://test${routePath(route, { ...sample, ...parameters })}`
    const request = new Request(url, { headers: { authorization: `Bearer ${apiKey}` } })
    const response = await app?.fetch(request)
    const text = response?.ok ? await response.text() : undefined
    answers.set(`${route} ${Object.values(parameters ?? {}).join(' ')}`, text)
  }
  return answers
}

/** Their outcome over a damaged store. */
export function whatReadersSee(
  answers: ReadonlyMap<string, string | undefined>,
  right: ReadonlyMap<string, string | undefined>,
): 'an error' | 'another answer' | 'the same' {
  const names = [...right.keys()].filter((name) => answers.get(name) !== right.get(name))
  if (names.some((name) => answers.get(name) === undefined)) return 'an error'
  return names.length > 0 ? 'another answer' : 'the same'
}
