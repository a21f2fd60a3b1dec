import { createMemoryStore } from '@trackway/server'
import { expect, test } from 'vitest'
import { createRandom } from './random.ts'
import { createScheduler } from './scheduler.ts'

/** Three programs that race for ten keys; returns whose turn it was, and who got which key. */
async function race(seed: number): Promise<string[]> {
  const events: string[] = []
  const scheduler = createScheduler({ random: createRandom(seed) })
  const store = createMemoryStore({ now: scheduler.clockAndIds.now })
  await scheduler.run(
    ['one', 'two', 'three'].map((name) => async () => {
      const mine = scheduler.takeTurns(store, name)
      for (let key = 0; key < 10; key += 1) {
        const won = await mine.putIfAbsent(`key-${key}`, new Uint8Array([1]))
        events.push(`${name} ${key} ${won} ${scheduler.clockAndIds.newId()} ${scheduler.clockAndIds.now()}`)
        if (won) await scheduler.clockAndIds.sleep(1000)
      }
    }),
  )
  return events
}

test('the same seed gives the same run, another seed another one', async () => {
  expect(await race(7)).toEqual(await race(7))
  expect(await race(7)).not.toEqual(await race(8))
})

test('time passes only when no program can continue without it, and then at once', async () => {
  const scheduler = createScheduler({ random: createRandom(1), startMs: 0 })
  const woken: number[] = []
  await scheduler.run(
    [3_600_000, 60_000].map((ms) => async () => {
      await scheduler.clockAndIds.sleep(ms)
      woken.push(scheduler.clockAndIds.now())
    }),
  )
  expect(woken).toEqual([60_000, 3_600_000])
})

test('programs that wait for each other forever are detected', async () => {
  const scheduler = createScheduler({ random: createRandom(1) })
  await expect(scheduler.run([() => new Promise(() => {})])).rejects.toThrow('1 programs wait')
})

test('while one program waits for a slow store, others may continue, and time does not pass', async () => {
  const waited: boolean[] = []
  const answers: (() => void)[] = []
  const scheduler = createScheduler({
    random: createRandom(1),
    startMs: 0,
    choose: () => 0,
    async settle(isAnyoneWaiting) {
      await new Promise((resolve) => setImmediate(resolve))
      waited.push(isAnyoneWaiting())
      if (isAnyoneWaiting()) return
      for (const answer of answers.splice(0)) answer()
      await new Promise((resolve) => setImmediate(resolve))
    },
  })
  const ask = async (name: string) => {
    await scheduler.turn(name, 'get')
    await new Promise<void>((resolve) => answers.push(resolve))
    return scheduler.clockAndIds.now()
  }
  const sleep = async () => {
    await scheduler.clockAndIds.sleep(1000)
    return scheduler.clockAndIds.now()
  }
  const results = await scheduler.run([() => ask('one'), () => ask('two'), sleep])
  expect(waited.slice(0, 3)).toEqual([true, true, false])
  expect(results).toEqual([0, 0, 1000].map((value) => ({ status: 'fulfilled', value })))
})

test('the scheduler waits for work on other threads, but not for long if there is none', async () => {
  const scheduler = createScheduler({ random: createRandom(1) })
  const hash = () => crypto.subtle.digest('SHA-256', new Uint8Array(16 * 1024 * 1024))
  expect(await scheduler.run([hash])).toMatchObject([{ status: 'fulfilled' }])
  await expect(scheduler.run([() => new Promise(() => {})])).rejects.toThrow('never happens')
})
