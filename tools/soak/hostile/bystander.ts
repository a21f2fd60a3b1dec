import { setTimeout as sleep } from 'node:timers/promises'
import { routePath } from '@trackway/protocol'
import { exchange, type Site } from '../processes/exchange.ts'

/** Milliseconds between two requests of a bystander. */
const everyMs = 20
/** Milliseconds after which a request counts as not answered. */
const patienceMs = 10_000
/** How many requests for a version may wait at a time: of 100 connections, checks of health need some. */
const mostVersions = 50

/** How long somebody waited who has nothing to do with an attack. */
export interface Waited {
  /** Milliseconds that each request took, those that were not answered included. */
  took: number[]
  /** Why requests were not answered with success. */
  unanswered: string[]
}

/** Requests a server's health and, as another team, a version, each over a connection of its own. */
export interface Bystander {
  health: Waited
  version: Waited
  /** Ends when the last request was answered. */
  stop(): Promise<void>
}

export const bystanders = { team: 'bystanders', experiment: 'demo', type: 'dataset', name: 'sample' }

export function startBystander(site: Site): Bystander {
  const health: Waited = { took: [], unanswered: [] }
  const version: Waited = { took: [], unanswered: [] }
  const questions = [
    { path: routePath('getHealth'), waited: health, most: Number.POSITIVE_INFINITY },
    {
      path: routePath('getVersion', { ...bystanders, revision: 'V1' }),
      waited: version,
      most: mostVersions,
    },
  ].map((question) => ({ ...question, underway: new Set<Promise<void>>() }))
  const over = new AbortController()
  // Requests do not wait for one another: all of them notice a server that is stuck.
  const asking = (async () => {
    while (!over.signal.aborted) {
      for (const { path, waited, most, underway } of questions) {
        if (underway.size < most) {
          const asked = ask(site, path, waited).finally(() => underway.delete(asked))
          underway.add(asked)
        }
        await sleep(everyMs)
      }
    }
  })()
  return {
    health,
    version,
    async stop() {
      over.abort()
      await asking
      await Promise.all(questions.flatMap(({ underway }) => [...underway]))
    },
  }
}

async function ask(site: Site, path: string, { took, unanswered }: Waited): Promise<void> {
  const begin = performance.now()
  try {
    const signal = AbortSignal.timeout(patienceMs)
    const { status, text } = await exchange({ ...site, agent: false }, { path, signal })
    if (status !== 200) unanswered.push(`${path}: ${status} ${text}`)
  } catch (error) {
    unanswered.push(`${path}: ${String(error)}`)
  }
  took.push(performance.now() - begin)
}
