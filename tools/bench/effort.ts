import { allProcessorSeconds, processorSeconds } from './machine.ts'
import { median } from './statistics.ts'

/** The processor time that a piece of work took, in seconds, by who took it. */
export interface Effort {
  servers: number
  clients: number
  /** This process, which forwards connections. */
  proxy: number
  /** Other processes, by name and number, such as the S3 server. */
  others: Map<string, number>
  /** How many processors were busy. */
  processors: number
}

interface Reading {
  at: number
  machine: number
  processes: Awaited<ReturnType<typeof processorSeconds>>
}

export async function takeEffort(): Promise<Reading> {
  const processes = await processorSeconds()
  return { at: performance.now() / 1000, machine: allProcessorSeconds(), processes }
}

export function effortSince(
  before: Reading,
  after: Reading,
  own: { servers: readonly number[]; clients: readonly number[] },
): Effort {
  const taken = (pid: number) =>
    (after.processes.get(pid)?.seconds ?? 0) - (before.processes.get(pid)?.seconds ?? 0)
  const sum = (pids: readonly number[]) => pids.reduce((total, pid) => total + taken(pid), 0)
  const ours = new Set([...own.servers, ...own.clients, process.pid])
  const others = [...after.processes].filter(([pid]) => !ours.has(pid))
  return {
    servers: sum(own.servers),
    clients: sum(own.clients),
    proxy: taken(process.pid),
    others: new Map(others.map(([pid, { name }]) => [`${name} (${pid})`, taken(pid)])),
    processors: (after.machine - before.machine) / (after.at - before.at),
  }
}

const shownOthers = 4

/** Each party's median processor time per piece of work. More servers do not help busy processors. */
export function describeEffort(efforts: readonly Effort[], pieces: number): string[] {
  const each = (of: (effort: Effort) => number) => (median(efforts.map(of)) / pieces) * 1000
  const names = new Set(efforts.flatMap(({ others }) => [...others.keys()]))
  const others = [...names]
    .map((name) => ({ name, ms: each((effort) => effort.others.get(name) ?? 0) }))
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, shownOthers)
  const costs = [
    { name: 'servers', ms: each(({ servers }) => servers) },
    { name: 'clients', ms: each(({ clients }) => clients) },
    { name: 'proxy', ms: each(({ proxy }) => proxy) },
    ...others,
  ]
  return [
    `processor time of each: ${costs.map(({ name, ms }) => `${name} ${ms.toFixed(1)} ms`).join(', ')}`,
    `${median(efforts.map(({ processors }) => processors)).toFixed(2)} processors busy`,
  ]
}
