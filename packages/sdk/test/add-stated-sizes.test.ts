import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Artifact } from '../src/index.ts'
import { startServer, temporaryFolder } from './test-server.ts'

// Files of /proc report a size of 0, whatever their content, and those of /sys a page.
const isLinux = process.platform === 'linux'

const stating: [string, string][] = [
  ['no bytes', '/proc/version'],
  ['a size of 0 and is too large for a bundle', '/proc/kallsyms'],
  ['a page', '/sys/kernel/uevent_seqnum'],
]

test.runIf(isLinux).each(stating)('a file that reports %s is stored completely', async (_, path) => {
  const { session } = await startServer()
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(path, { name: 'x' })
  const content = await readFile(path)
  expect(Buffer.from(await artifact.entry('x').bytes()).equals(content)).toBe(true)
  await session.uploadArtifact(artifact)
  const entry = (await session.getArtifact('sample', 'dataset')).entry('x')
  expect(entry.size).toBe(content.length)
  expect(Buffer.from(await entry.bytes()).equals(content)).toBe(true)
})

test.runIf(isLinux)('many files that report a size of 0 fit into memory', async () => {
  const { session } = await startServer()
  const artifact = new Artifact('sample', 'dataset')
  for (let count = 0; count < 60; count += 1) await artifact.add('/proc/version', { name: `x${count}` })
  await session.uploadArtifact(artifact)
  const { length } = await readFile('/proc/version')
  expect(artifact.entryList.map(({ size }) => size)).toEqual(Array.from({ length: 60 }, () => length))
})

const folderOfPages = '/sys/kernel/mm/ksm'

test.runIf(existsSync(folderOfPages))('a folder of files that report a page verifies', async () => {
  const { session } = await startServer()
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(folderOfPages)
  await session.uploadArtifact(artifact)
  const stored = await session.getArtifact('sample', 'dataset')
  expect(stored.size).toBeGreaterThan(0)
  expect(stored.size).toBeLessThan(4096)
  expect(await stored.verify(folderOfPages)).toMatchObject({ ok: true })
})

test('a file that was empty when it was added is stored with its content at the upload', async () => {
  const { session } = await startServer()
  const path = join(await temporaryFolder(), 'log')
  await writeFile(path, '')
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(path)
  await appendFile(path, 'a line\n')
  await session.uploadArtifact(artifact)
  expect(await artifact.entry('log').text()).toBe('a line\n')
})
