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
    'EXPERIMENT  DEFAULT\nflowers\ntrees       yes\n',
  )
  expect(await json(['experiments'])).toEqual({ team: 'default', experiments: ['flowers', 'trees'] })
  expect((await run(['complete', '--', 'ls', '--experiment', 'f'])).out).toBe('flowers\tan experiment\n')
  const empty = await run(['experiments', '--team', 'other'])
  expect(empty).toMatchObject({ code: 0, out: '' })
  expect(empty.err).toContain('The team other has no experiments in ')
})

test('an empty experiment suggests the others', async () => {
  const { run, folder } = await prepareExperiments('a1', 'b2', 'c3', 'd4', 'e5', 'flowers')
  const nothing = await run(['ls'])
  expect(nothing).toMatchObject({ code: 0, out: '' })
  expect(nothing.err).toMatch(
    /^There is nothing in default\/uncategorized of .*\. Other experiments: a1, b2, c3, d4, e5, … \(6; trackway experiments lists them\); choose one with --experiment\n$/,
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
  // If no experiment has it, all are listed.
  expect((await run(['show', 'dataset/other'])).err).toContain('Other experiments: a1, b2')
})

test('an experiment that has only runs is not called empty', async () => {
  const { run, folder } = await prepareExperiments('flowers')
  const session = await login({ store: join(folder, 'store'), quiet: true })
  await (await session.init({ experiment: 'trees' })).finish()
  const { code, err } = await run(['ls', '--experiment', 'trees'])
  expect(code).toBe(0)
  expect(err).toContain('There are runs in default/trees of ')
  expect(err).toContain(', but no artifacts. Other experiments: flowers;')
})

test('a type without artifacts suggests the others', async () => {
  const { run } = await prepareExperiments('uncategorized')
  const mistyped = await run(['ls', 'datset'])
  expect(mistyped).toMatchObject({ code: 0, out: '' })
  expect(mistyped.err).toMatch(
    /has the type 'datset'\. The types are dataset; did you mean trackway ls dataset\?\n$/,
  )
  expect((await run(['ls', 'model'])).err).toContain('The types are dataset.\n')
})
