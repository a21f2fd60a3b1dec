import { join } from 'node:path'
import { expect, test } from 'vitest'
import { prepareShell } from './shell.ts'
import { writeFiles } from './user.ts'

test('an error is one line with its code, or one JSON document where that was asked for', async () => {
  const { run, folder } = await prepareShell()
  await writeFiles(folder, { 'a.txt': 'a' })
  await run(['upload', join(folder, 'a.txt'), '--type', 'dataset', '--name', 'sample'])
  const { code, out, err } = await run(['show', 'dataset/simple'])
  expect({ code, out }).toEqual({ code: 3, out: '' })
  expect(err).toMatch(
    /^trackway: Reading dataset\/simple:latest: .*did you mean dataset\/sample\?.*\(not_found\)\n$/,
  )
  const json = await run(['show', 'dataset/simple', '--json'])
  expect(json).toMatchObject({ code: 3, out: '' })
  expect(JSON.parse(json.err)).toMatchObject({
    error: { code: 'not_found', exitCode: 3, details: { artifact: 'dataset/simple' } },
  })
})

test.each([
  { words: ['uplaod'], says: "unknown command 'uplaod' (Did you mean upload?)" },
  { words: ['ls', '--jsom'], says: "unknown option '--jsom' (Did you mean --json?)" },
  { words: ['upload', 'x', '--name', 'n'], says: "required option '--type <type>' not specified" },
  {
    words: ['ls', '--host', 'http://a', '--dir', 'b'],
    says: "option '--host <address>' cannot be used with option '--dir <folder>'",
  },
  { words: ['upload', 'x', '--type', 'd', '--name', 'n', '--metadata', 'rows'], says: 'Write key=value' },
  {
    words: ['upload', 'x', '--type', 'd', '--name', 'n', '--metadata', '{rows'],
    says: 'It begins like a JSON object',
  },
  { words: ['show', 'dataset'], says: "'dataset' is no spec" },
  { words: ['login'], says: 'login needs --host' },
  { words: ['login', '--host', 'http://a'], says: 'login needs --api-key-stdin or --api-key' },
])('what is written wrong ends with 2 and one line: $words', async ({ words, says }) => {
  const { run } = await prepareShell()
  const { code, out, err } = await run(words)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(says)
  expect(err).toMatch(/^trackway: [^\n]+ \((option_invalid|reference_invalid)\)\n$/)
  const json = await run([...words, '--json'])
  expect(JSON.parse(json.err)).toMatchObject({ error: { exitCode: 2 } })
})

test('without a command, and of a group without one, the help is shown', async () => {
  const { run } = await prepareShell()
  const help = await run([])
  expect(help).toMatchObject({ code: 0, err: '' })
  expect(help.out).toContain('trackway upload ./data --type dataset --name sample')
  expect(await run(['--help'])).toEqual(help)
  expect(await run(['assets'])).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('Usage: trackway assets'),
  })
  expect((await run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
})
