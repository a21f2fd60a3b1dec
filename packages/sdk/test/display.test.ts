import assert from 'node:assert/strict'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { createMock } from '@trackway/mock-server'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Artifact, login, type Session } from '../src/index.ts'
import { temporaryFolder, writeFiles } from './test-server.ts'

const hostile = `<img src=x onerror=alert(1)>"'&\u202Etxt`

beforeEach(() => {
  openNotebook()
  return () => void vi.unstubAllGlobals()
})

/** Simulates a notebook with the Deno kernel. */
function openNotebook(): void {
  vi.stubGlobal('Deno', { jupyter: { broadcast: () => Promise.resolve() } })
}

async function begin(): Promise<{ session: Session; apiKey: string }> {
  const mock = createMock()
  const { url: host, apiKey, fetch } = mock
  const session = await login({ host, apiKey, fetch, quiet: true })
  await session.init({ experiment: 'tests', run: 'r', config: { [hostile]: hostile } })
  return { session, apiKey }
}

/** Adds files whose content is their name. */
async function addFiles(artifact: Artifact, names: readonly string[]): Promise<Artifact> {
  for (const name of names) await artifact.add(new TextEncoder().encode(name), { name })
  return artifact
}

/** What a notebook shows for a value: the markup, and the text in place of it. */
function shown(value: object): { html: string; text: string } {
  const show: unknown = Reflect.get(value, Symbol.for('Jupyter.display'))
  assert(typeof show === 'function')
  const bundle: Record<string, string> = Reflect.apply(show, value, [])
  const { 'text/html': html = '', 'text/plain': text = '', ...others } = bundle
  expect(others).toEqual({})
  checkMarkup(html)
  checkPrintable(text)
  return { html, text }
}

const tags = 'div span strong code table colgroup col tbody tr th td details summary br'.split(' ')

