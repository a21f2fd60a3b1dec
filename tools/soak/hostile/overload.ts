import { setTimeout as sleep } from 'node:timers/promises'
import { add, type Counts } from '../campaign.ts'
import { forgetPeak, readMemory } from '../../processes/memory.ts'
import { percentile } from '../percentile.ts'
import { resultOf, type Running } from '../../processes/processes.ts'
import { attacks, type AttackKind } from './attacks.ts'
import { startBesiegedServer, type BesiegedServer } from './besieged-server.ts'
import { startBystander, type Bystander, type Waited } from './bystander.ts'
import type { Part, PartOptions } from './part.ts'
import { startAttacker } from './start-attacker.ts'

type Attacked = (typeof attacks)[number]

/** The targets. */
interface Targets {
  /** Milliseconds of 99 % of health checks. */
  healthMs: number
  peakMiB: number
  /** Resident memory afterwards, of that before. */
  growth: number
}

const targets: Targets = { healthMs: 500, peakMiB: 1024, growth: 1.5 }
/**
 * Of a short run, all of whose attacks begin at once on a machine that others may use: how fast it answers
 * says little there, and is only printed. Memory that is still held after some seconds may not be garbage
 * collected yet.
 */
const quickTargets: Targets = { healthMs: Number.POSITIVE_INFINITY, peakMiB: 1024, growth: 2.5 }
const settleMs = 30_000
/** How many of a server's 2,000 connections all attackers have together. */
const hostileConnections = 1_900

/** The measurements during an attack. */
interface Measured {
  what: string
  bystander: Bystander
  peakMiB: number
  tally: Counts
}

/** The attacks of one kind, one after the other on one server; in a short run all at the same time. */
export function overload(kind: AttackKind): Part {
  const those = attacks.filter((one) => one.kind === kind)
  return {
    name: kind,
    run: (options) => besiege(options, options.isQuick ? [those] : those.map((one) => [one])),
  }
}

async function besiege({ isQuick }: PartOptions, rounds: readonly (readonly Attacked[])[]): Promise<Counts> {
  const wanted = isQuick ? quickTargets : targets
  const server = await startBesiegedServer({ isQuick })
  try {
    for (const { prepare } of rounds.flat()) await prepare?.(server.hostileSite)
    const calm = await measure(server, 'no attack', () => sleep(isQuick ? 1_000 : 15_000))
    const before = (await readMemory(server.pid))?.now ?? Number.NaN
    const measured = [calm]
    for (const round of rounds)
      measured.push(
        await measure(server, round.map(({ name }) => name).join(' + '), (tally) =>
          attack(server, round, { tally, ms: isQuick ? 4_000 : 60_000 }),
        ),
      )
    const settling = startBystander(server.site)
    const after = await settle(server, isQuick ? before * wanted.growth : undefined)
    await settling.stop()
    for (const row of measured) console.error(describe(row))
    console.error(
      `resident before ${Math.round(before)} MiB, ${after.afterMs} ms after the last attack ${Math.round(after.MiB)} MiB`,
    )
    const misses = [
      ...measured.flatMap((row) => missesOf(row, wanted)),
      ...missesAfter(server, { before, after: after.MiB, growth: wanted.growth }),
    ]
    if (misses.length > 0) throw new Error(misses.join('\n'))
    return countsOf(measured)
  } finally {
    await server.stop()
  }
}

async function measure(
  server: BesiegedServer,
  what: string,
  during: (tally: Counts) => Promise<unknown>,
): Promise<Measured> {
  const tally: Counts = {}
  await forgetPeak(server.pid)
  const bystander = startBystander(server.site)
  try {
    await during(tally)
  } finally {
    await bystander.stop()
  }
  const peakMiB = (await readMemory(server.pid))?.peak ?? Number.NaN
  return { what, bystander, peakMiB, tally }
}

/** Each attack has a process of its own, which is ended when time is up, with all its connections. */
async function attack(
  { hostileSite: { host, port, key = '' } }: BesiegedServer,
  round: readonly Attacked[],
  { tally, ms }: { tally: Counts; ms: number },
): Promise<void> {
  const connections = Math.floor(hostileConnections / round.length)
  const attackers = round.map(({ name }) => startAttacker({ attack: name, host, port, key, connections }))
  try {
    await Promise.all(attackers.map((attacker) => attacker.printed('begin')))
    await sleep(ms)
    for (const attacker of attackers) add(tally, await talliedBy(attacker))
  } finally {
    for (const attacker of attackers) attacker.kill()
    await Promise.all(attackers.map(({ ended }) => ended))
  }
}

async function talliedBy(attacker: Running): Promise<Counts> {
  if (!attacker.child.connected) throw new Error(`An attacker gave up: ${attacker.output()}`)
  attacker.child.send('stop')
  return (await resultOf(attacker)) as Counts // What attacker.ts prints.
}

/** Waits for half a minute while others continue, or until no more than a limit is resident. */
async function settle(
  server: BesiegedServer,
  limit: number | undefined,
): Promise<{ MiB: number; afterMs: number }> {
  const begin = performance.now()
  for (;;) {
    const afterMs = Math.round(performance.now() - begin)
    const MiB = (await readMemory(server.pid))?.now ?? Number.NaN
    if (afterMs >= settleMs || (limit !== undefined && !(MiB > limit))) return { MiB, afterMs }
    await sleep(250)
  }
}

function missesOf({ what, bystander, peakMiB }: Measured, wanted: Targets): string[] {
  const slow = percentile(bystander.health.took, 99)
  const { unanswered } = bystander.health
  return [
    ...(slow > wanted.healthMs ? [`${what}: 99 % of health checks took up to ${Math.round(slow)} ms`] : []),
    ...(unanswered.length > 0
      ? [`${what}: ${unanswered.length} health checks were not answered: ${unanswered[0]}`]
      : []),
    ...(peakMiB > wanted.peakMiB ? [`${what}: ${Math.round(peakMiB)} MiB were resident`] : []),
  ]
}

function missesAfter(
  server: BesiegedServer,
  { before, after, growth }: { before: number; after: number; growth: number },
): string[] {
  if (!server.isAlive()) return [`The server ended: ${server.said()}`]
  return after > before * growth
    ? [`${Math.round(after)} MiB are resident afterwards, and ${Math.round(before)} were before`]
    : []
}

function describe({ what, bystander, peakMiB, tally }: Measured): string {
  const figures = (waited: Waited) =>
    `${[50, 99, 100].map((percent) => Math.round(percentile(waited.took, percent))).join(' | ')} | ${waited.unanswered.length}`
  const told = Object.entries(tally).map(([status, count]) => `${count.toLocaleString('en')} × ${status}`)
  return `| ${what} | ${figures(bystander.health)} | ${figures(bystander.version)} | ${Math.round(peakMiB)} | ${told.join(', ')} |`
}

function countsOf(measured: readonly Measured[]): Counts {
  const health = measured.slice(1).flatMap(({ bystander }) => bystander.health.took)
  return {
    'health checks': health.length,
    'most ms of 99 % of health checks': Math.round(percentile(health, 99)),
    'most MiB resident': Math.round(Math.max(...measured.map(({ peakMiB }) => peakMiB))),
  }
}
