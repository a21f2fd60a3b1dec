import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Artifact, login } from '@trackway/sdk'
import { createApiKey, createApp, createMemoryStore } from '@trackway/server'
import { serve } from '@trackway/server/node'
import { expect, onTestFinished, test } from 'vitest'

const execute = promisify(execFile)
const data = fileURLToPath(new URL('../data', import.meta.resolve('vega-datasets')))
/** A Python with the packages of requirements.txt. */
const python = process.env['TRACKWAY_INTEROP_PYTHON']
const chromium = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'chromium'))
  .find((program) => existsSync(program))

interface Answer {
  method: string
  path: string
  status: number
  range: string | null
  bytes: number
}

/** A server on a free port, with a key, that records its answers to requests for files. */
async function startServer() {
  const store = createMemoryStore()
  const { key } = await createApiKey(store, { user: 'ada', roles: { default: 'write' } })
  const app = await createApp({ store })
  const answers: Answer[] = []
  const server = await serve({
    port: 0,
    app: {
      async fetch(request) {
        const response = await app.fetch(request)
        const { pathname } = new URL(request.url)
        const bytes = request.method === 'HEAD' ? 0 : Number(response.headers.get('content-length'))
        const { method } = request
        const range = request.headers.get('range')
        if (pathname.includes('/files/'))
          answers.push({ method, path: pathname, status: response.status, range, bytes })
        return response
      },
    },
  })
  onTestFinished(() => server.close())
  const folder = await mkdtemp(join(tmpdir(), 'trackway-interop-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const env = {
    ...process.env,
    TRACKWAY_HOST: server.url,
    TRACKWAY_API_KEY: key,
    XDG_CONFIG_HOME: folder,
    XDG_CACHE_HOME: folder,
    no_proxy: '*',
  }
  return { url: server.url, key, answers, folder, env }
}

/** Uploads these files of the data to the server, and returns their URLs. */
async function addressesOf(
  { url, key }: { url: string; key: string },
  ...names: string[]
): Promise<string[]> {
  const session = await login({ host: url, apiKey: key, quiet: true })
  await session.init({ experiment: 'interop', quiet: true })
  const artifact = new Artifact('flights', 'dataset')
  for (const name of names) await artifact.add(join(data, name))
  await session.uploadArtifact(artifact, { hashCache: false })
  return Promise.all(names.map((name) => artifact.entry(name).url()))
}

const sizeOf = async (name: string) => (await stat(join(data, name))).size
const sum = (answers: readonly Answer[]) => answers.reduce((total, { bytes }) => total + bytes, 0)

test('the example reads three rows of a Parquet file, and transfers only a fraction of it', async () => {
  const { env, answers } = await startServer()
  const script = join(import.meta.dirname, 'read-parquet.ts')
  const { stdout } = await execute('node', [script], { env, timeout: 60_000 })
  expect(stdout).toContain('V1: delays of three flights of three million: -22, -4, 16\n')
  expect(answers[0]).toMatchObject({ method: 'HEAD', status: 200 })
  expect(answers.slice(1).every(({ status, range }) => status === 206 && range !== null)).toBe(true)
  const size = await sizeOf('flights-3m.parquet')
  expect(sum(answers)).toBeLessThan(size / 10)
  const print = join(import.meta.dirname, 'print-address.ts')
  const { stdout: address } = await execute('node', [print, 'dataset', 'flights', 'V1'], {
    env,
    timeout: 20_000,
  })
  const head = await fetch(address.trim(), { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(size)])
})

const page = await readFile(join(import.meta.dirname, '../../docs/interop.md'), 'utf8')
/** The code blocks of docs/interop.md, with the output that the page shows. */
const steps = [...page.matchAll(/```(python|sh)\n([\s\S]*?)```\n+```text\n([\s\S]*?)```/g)].map(
  ([, language = '', code = '', output = '']) => ({
    reader: /^import (?!os$)([\w.]+)$|^(curl)/m.exec(code)?.slice(1).join('') ?? '',
    program: language === 'python' ? python : 'bash',
    code,
    output,
  }),
)

test('docs/interop.md has four code blocks to run', () => {
  expect(steps).toHaveLength(4)
})

test.for(steps)('docs/interop.md reads URLs with $reader', async ({ program, code, output }, { skip }) => {
  if (program === undefined) return skip('TRACKWAY_INTEROP_PYTHON names no Python')
  const server = await startServer()
  const [FLIGHTS, AIRPORTS] = await addressesOf(server, 'flights-3m.parquet', 'airports.csv')
  const env = { ...server.env, FLIGHTS, AIRPORTS }
  const { stdout } = await execute(program, ['-c', code], { env, timeout: 60_000 })
  expect(stdout).toBe(output)
  expect(server.answers.map(({ status }) => status).filter((status) => status >= 300)).toEqual([])
  const flights = server.answers.filter(({ path }) => path.endsWith('.parquet'))
  expect(sum(flights)).toBeLessThan((await sizeOf('flights-3m.parquet')) / 10)
})

test.skipIf(chromium === undefined)(
  'a browser shows images by their URLs on a page of another origin',
  async () => {
    const { url, key, folder, env } = await startServer()
    const session = await login({ host: url, apiKey: key, quiet: true })
    await session.init({ experiment: 'interop', quiet: true })
    const pictures = new Artifact('pictures', 'dataset')
    await pictures.add(join(data, '7zip.png'))
    const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="23" height="5"/>'
    await pictures.add(new TextEncoder().encode(drawing), { name: 'drawing.svg' })
    await session.uploadArtifact(pictures, { hashCache: false })
    const addresses = await Promise.all(pictures.entryList.map((entry) => entry.url()))
    const show = "document.title += this.naturalWidth + ' wide '"
    const images = addresses.map((each) => `<img src="${each.replaceAll('&', '&amp;')}" onload="${show}">`)
    const file = join(folder, 'page.html')
    await writeFile(file, images.join(''))
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${folder}/profile`]
    const words = [...flags, '--virtual-time-budget=5000', '--dump-dom', `file://${file}`]
    const { stdout } = await execute(chromium ?? '', words, { env, timeout: 60_000 })
    const [, title = ''] = /<title>(.*)<\/title>/.exec(stdout) ?? []
    expect(title.match(/\d+/g)?.toSorted()).toEqual(['100', '23'])
  },
)
