import { createServer } from 'node:http'
import { join } from 'node:path'
import { startMockServer } from '@trackway/mock-server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { prepareShell } from './shell.ts'
import { writeFiles } from './user.ts'

const nasty = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202egnp.exe\u2028'
// Characters that a terminal obeys, except in our own styles.
const obeyed = /(?!\n)\p{Cc}|[\p{Bidi_C}\p{Zl}\p{Zp}]/u
// oxlint-disable-next-line no-control-regex -- Styles begin with a control character.
const styles = /\u001b\[(?:1|2|22|31|32|33|36|39)m/g

test.each([false, true])(
  'nothing that is stored reaches a terminal as it is (terminal: %s)',
  async (isTerminal) => {
    const { run, folder } = await prepareShell()
    const path = 'x\u202egnp.exe'
    await writeFiles(folder, { [`data/${path}`]: 'a' })
    const upload = [join(folder, 'data'), '--type', 'dataset', '--name', 'sample', '--description', nasty]
    await run(['upload', ...upload, '--metadata', JSON.stringify({ [nasty]: nasty })])
    await writeFiles(folder, { [`data/${path}`]: 'b' })
    await run(['upload', ...upload])
    const shown = await Promise.all(
      [
        ['ls'],
        ['ls', 'dataset/sample'],
        ['ls', 'dataset/sample:V1'],
        ['show', 'dataset/sample:V1'],
        ['diff', 'dataset/sample:V1', 'V2'],
        ['verify', 'dataset/sample:V1', join(folder, 'data')],
        ['download', `dataset/sample:V1[${path}]`],
        ['url', `dataset/sample:V1[${path}]`],
        ['download', 'dataset/sample', folder, '--include', nasty, '--overwrite'],
        ['ls', nasty],
        [nasty],
      ].map((words) => run(words, { isTerminal })),
    )
    for (const { out, err } of shown) {
      expect(out + err).not.toBe('')
      expect((out + err).replace(isTerminal ? styles : '', '')).not.toMatch(obeyed)
    }
  },
)

test('JSON escapes characters that a terminal obeys or hides, and loses nothing', async () => {
  const { run, folder } = await prepareShell()
  await writeFiles(folder, { 'data/a.txt': 'a' })
  const words = [
    join(folder, 'data'),
    '--type',
    'dataset',
    '--name',
    'sample',
    '--description',
    `${nasty}\u200b`,
  ]
  await run(['upload', ...words])
  const { out } = await run(['show', 'dataset/sample', '--json'])
  expect(out).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  expect(JSON.parse(out)).toMatchObject({ version: { description: `${nasty}\u200b` } })
})

test('invalid names in responses, and keys of error details, are not shown', async () => {
  const { run } = await prepareShell()
  await using mock = await startMockServer({ apiKey: 'tw_secret' })
  const server = createServer((request, response) => {
    const { url = '' } = request
    if (url.includes('/runs') || url.includes('/V1')) {
      const fields = { type: 'x', title: 'x', status: 404, detail: 'x', code: 'not_found', requestId: 'r' }
      response.writeHead(404, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify({ ...fields, retryable: false, [nasty]: { [nasty]: [nasty] } }))
      return
    }
    if (url.includes('/aliases')) return void response.end(JSON.stringify({ aliases: { [nasty]: 'V1' } }))
    void fetch(`${mock.url}${url}`, { headers: { authorization: request.headers.authorization ?? '' } }).then(
      async (answer) => response.writeHead(answer.status).end(await answer.text()),
    )
  })
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const host = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  vi.stubEnv('TRACKWAY_API_KEY', 'tw_secret')
  const listed = await run(['alias', '--remove', 'dataset/sample', 'production', '--host', host])
  expect(listed).toMatchObject({ code: 6, out: '' })
  expect(listed.err).toMatch(/\(not_trackway\)\n$/)
  expect(listed.err).not.toMatch(obeyed)
  const failed = await run(['show', 'dataset/sample:V1', '--host', host, '--json'])
  expect(failed.code).toBe(3)
  expect(failed.err).not.toMatch(obeyed)
  expect(Object.keys(JSON.parse(failed.err).error.details)).toEqual([
    expect.stringContaining('\uFFFD]0;owned'),
  ])
})
