import { join } from 'node:path'
import { login } from '@trackway/sdk'
import { expect, test } from 'vitest'
import { prepareShell, type Shell } from './shell.ts'
import { writeFiles } from './user.ts'

/** A user who uploaded a dataset to each of some experiments. */
async function prepareExperiments(...names: string[]): Promise<Shell> {
  const shell = await prepareShell()
  await writeFiles(shell.folder, { 'a.txt': 'a' })
  const upload = ['upload', join(shell.folder, 'a.txt'), '--type', 'dataset', '--name', 'sample']
  for (const name of names) await shell.run([...upload, '--experiment', name])
  return shell
}

test('experiments are listed, and completed', async () => {
  const { run, json } = await prepareExperiments('trees', 'flowers')
  expect((await run(['experiments', '--experiment', 'trees'])).out).toBe(
    'EXPERIMENT  MEANT\nflowers\ntrees       where none is named\n',
  )
  expect(await json(['experiments'])).toEqual({ team: 'default', experiments: ['flowers', 'trees'] })
  expect((await run(['complete', '--', 'ls', '--experiment', 'f'])).out).toBe('flowers\tan experiment\n')
  const empty = await run(['experiments', '--team', 'other'])
  expect(empty).toMatchObject({ code: 0, out: '' })
  expect(empty.err).toContain('The team other has no experiment in ')
})

test('where an experiment has nothing, those that there are are named', async () => {
  const { run, folder } = await prepareExperiments('a1', 'b2', 'c3', 'd4', 'e5', 'flowers')
  const nothing = await run(['ls'])
  expect(nothing).toMatchObject({ code: 0, out: '' })
  expect(nothing.err).toMatch(
    /^There is nothing in default\/uncategorized of .*\. Other experiments: a1, b2, c3, d4, e5, … \(6; trackway experiments lists them\); name one by --experiment\n$/,
  )
  expect(await run(['ls', '--quiet'])).toEqual({ code: 0, out: '', err: '' })
  for (const words of [
    ['ls', 'dataset/sample'],
    ['ls', 'dataset/sample:V1'],
    ['show', 'dataset/sample'],
    ['download', 'dataset/sample'],
    ['download', 'dataset/sample', './there'],
    ['diff', 'dataset/sample:V1', 'latest'],
    ['verify', 'dataset/sample', '.'],
    ['alias', 'dataset/sample', 'best'],
    ['push', 'dataset/sample', '--quiet', '--to', join(folder, 'other')],
  ]) {
    const { code, out, err } = await run([...words, '--experiment', 'flwers'])
    expect({ code, out }).toEqual({ code: 3, out: '' })
    expect(err).toMatch(/; did you mean --experiment flowers\? \(not_found\)\n$/)
  }
  expect((await run(['show', 'dataset/sample:V9', '--experiment', 'a1'])).err).not.toContain('--experiment')
  const elsewhere = await run(['show', 'dataset/sample', '--json'])
  expect(JSON.parse(elsewhere.err)).toMatchObject({
    error: {
      message: expect.stringMatching(/experiments a1, .* and flowers have it .*; pass --experiment$/),
      details: { experiments: ['a1', 'b2', 'c3', 'd4', 'e5', 'flowers'] },
    },
  })
  // Where none has it, those that there are are named.
  expect((await run(['show', 'dataset/other'])).err).toContain('Other experiments: a1, b2')
})

test('an experiment that has runs alone is not called empty', async () => {
  const { run, folder } = await prepareExperiments('flowers')
  const session = await login({ store: join(folder, 'store'), quiet: true })
  await (await session.init({ experiment: 'trees' })).finish()
  const { code, err } = await run(['ls', '--experiment', 'trees'])
  expect(code).toBe(0)
  expect(err).toContain('There are runs in default/trees of ')
  expect(err).toContain(', but no artifacts. Other experiments: flowers;')
})

test('where there is none of a type, those that there are are named', async () => {
  const { run } = await prepareExperiments('uncategorized')
  const mistyped = await run(['ls', 'datset'])
  expect(mistyped).toMatchObject({ code: 0, out: '' })
  expect(mistyped.err).toMatch(
    /is of the type 'datset'\. There are those of dataset; did you mean trackway ls dataset\?\n$/,
  )
  expect((await run(['ls', 'model'])).err).toContain('There are those of dataset.\n')
})
