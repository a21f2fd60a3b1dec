// A process that waits until the one that started it is gone, and then sends what that one left behind.
import type { SenderModule, SenderTask } from './sender.ts'
import { actFor } from './spool-folder.ts'

/** Milliseconds after which it gives up: the next run on the machine sends the rest. */
const mostMs = 60_000

// It is to outlive the other one, also if both get the signal.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

const tasks: { task: SenderTask; module: Promise<SenderModule> }[] = []
let rest = ''
process.stdin.setEncoding('utf8')
for await (const text of process.stdin) {
  const lines = (rest + text).split('\n')
  rest = lines.pop() ?? ''
  for (const line of lines) {
    const task = JSON.parse(line) as SenderTask // As sender.ts writes it.
    const module = import(task.sender) as Promise<SenderModule> // The one that the task names.
    tasks.push({ task, module })
    module.then(({ prepareToSend }) => prepareToSend(task.reach)).catch(() => {})
  }
}
setTimeout(() => process.exit(1), mostMs).unref()
for (const { task, module } of tasks) {
  actFor(task.owner)
  await module.then(({ sendLeftBehind }) => sendLeftBehind(task.reach)).catch(() => {})
}
process.exit(0)
