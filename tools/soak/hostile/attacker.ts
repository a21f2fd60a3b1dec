// A process that attacks a server until it receives `stop`. Its order is its argument, as JSON.
import { Agent } from 'node:http'
import type { AttackOrder } from './attack.ts'
import { attacks } from './attacks.ts'

// The order is what `startAttacker` wrote.
const order = JSON.parse(process.argv[2] ?? '{}') as AttackOrder
const attack = attacks.find(({ name }) => name === order.attack)
if (attack === undefined) throw new Error(`There is no attack '${order.attack}'`)
const tally = {}
process.once('message', () => {
  process.stdout.write(`${JSON.stringify(tally)}\n`, () => process.exit(0))
})
setInterval(() => {}, 1000) // Connections that are not read from keep no process alive.
const agent = new Agent({ keepAlive: true, maxSockets: order.connections })
process.stdout.write('begin\n')
await attack.run({ ...order, agent, tally })