/** Holds markup to what every notebook shows: known, closed tags, its own styles, nothing remote. */
function checkMarkup(html: string): void {
  const open: string[] = []
  for (const [, slash, tag = '', attributes = ''] of html.matchAll(/<(\/?)([^\s>]*)([^>]*)>/g)) {
    expect(tags).toContain(tag)
    if (slash !== '') expect(open.pop()).toBe(tag)
    else if (tag !== 'col' && tag !== 'br') open.push(tag)
    expect(attributes).toMatch(/^( (style|class)="[^"<>&]*")*$/)
    expect(attributes).not.toContain('url(')
  }
  expect(open).toEqual([])
  expect(html.replace(/<\/?[a-z][^<>]*>/g, '')).not.toMatch(/[<>"']/)
  checkPrintable(html)
}

function checkPrintable(text: string): void {
  expect(text).not.toMatch(/(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u)
}

const escaped = '&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\uFFFDtxt'

describe('an artifact', () => {
  test('shows its name, its description, its entries and their total', async () => {
    const { session } = await begin()
    const artifact = new Artifact('sample', 'dataset', { description: 'Flowers', metadata: { seed: 7 } })
    await addFiles(artifact, ['a.csv', 'b/c.csv'])
    const draft = shown(artifact)
    expect(draft.text).toBe(
      [
        'artifact dataset/sample not uploaded yet',
        '  description  Flowers',
        '  metadata     seed: 7',
        '  total        2 files, 12 B',
        '  a.csv    5 B  new',
        '  b/c.csv  7 B  new',
      ].join('\n'),
    )
    const { digest } = await session.uploadArtifact(artifact)
    const { html, text } = shown(artifact)
    expect(text).toContain('artifact dataset/sample:V1\n')
    for (const part of ['dataset/sample:V1', 'Flowers', 'seed: 7', digest, 'b/c.csv', '2 files, 12 B'])
      expect(html).toContain(part)
    artifact.remove('a.csv')
    expect(shown(artifact).text).toContain('changed since V1, not uploaded yet')
  })

  test('escapes what others wrote', async () => {
    const artifact = new Artifact('sample', 'dataset', {
      description: `${hostile}\nforged`,
      metadata: { [hostile]: hostile, long: 'x'.repeat(9_000), deep: { list: [hostile] } },
    })
    await addFiles(artifact, [hostile.replace('\u202E', '')])
    const { html, text } = shown(artifact)
    expect(html.split(escaped).length).toBeGreaterThan(3)
    expect(html.length).toBeLessThan(6_000)
    expect(text).toContain('\n    forged')
    expect(text.length).toBeLessThan(2_000)
  })

  test('folds entries after the twentieth, and keeps a thousand', async () => {
    const names = Array.from({ length: 1_100 }, (_, index) => `${index}.csv`)
    const artifact = await addFiles(new Artifact('many', 'dataset'), names)
    const { html, text } = shown(artifact)
    const [inSight = '', folded = ''] = html.split('<details>')
    expect(inSight.split('.csv')).toHaveLength(21)
    expect(folded.split('.csv')).toHaveLength(981)
    expect(folded).toContain('… and 1,080 more')
    expect(folded).toContain('… and 100 not shown')
    expect(text.split('\n').slice(-2)).toEqual([
      expect.stringMatching(/^ {2}1014\.csv/),
      '  … and 1,080 more',
    ])
  })

  test('is printed readably, alone and among others', async () => {
    const artifact = await addFiles(new Artifact('sample', 'dataset'), ['a.csv'])
    expect(inspect(artifact)).toBe(shown(artifact).text)
    expect(inspect([artifact.entryList])).toBe('[ [ entry a.csv  5 B  new ] ]')
    expect(inspect(Artifact.prototype)).not.toContain('draft')
  })

  test('lists its entries', async () => {
    const { entryList } = await addFiles(new Artifact('sample', 'dataset'), ['a.csv', 'b.csv'])
    expect(shown(entryList).text).toBe('2 files, 10 B\n  a.csv  5 B  new\n  b.csv  5 B  new')
    expect(Object.keys(entryList)).toEqual(['0', '1'])
    const [entry] = entryList
    assert(entry !== undefined)
    expect(shown(entry).html).toContain('a.csv')
  })
})

describe('the results of calls', () => {
  test('an upload shows what was sent and what was stored before', async () => {
    const { session } = await begin()
    const artifact = await addFiles(new Artifact('sample', 'dataset'), ['a.csv'])
    const result = await session.uploadArtifact(artifact)
    expect(shown(result).text).toContain(
      'version dataset/sample:V1 is new\n  total   1 file, 5 B\n  sent    5 B',
    )
    expect(shown(result).html).toContain('width:100.0%;background:#3b82f6')
    expect(shown(await session.uploadArtifact(artifact)).text).toContain('already existed')
  })

  test('a diff shows its changes, and its text is harmless', async () => {
    const first = await addFiles(new Artifact('sample', 'dataset'), ['a', 'b'])
    const second = await addFiles(new Artifact('sample', 'dataset'), ['b', '<b>\u202E'])
    const diff = await first.diff(second)
    const { html, text } = shown(diff)
    expect(text).toBe(String(diff))
    expect(text.split('\n')[0]).toMatch(/: 1 added, 1 removed, 0 changed, 1 unchanged$/)
    expect(html).toContain('&lt;b&gt;\uFFFD')
    expect(shown(await first.diff(first)).html).not.toContain('<table')
  })

  test('a diff says how much a large entry grew', async () => {
    const before = new Artifact('sample', 'dataset')
    const after = new Artifact('sample', 'dataset')
    await before.add(new Uint8Array(2_000_000), { name: 'a' })
    await after.add(new Uint8Array(2_000_036), { name: 'a' })
    expect(shown(await before.diff(after)).text).toContain('~ a  2.0 MB, 36 B more')
  })

  test('a verification shows what is wrong', async () => {
    const folder = await temporaryFolder()
    await writeFiles(folder, { 'a.csv': 'a.csv', 'b.csv': 'other', '<i>.csv': '' })
    const artifact = await addFiles(new Artifact('sample', 'dataset'), ['a.csv', 'b.csv', 'c.csv'])
    const { html, text } = shown(await artifact.verify(folder, { quiet: true }))
    expect(text).toBe(
      `${folder} is not dataset/sample\n  missing  c.csv\n  changed  b.csv\n  extra    <i>.csv`,
    )
    expect(html).toContain('&lt;i&gt;.csv')
    await writeFiles(join(folder, 'whole'), { 'a.csv': 'a.csv' })
    const whole = await addFiles(new Artifact('sample', 'dataset'), ['a.csv'])
    expect(shown(await whole.verify(join(folder, 'whole'), { quiet: true })).text).toContain('bit for bit')
  })

  test('lists show their items', async () => {
    const { session } = await begin()
    await session.uploadArtifact(await addFiles(new Artifact('sample', 'dataset'), ['a.csv']))
    await session.setAlias('sample', 'dataset', 'best', 'V1')
    expect(shown(await session.listArtifacts()).text).toContain('dataset/sample  V1  1  5 B  best → V1')
    expect(shown(await session.listVersions('sample', 'dataset')).text).toContain('dataset/sample:V1  1  5 B')
    expect(shown(await session.listRuns()).html).toContain(escaped)
  })

  test.each([true, false])('stays plain data (notebook: %s)', async (isNotebook) => {
    if (!isNotebook) vi.unstubAllGlobals()
    const { session } = await begin()
    const artifact = await addFiles(new Artifact('sample', 'dataset'), ['a.csv'])
    const result = await session.uploadArtifact(artifact)
    const versions = await session.listVersions('sample', 'dataset')
    for (const value of [result, versions, await artifact.diff(artifact)]) {
      assert.deepEqual(value, structuredClone(value))
      expect(value).toStrictEqual(structuredClone(value))
      expect(Object.getOwnPropertySymbols(Object.assign({}, value))).toEqual([])
      expect(Object.getOwnPropertySymbols(value)).toHaveLength(isNotebook ? 1 : 0)
      expect(inspect(value)).not.toContain('Symbol')
    }
    expect(inspect(result)).toMatch(/^\{\n {2}tag: 'V1',/)
  })
})

test('a session and its run show where data goes, and no key', async () => {
  const { session, apiKey } = await begin()
  const { run } = session
  assert(run !== undefined)
  await run.log({ loss: 0.5, [hostile]: 1 })
  await run.log({ loss: Number.NaN })
  expect(shown(run).text).toContain('last values  loss NaN, <img')
  expect(shown(run).html).toContain('running')
  expect(inspect(session)).toContain('run         r')
  await run.finish()
  expect(inspect(run)).toMatch(/^Trackway run r, finished\n {2}team +default\n {2}experiment +tests\n/)
  expect(inspect(session)).not.toContain('run')
  const printed = inspect(session, { depth: 20, showHidden: true })
  for (const text of [printed, ...Object.values(shown(session)), ...Object.values(shown(run))])
    expect(text).not.toContain(apiKey)
})

test('in a notebook, init prints where a cell prints', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const write = vi.spyOn(process.stderr, 'write')
  onTestFinished(() => void vi.restoreAllMocks())
  const { url: host, apiKey, fetch } = createMock()
  const session = await login({ host, apiKey, fetch })
  await session.init({ run: 'r' })
  expect(log.mock.calls).toEqual([[expect.stringContaining('Trackway run r\n')]])
  expect(write).not.toHaveBeenCalled()
})
