import { readlinkSync } from 'node:fs'
import { mkdir, readdir, realpath, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { login } from '@trackway/sdk'
import { expect, test, vi } from 'vitest'
import { prepareShell } from './shell.ts'

test('what a killed run left is sent once, and what is not of this store is listed', async () => {
  const { folder, run, json } = await prepareShell()
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'))
  const spools = join(folder, 'state', 'trackway', 'runs')
  await mkdir(spools, { recursive: true })
  const session = await login({ quiet: true })
  const { name } = await session.init({ run: 'night' })
  const { commitId: began } = await session.getRun(name)
  const { storeId, user, team, experiment } = session
  const address = await realpath(join(folder, 'store'))
  const spooled = { address, storeId, user, team, experiment, run: name, began }
  const header = (of: object) => ({
    spool: 1,
    run: { ...spooled, writer: '5eed5eed', sequence: 1, ...of },
    owner: {
      id: crypto.randomUUID(),
      host: `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`,
      pid: 2 ** 30,
    },
  })
  const log = { log: [0, 1].map((step) => [step, 'loss', 1 / (step + 1), 1_790_000_000_000]), after: 1 }
  const lines = (...all: object[]) => all.map((line) => `${JSON.stringify(line)}\n`).join('')
  await writeFile(join(spools, '1.ndjson'), `${lines(header({}), log)}{"log":[[2,"lo`)
  await writeFile(join(spools, '2.ndjson'), lines(header({ address: 'https://other.test' }), log))

  const first = await run(['sync'])
  expect(first).toMatchObject({ code: 0, out: 'night\n' })
  expect(first.err).toContain('default/uncategorized/night: 2 values sent; the run is interrupted\n')
  expect(first.err).toContain('at https://other.test is kept: it belongs to another store\n')
  expect((await session.getLog('night')).map(({ value }) => value)).toEqual([1, 0.5])
  expect(await json(['sync'])).toMatchObject({ sent: [], kept: [{ run: 'night' }] })
  expect(await readdir(spools)).toContain('2.ndjson')
})
