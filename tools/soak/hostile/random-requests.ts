import { problemMediaType, problemSchema, routes, sha256 } from '@trackway/protocol'
import { createApp, createMemoryStore, type App } from '@trackway/server'
import * as fc from 'fast-check'
import * as z from 'zod/mini'
import type { Counts } from '../campaign.ts'
import { describeAnswer, manifestOf, openTwin, ourText, secretText } from '../stores/twins.ts'
import { anyRequest, operationsOf, type DrawnRequest, type KnownValues } from './described-requests.ts'
import type { Part } from './part.ts'

const requestsInARound = 750

/** Keys of our team by role, the most powerful first. */
const keys = { admin: 'tw_ours', write: 'tw_writer', read: 'tw_reader', 'no key': undefined }

const encoder = new TextEncoder()
const contents = [ourText, 'something new'].map((text) => encoder.encode(text))
const digests = [ourText, secretText, 'something new'].flatMap((text) => {
  const content = encoder.encode(text)
  return [sha256(content), sha256(manifestOf(content))]
})

/** Names that both teams have, and two that neither has: `other` and `nobody`. None of them is secret. */
const known: KnownValues = {
  team: ['ours', 'ours', 'ours', 'theirs', 'theirs', 'nobody'],
  experiment: ['demo', 'demo', 'other'],
  run: ['train', 'train', 'other'],
  type: ['dataset', 'dataset', 'model'],
  name: ['sample', 'sample', 'other'],
  alias: ['best', 'other'],
  tag: ['V1', 'V2'],
  base: ['V1', 'V2', 'dataset/sample:V1'],
  revision: ['V1', 'V2', 'latest', 'best', ...digests],
  digest: digests,
  manifest: digests,
  path: ['file', 'other'],
  segment: ['0000000001-00000001', '0000000002-00000001'],
  cursor: ['demo', 'train', 'V1', 'dataset/sample', '0000000001-00000001', '../theirs/demo'],
  'application/x-ndjson': contents.map((content) => new TextDecoder().decode(manifestOf(content))),
  'multipart/form-data': contents.map((content) => new TextDecoder().decode(content)),
}

/**
 * Random requests with one key of our team to two servers, one where another team has the same names and one
 * where it has nothing. No answer may be a failure, or one that the OpenAPI document does not know, or hold
 * what is the other team's, and both answers have to be the same.
 */
export const randomRequests: readonly Part[] = Object.entries(keys).map(([role, key]) => ({
  name: `random requests, ${role}`,
  async run({ seed, isQuick }): Promise<Counts> {
    const rounds = isQuick ? 1 : Math.ceil(100_000 / requestsInARound)
    const counts = { requests: 0, 'answered with success': 0 }
    const requests = anyRequest(operationsOf(await readDocument()), known)
    const begin = performance.now()
    for (let round = 0; round < rounds; round += 1) {
      const roundSeed = seed * 1000 + round
      counts['answered with success'] += await playRound(requests, { seed: roundSeed, role, key })
      counts.requests += requestsInARound
    }
    const perSecond = (2 * counts.requests) / ((performance.now() - begin) / 1000)
    console.error(
      `| ${role} | ${seed * 1000} and on | ${counts.requests} | ${counts['answered with success']} | ${Math.round(perSecond)} answers per second |`,
    )
    return counts
  },
}))

/** The server's description of itself. */
async function readDocument(): Promise<unknown> {
  const app = await createApp({ store: createMemoryStore() })
  return (await app.fetch(new Request('http://test/api/v1/openapi.json'))).json()
}

/** Returns how many requests succeeded. */
async function playRound(
  requests: fc.Arbitrary<DrawnRequest>,
  { seed, role, key }: { seed: number; role: string; key: string | undefined },
): Promise<number> {
  const [alone, beside] = await Promise.all([openTwin(seed, false), openTwin(seed, true)])
  const drawn = fc.sample(requests, { seed, numRuns: requestsInARound })
  let successes = 0
  for (const [number, request] of drawn.entries()) {
    try {
      if (await compare(request, key, [alone, beside])) successes += 1
    } catch (cause) {
      const { operation, path, headers, body } = request
      const asked = JSON.stringify({ method: operation.method, path, headers, body })
      throw new Error(`${role}, seed ${seed}, request ${number}: ${asked}`, { cause })
    }
  }
  return successes
}

async function compare(drawn: DrawnRequest, key: string | undefined, apps: readonly App[]): Promise<boolean> {
  const responses = await Promise.all(apps.map((app) => app.fetch(requestOf(drawn, key))))
  for (const response of responses) await checkAnswer(drawn, response.clone())
  const [alone, beside] = await Promise.all(responses.map(describeAnswer))
  if (beside?.includes(secretText)) throw new Error(`The other team's text is in the answer: ${beside}`)
  if (alone !== beside) throw new Error(`Without the other team:\n${alone}\nbeside it:\n${beside}`)
  return responses[0]?.ok ?? false
}

function requestOf({ operation, path, headers, body }: DrawnRequest, key: string | undefined): Request {
  return new Request(`http://test${path}`, {
    method: operation.method,
    headers: { ...headers, ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    ...(body !== undefined && { body }),
  })
}

/** Throws if the document does not allow such a response. */
async function checkAnswer({ operation, path, headers }: DrawnRequest, response: Response): Promise<void> {
  const { status } = response
  const type = response.headers.get('content-type') ?? ''
  if (status === 304 && headers['if-none-match'] !== undefined) return
  if (status >= 400 && status < 500 && type === problemMediaType) {
    const problem = problemSchema.parse(await response.json())
    if (problem.status !== status) throw new Error(`A problem of ${problem.status} came with ${status}`)
    return
  }
  const described = operation.responses[status]
  // A segment of a path that is empty, or a dot, makes it another route's.
  if (new URL(`http://test${path}`).pathname !== path.split('?')[0]) return
  if (described === undefined) throw new Error(`${status} is not documented: ${await response.text()}`)
  const types = Object.keys(described.content)
  if (!types.includes('*/*') && !types.some((one) => type.startsWith(one)))
    throw new Error(`${type} is not documented, but ${types.join(', ')}`)
  const route = Object.entries(routes).find(([name]) => name === operation.operationId)?.[1]
  if (route?.response instanceof z.ZodMiniType) route.response.parse(await response.json())
}
