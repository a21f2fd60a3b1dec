import type { StoreFault } from '@trackway/server/testing'
import { counted, type Campaign, type Case } from '../campaign.ts'
import type { TestBucket } from '../../s3-servers/test-bucket.ts'
import { createWorld, isExpected, type World } from '../world.ts'
import { scenarios, type Scenario } from './crash-scenarios.ts'

const faults = [
  'crash before',
  'crash after',
  'torn',
  'before',
  'after',
  'later',
] as const satisfies StoreFault[]

interface Point {
  scenario: Scenario
  operation: number
  fault: StoreFault
}

/** Each scenario, with the process dying or the operation failing at each of its operations in turn. */
export const crashPoints: Campaign = {
  name: 'crash-points',
  title: `${scenarios.length} scenarios at every operation of the store: before it, after it, torn, failed, reply lost, late`,
  unit: 'points',
  quick: 'all',
  full: 'all',
  s3: { quick: 30, full: 'all' },
  ...counted(findPoints),
}

/** The operations are the same for every store, and are found in memory. */
async function findPoints(): Promise<Case[]> {
  const all: Case[] = []
  for (const scenario of scenarios) {
    const world = await prepare(scenario)
    const server = world.startServer('actor')
    await succeed(world, () => scenario.act(world, server))
    for (let operation = 1; operation <= server.faults.operations; operation += 1)
      for (const fault of faults) all.push(({ bucket }) => tryPoint({ scenario, operation, fault }, bucket))
  }
  return all
}

async function prepare(scenario: Scenario, bucket?: TestBucket): Promise<World> {
  const world = createWorld(1, { choose: () => 0, bucket })
  const server = world.startServer('before')
  await succeed(world, async () => scenario.prepare?.(world, server))
  return world
}

async function tryPoint(point: Point, bucket: TestBucket | undefined): Promise<void> {
  try {
    await crashAt(point, bucket)
  } catch (error) {
    const { scenario, operation, fault } = point
    throw new Error(`${scenario.name}, ${fault} at operation ${operation}`, { cause: error })
  }
}

async function crashAt({ scenario, operation, fault }: Point, bucket: TestBucket | undefined): Promise<void> {
  const world = await prepare(scenario, bucket)
  const dying = world.startServer('actor', ({ number }) => (number === operation ? fault : undefined))
  const [result] = await world.scheduler.run([() => scenario.act(world, dying)])
  if (result?.status === 'rejected' && !isExpected(result.reason)) throw result.reason
  await world.verify()
  await dying.faults.releaseLate()
  await world.verify()
  // The next client does the same again, and succeeds.
  const server = world.startServer('next')
  await succeed(world, () => scenario.act(world, server))
  await succeed(world, async () => scenario.expect?.(world, server))
  const versions = await world.verify()
  if (versions !== scenario.versions)
    throw new Error(`There are ${versions} versions and not ${scenario.versions}`)
}

async function succeed(world: World, program: () => Promise<unknown>): Promise<void> {
  const [result] = await world.scheduler.run([program])
  if (result?.status === 'rejected') throw result.reason
}
