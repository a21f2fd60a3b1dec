import { fileURLToPath } from 'node:url'
import { start, type Running } from '../../processes/processes.ts'
import type { AttackOrder } from './attack.ts'

const attacker = fileURLToPath(new URL('attacker.ts', import.meta.url))

/** An attacker of the lowest priority: the server is measured, not who gets the processor. */
export function startAttacker(order: AttackOrder): Running {
  return start([attacker, JSON.stringify(order)], { isLast: true })
}
