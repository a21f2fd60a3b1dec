import { parentPort } from 'node:worker_threads'
import { tasks } from '../tasks.ts'
import { sendableError, type ThreadQuestion } from './messages.ts'
import { movableBuffers } from './movable-buffers.ts'

// A thread of a crew: it does what it is asked, one task after the other.
parentPort?.on('message', ({ id, name, input }: ThreadQuestion) => {
  try {
    // The question names the task that its input is for.
    const output = (tasks[name] as (input: unknown) => unknown)(input)
    parentPort?.postMessage({ id, output }, movableBuffers(output))
  } catch (error) {
    parentPort?.postMessage({ id, error: sendableError(error) })
  }
})
parentPort?.postMessage({ ready: true })
