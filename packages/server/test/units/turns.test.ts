import { expect, test } from 'vitest'
import { noteConnection, takeTurn } from '../../src/engine/pauses.ts'
import { readInTurns } from '../../src/node/few-in-a-turn.ts'
import { createTurns } from '../../src/node/turns.ts'
import { createMemoryStore } from '../../src/stores/memory-store.ts'

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

/** What waits for its turn, by number, and what has begun. */
function begin(count: number): number[] {
  const turn = createTurns(2)
  const begun: number[] = []
  for (let number = 0; number < count; number += 1) void turn().then(() => begun.push(number))
  return begun
}

test('few begin in one turn, in the order of their arrival', async () => {
  const begun = begin(5)
  await Promise.resolve()
  expect(begun).toEqual([0, 1])
  await nextTurn()
  expect(begun).toEqual([0, 1, 2, 3])
  await nextTurn()
  expect(begun).toEqual([0, 1, 2, 3, 4])
})

test('few objects are looked for in one turn', async () => {
  const memory = createMemoryStore()
  let looks = 0
  const head = (key: string) => {
    looks += 1
    return memory.head(key)
  }
  const store = readInTurns({ ...memory, head })
  const all = Promise.all(Array.from({ length: 100 }, (_, number) => store.head(`k/${number}`)))
  await nextTurn()
  await nextTurn()
  expect(looks).toBeGreaterThan(0)
  expect(looks).toBeLessThan(100)
  expect(await all).toHaveLength(100)
  expect(looks).toBe(100)
})

test('while connections arrive nothing begins; it begins when none has arrived, or many have', async () => {
  noteConnection()
  const begun = begin(3)
  await nextTurn()
  expect(begun).toEqual([])
  await nextTurn()
  await nextTurn()
  expect(begun).toEqual([0, 1, 2])

  const late = begin(1)
  for (let turn = 0; turn < 50; turn += 1) {
    noteConnection()
    await nextTurn()
  }
  expect(late).toEqual([])
  for (let turn = 0; turn < 60; turn += 1) {
    noteConnection()
    await nextTurn()
  }
  expect(late).toEqual([0])
})

test('while connections arrive work waits; it continues when none has arrived, or many have', async () => {
  let slices = 0
  const work = async (count: number) => {
    for (let slice = 0; slice < count; slice += 1) {
      await takeTurn(1024 * 1024)
      slices += 1
    }
  }
  for (let turn = 0; turn < 3; turn += 1) await nextTurn()
  noteConnection()
  const working = work(2)
  await Promise.resolve()
  expect(slices).toBe(0)
  for (let turn = 0; turn < 50; turn += 1) {
    noteConnection()
    await nextTurn()
  }
  expect(slices).toBe(0)
  for (let turn = 0; turn < 60; turn += 1) {
    noteConnection()
    await nextTurn()
  }
  expect(slices).toBe(1)
  await working
  expect(slices).toBe(2)
})
