import { apiBase, routes } from '@trackway/protocol'
import { clampRange } from '../stores/byte-range.ts'
import type { ByteStream, ObjectStore } from '../stores/object-store.ts'
import type { Listener } from './one-at-a-time.ts'
import { createTurns } from './turns.ts'

/** Small ones take some 0.2 ms each. */
const requestsInATurn = 8
/** Of 256 KiB, which it takes 0.5 ms to hash and to send. */
const piecesInATurn = 16
/** Each takes 0.05 ms, most of it to say that there is no such file. */
const looksInATurn = 32
const smallBytes = 64 * 1024
const healthPath = apiBase + routes.getHealth.path

/**
 * Begins few requests in one turn of the event loop. Otherwise as many begin at once as there are
 * connections, and each waits for all of them at each step. The question for the server's health does not
 * wait, so that what watches a server can tell one that is busy from one that is stuck.
 */
export function fewInATurn(listener: Listener): Listener {
  const turn = createTurns(requestsInATurn)
  return (incoming, outgoing) => {
    if (incoming.url === healthPath) listener(incoming, outgoing)
    else void turn().then(() => outgoing.closed || listener(incoming, outgoing))
  }
}

/**
 * The same store, where few objects are looked for in one turn, and few pieces of larger ones are read, so
 * that a hundred such requests do not delay the others.
 */
export function readInTurns<Store extends ObjectStore>(store: Store): Store {
  const turn = createTurns(piecesInATurn)
  const look = createTurns(looksInATurn)
  async function* inTurns(body: ByteStream): ByteStream {
    await turn()
    for await (const piece of body) {
      yield piece
      await turn()
    }
  }
  return {
    ...store,
    async head(key) {
      await look()
      return store.head(key)
    },
    async get(key, range) {
      const object = await store.get(key, range)
      if (object === undefined) return undefined
      const { start, end } = clampRange(range, object.size)
      if (end - start <= smallBytes) return object
      return { ...object, body: inTurns(object.body) }
    },
  }
}
