import { fileURLToPath } from 'node:url'
import { start, type Running } from '../../processes/processes.ts'
import type { AttackOrder } from './attack.ts'

const attacker = fileURLToPath(new URL('attacker.ts', import.meta.url))

/** An attacker, whom everything else on this machine goes before: what is measured is the server, and not who gets the processor. */
export function startAttacker(order: AttackOrder): Running {
  return start([attacker, JSON.stringify(order)], { isLast: true })
}
