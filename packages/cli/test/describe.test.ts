import { join } from 'node:path'
import { expect, test } from 'vitest'
import { prepareShell } from './shell.ts'
import { writeFiles } from './user.ts'

async function prepareVersion() {
  const shell = await prepareShell()
  await writeFiles(shell.folder, { 'a.txt': 'a' })
  const upload = (...words: string[]) =>
    shell.run(['upload', join(shell.folder, 'a.txt'), '--type', 'dataset', '--name', 'sample', ...words])
  await upload('--description', 'first', '--metadata', 'rows=1')
  return { ...shell, upload }
}

test('an upload that makes no version says which options it dropped, and which command applies them', async () => {
  const { run, upload } = await prepareVersion()
  const words = ['--description', 'second', '--metadata', 'rows=2']
  const both = await upload(...words)
  expect(both).toMatchObject({ code: 0, out: 'dataset/sample:V1\n' })
  expect(both.err).toMatch(
    /--description and --metadata were dropped, since no version was made; to set them, pass the same options to trackway describe dataset\/sample:V1\n$/,
  )
  expect((await upload('--description', 'first', '--metadata', 'rows=2')).err).toMatch(
    /^--metadata was dropped/m,
  )
  expect((await upload('--description', 'first')).err).not.toContain('dropped')
  expect(await run(['describe', 'dataset/sample:V1', ...words])).toMatchObject({
    code: 0,
    out: 'dataset/sample:V1 is updated\n',
  })
  expect((await upload(...words)).err).not.toContain('dropped')
})

test('a new description and metadata are shown by show and ls', async () => {
  const { run, json } = await prepareVersion()
  const described = await json(['describe', 'dataset/sample', '--metadata', '{"of":"a"}'])
  expect(described).toMatchObject({
    spec: 'dataset/sample:V1',
    version: { description: 'first', metadata: { rows: 1, of: 'a' } },
  })
  await run(['describe', 'dataset/sample:V1', '--description', 'better'])
  expect((await run(['show', 'dataset/sample'])).out).toMatch(
    / {2}description {2}better\n {2}described {4}20/,
  )
  expect((await run(['ls', 'dataset/sample'])).out).toMatch(/ {2}better\n$/)
  const { version } = await json(['describe', 'dataset/sample', '--clear-metadata', '--metadata', 'x=1'])
  expect(version).toMatchObject({ description: 'better', metadata: { x: 1 } })
})

test('the history shows who described the version how, the newest first', async () => {
  const { run, json } = await prepareVersion()
  await run(['describe', 'dataset/sample:V1', '--description', 'better'])
  const { history } = await json(['describe', 'dataset/sample', '--history'])
  expect(history).toMatchObject([{ description: 'better' }, { description: 'first', metadata: { rows: 1 } }])
  const { out } = await run(['describe', 'dataset/sample', '--history'])
  expect(out.split('\n').map((line) => line.split(/ {2,}/)[2])).toEqual([
    'DESCRIPTION',
    'better',
    'first',
    undefined,
  ])
})

test('describe needs an option, and a version that exists', async () => {
  const { run } = await prepareVersion()
  expect(await run(['describe', 'dataset/sample'])).toMatchObject({ code: 2, out: '' })
  expect(await run(['describe', 'dataset/sample', '--history', '--description', 'x'])).toMatchObject({
    code: 2,
  })
  expect(await run(['describe', 'dataset/sample:V2', '--description', 'x'])).toMatchObject({ code: 3 })
})

test('the history of an alias shows its moves, and an alias that never existed is an error', async () => {
  const { run, json, folder } = await prepareVersion()
  await writeFiles(folder, { 'b.txt': 'b' })
  await run(['upload', join(folder, 'b.txt'), '--type', 'dataset', '--name', 'sample'])
  await run(['alias', 'dataset/sample:V1', 'production'])
  await run(['alias', 'dataset/sample:V2', 'production'])
  await run(['alias', 'dataset/sample', 'production', '--remove'])
  const { history } = await json(['alias', 'dataset/sample', 'production', '--history'])
  expect(history).toMatchObject([{ tag: null }, { tag: 'V2' }, { tag: 'V1' }])
  const { out } = await run(['alias', 'dataset/sample', 'production', '--history'])
  expect(out.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual([
    'VERSION',
    'removed',
    'V2',
    'V1',
    '',
  ])
  const absent = await run(['alias', 'dataset/sample', 'prod', '--history'])
  expect(absent).toMatchObject({ code: 3, out: '' })
  expect(absent.err).toContain("has no alias 'prod'")
  expect(await run(['alias', 'dataset/sample', 'production', '--history', '--remove'])).toMatchObject({
    code: 2,
  })
})
