import { readFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import { createMock } from '@trackway/mock-server'
import { expect, test } from 'vitest'
import { changeUserConfig, login, TrackwayError } from '../src/index.ts'
import { configureMachine } from './machine.ts'
import { errorOf } from './test-server.ts'

const secret = 'tw_secret'

const odd: [string, string][] = [
  ['a line break in its middle', `${secret}\nmore`],
  ['a carriage return in its middle', `${secret}\r\nmore`],
  ['an invisible character', `${secret}\u200b`],
  ['a byte order mark in its middle', `${secret}\ufeffmore`],
  ['a letter of another script', `${secret}ключ`],
  ['a control character', `${secret}\u0000`],
  ['quotes around it', `"${secret}"`],
  ['a quote', `'${secret}`],
  ['a space', `${secret} more`],
  ['typographic quotes', `“${secret}”`],
]

/** Everything that an error reveals when it is printed or serialized. */
function shown(error: TrackwayError): string {
  return `${inspect(error, { depth: 10, showHidden: true })}${JSON.stringify(error)}${JSON.stringify(error, Object.getOwnPropertyNames(error))}${error.stack}`
}

const fetch = () => Promise.reject(new Error('no request is expected'))

test.each(odd)('a key with %s is refused with its origin, and is not in the error', async (_, apiKey) => {
  const host = 'http://host.test'
  const options = { fetch, quiet: true }
  const refused = async (origin: string, attempt: Promise<unknown>) => {
    const error = await errorOf('config_invalid', attempt)
    expect(error.message).toContain(origin)
    expect(shown(error)).not.toContain(secret)
  }
  await configureMachine()
  await refused('the options', login({ ...options, host, apiKey }))
  await refused('changeUserConfig', changeUserConfig({ host, apiKey }))
  const { userFile } = await configureMachine({ user: JSON.stringify({ host, apiKey }) })
  await refused(`the file ${userFile}`, login(options))
  // A variable cannot have every character of a key.
  if (apiKey.includes('\0')) return
  await configureMachine({ variables: { TRACKWAY_HOST: host, TRACKWAY_API_KEY: apiKey } })
  await refused('the variable TRACKWAY_API_KEY', login(options))
})

test.each([' ', '\n', '\t\r\n', '\ufeff'])('whitespace around a key is removed: %j', async (around) => {
  const mock = createMock()
  const session = await login({
    host: mock.url,
    apiKey: `${around}${mock.apiKey}${around}`,
    fetch: mock.fetch,
    quiet: true,
  })
  expect(await session.listExperiments()).toEqual([])
  const { userFile } = await configureMachine()
  await changeUserConfig({ host: mock.url, apiKey: `${mock.apiKey}${around}` })
  expect(await readFile(userFile, 'utf8')).toContain(`"${mock.apiKey}"`)
})

test.each(['', ' \n'])('an empty key is reported as empty: %j', async (apiKey) => {
  const { message } = await errorOf('config_invalid', login({ host: 'http://host.test', apiKey, fetch }))
  expect(message).toContain('is empty')
})

test.each([
  `http://ada:${secret}@host.test`,
  `ada:${secret}@host.test`,
  `ada:pass@${secret}@host.test`,
  `${secret}-as-a-host`,
  `http://host.test/?key=${secret}`,
  `http://host.test/${secret}`,
  `ftp://ada:${secret}@host.test/`,
  `s3://ada:${secret}@bucket/prefix`,
])('a host with a secret in it is not repeated: %s', async (host) => {
  const error: unknown = await login({ host, quiet: true, fetch }).catch((thrown: unknown) => thrown)
  if (!TrackwayError.isInstance(error)) throw error
  expect(shown(error)).not.toContain(secret)
})

test.each<[string, (apiKey: string) => Promise<Response>]>([
  ['a fetch that fails', (apiKey) => Promise.reject(new TypeError(`fetch failed: Bearer ${apiKey}`))],
  ['a cause of it', (apiKey) => Promise.reject(new TypeError('x', { cause: new Error(`key ${apiKey}`) }))],
  ['a page', async (apiKey) => new Response(`<html>${apiKey}</html>`, { status: 403 })],
  [
    'a server',
    async (apiKey) => {
      const problem = { type: 'x', title: 'x', status: 401, detail: `key ${apiKey}`, code: 'unauthorized' }
      return Response.json(
        { ...problem, requestId: apiKey, retryable: false, given: { header: `Bearer ${apiKey}` } },
        { status: 401 },
      )
    },
  ],
])('a key that %s repeats is not in an error', async (_, answer) => {
  const retry = { firstDelayMs: 1, maxDelayMs: 1, budgetMs: 50 }
  const options = { host: 'http://host.test', apiKey: secret, quiet: true, retry }
  const error: unknown = await login({ ...options, fetch: () => answer(secret) }).catch(
    (thrown: unknown) => thrown,
  )
  if (!TrackwayError.isInstance(error)) throw error
  expect(shown(error)).not.toContain(secret)
})
