import { createMock } from '@trackway/mock-server'
import { expect, test } from 'vitest'
import { login, type InitOptions } from '../src/index.ts'
import { errorOf } from './test-server.ts'

class Model {
  readonly layers = 3
}
const circular: Record<string, unknown> = {}
circular['self'] = circular
let deep: unknown = 1
for (let depth = 0; depth < 9; depth += 1) deep = { a: deep }

const unreadable = {
  get rate(): number {
    throw new Error('no rate')
  },
}
const revoked = Proxy.revocable({}, {})
revoked.revoke()

/** Is a number when it is checked, and none when it is read again. */
function changing() {
  let reads = 0
  return {
    get rate() {
      reads += 1
      return reads === 1 ? 1 : Number.NaN
    },
  }
}

async function begin() {
  const mock = createMock()
  const session = await login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, quiet: true })
  return { mock, session }
}

test.each<[unknown, string]>([
  [{ optimizer: { lr: Number.NaN } }, 'config.optimizer.lr: NaN'],
  [{ patience: Number.POSITIVE_INFINITY }, 'config.patience: Infinity'],
  [{ layers: [1, Number.NEGATIVE_INFINITY] }, 'config.layers[1]: -Infinity'],
  [{ map: new Map([['a', 1]]) }, 'config.map: a Map'],
  [{ begun: new Date(0) }, 'config.begun: a Date'],
  [{ activation: () => 1 }, 'config.activation: a function'],
  [{ seed: 10n }, 'config.seed: a bigint'],
  [{ seed: undefined }, 'config.seed: undefined'],
  [{ weights: new Float32Array([1]) }, 'config.weights: a Float32Array'],
  [{ model: new Model() }, 'config.model: a Model'],
  [{ a: { toJSON: () => 1 } }, 'config.a.toJSON: a function'],
  [{ a: { [Symbol('x')]: 1 } }, 'config.a: it has gaps, or keys'],
  [{ a: Object.assign([], { 2: 1 }) }, 'config.a: it has gaps, or keys'],
  [circular, 'nested more than 8 deep'],
  [deep, 'nested more than 8 deep'],
  [{ text: 'x'.repeat(70_000) }, '65536 bytes'],
  [Object.create({ rate: 1 }), 'config: an object that inherits from another'],
  [null, 'it has to be an object'],
  ['lr=1', 'it has to be an object'],
])('a config that JSON would change is refused before anything is sent: %o', async (config, words) => {
  const { mock, session } = await begin()
  const before = mock.requests.length
  const { message } = await errorOf('option_invalid', session.init({ config } as InitOptions))
  expect(message).toContain(words)
  expect(mock.requests.length).toBe(before)
})

test('a config is returned as it was sent', async () => {
  const { session } = await begin()
  const config = { lr: 1e-3, layers: [1, 2], note: null, nested: { on: true, 'a key': 'ключ' } }
  const run = await session.init({ config })
  expect((await session.getRun(run.name)).config).toEqual(config)
})

test.each([
  ['whose getter throws', unreadable, 'reading it failed: no rate'],
  ['that is another one each time', changing(), 'config.rate: NaN'],
  ['that is a revoked proxy', revoked.proxy, 'reading it failed'],
])('a config %s is refused', async (_, config, words) => {
  const { session } = await begin()
  const { message } = await errorOf('option_invalid', session.init({ config }))
  expect(message).toContain(words)
})

test("a config of a framework's proxies is read like the objects that they wrap", async () => {
  const { session } = await begin()
  const config = new Proxy({ layers: new Proxy([1, 2], {}) }, {})
  const run = await session.init({ config })
  expect((await session.getRun(run.name)).config).toEqual({ layers: [1, 2] })
})

test.each([
  ['a bigint', { keepLast: 1n }],
  ['a value that holds itself', circular],
])('%s in a request is refused, and not retried', async (_, rules) => {
  const { session } = await begin()
  const { message } = await errorOf('option_invalid', session.applyRetention(rules, { experiment: 'e' }))
  expect(message).not.toContain('could not be reached')
})
