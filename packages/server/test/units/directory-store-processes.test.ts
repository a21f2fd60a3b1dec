import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectBytes } from '../../src/stores/byte-stream.ts'
import { probeStore } from '../../src/stores/probe-store.ts'
import { openDirectoryStore } from '../../src/node/directory/directory-store.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trackway-processes-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A process of its own, with `store` opened, that runs a script and prints lines. */
function start(path: string, script: string): ChildProcess {
  const source = `
    import { openDirectoryStore } from ${JSON.stringify(new URL('../../src/node/directory/directory-store.ts', import.meta.url).href)}
    const store = await openDirectoryStore(${JSON.stringify(path)})
    ${script}`
  const args = ['--conditions=@trackway/source', '--input-type=module', '--eval', source]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** What a process prints until it ends. */
async function linesOf({ stdout }: ChildProcess, onLine?: (count: number) => unknown): Promise<string[]> {
  const lines: string[] = []
  if (stdout === null) return lines
  for await (const line of createInterface({ input: stdout })) {
    lines.push(line)
    onLine?.(lines.length)
  }
  return lines
}

test('one of 8 processes that race for 50 keys wins each key, and no object is torn', async () => {
  const path = join(folder, 'race')
  const writers = Array.from({ length: 8 }, (_, writer) =>
    start(
      path,
      `const body = new Uint8Array(20_000 + ${writer}).fill(${writer})
       for (let key = 0; key < 50; key += 1) {
         if (await store.putIfAbsent('t/' + key, body)) console.log(key)
         let size = 0
         for await (const piece of (await store.get('t/' + key)).body) size += piece.length
         if (size < 20_000) console.log('torn')
       }`,
    ),
  )
  const wins = await Promise.all(writers.map((writer) => linesOf(writer)))
  expect(wins.flat().toSorted((one, other) => Number(one) - Number(other))).toEqual(
    Array.from({ length: 50 }, (_, key) => `${key}`),
  )
  const store = await openDirectoryStore(path)
  for (const [writer, keys] of wins.entries()) {
    for (const key of keys) {
      const object = await store.get(`t/${key}`)
      expect(object && (await collectBytes(object.body))).toEqual(
        new Uint8Array(20_000 + writer).fill(writer),
      )
    }
  }
})

test('a process that is killed while it writes leaves no part of an object and a store that works', async () => {
  const path = join(folder, 'killed')
  const writer = start(
    path,
    `const piece = new Uint8Array(100_000).fill(1)
     async function* endless() { for (;;) yield piece }
     void store.putIfAbsent('t/endless', endless())
     for (let key = 0; ; key += 1) {
       await Promise.all([0, 1, 2, 3].map((part) => store.putIfAbsent('t/' + key + '-' + part, [piece, piece])))
       console.log(key)
     }`,
  )
  const acknowledged = await linesOf(writer, (count) => count === 10 && writer.kill('SIGKILL'))
  const store = await openDirectoryStore(path)
  const { objects } = await store.list({ prefix: 't/' })
  const keys = new Set(objects.map(({ key }) => key))
  for (const key of acknowledged) for (const part of [0, 1, 2, 3]) expect(keys).toContain(`t/${key}-${part}`)
  expect(objects.filter(({ size }) => size !== 200_000)).toEqual([])
  expect(keys).not.toContain('t/endless')
  expect(await store.putIfAbsent('t/endless', new Uint8Array(1))).toBe(true)
  await probeStore(store)
})
