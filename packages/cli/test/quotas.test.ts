import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startMockServer, type Quotas } from '@trackway/mock-server'
import { expect, test, vi } from 'vitest'
import { prepareShell } from './shell.ts'

/** A user of a server with quotas, who uploads a file of a given size. */
async function prepare(quotas: Quotas) {
  const { folder, run } = await prepareShell()
  const server = await startMockServer({ quotas })
  const file = join(folder, 'a.bin')
  const words = ['upload', file, '--type', 'dataset', '--name', 'sample', '--host', server.url]
  vi.stubEnv('TRACKWAY_API_KEY', server.apiKey)
  return {
    close: server.close,
    requests: server.requests,
    async upload(bytes: number) {
      await writeFile(file, randomBytes(bytes))
      return run(words)
    },
  }
}

test('an upload beyond a quota fails with one line that says how much is used and what to do', async () => {
  const { upload, close } = await prepare({ team: { bytes: 1_000_000 } })
  expect(await upload(700_000)).toMatchObject({ code: 0 })
  const { code, out, err } = await upload(700_000)
  await close()
  expect({ code, out }).toEqual({ code: 6, out: '' })
  expect(err).toMatch(
    /^trackway: [^\n]*: Team default has 70\d kB of the 1\.0 MB that this server allows it, and this needs 700 kB; delete versions, [^\n]* \(quota_exceeded\)\n$/,
  )
})

test('an upload to a server that allows one request at a time waits silently', async () => {
  const { upload, close, requests } = await prepare({ key: { requests: 1 } })
  const { code, err } = await upload(20_000_000)
  await close()
  expect({ code, err }).toEqual({ code: 0, err: expect.not.stringContaining('429') as string })
  expect(requests.some(({ status }) => status === 429)).toBe(true)
}, 60_000)
