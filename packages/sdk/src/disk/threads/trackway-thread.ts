import { parentPort, workerData } from 'node:worker_threads'
import { tasks } from './tasks.ts'
import { sendableError, type ThreadData, type ThreadQuestion, type ThreadReady } from './messages.ts'
import { movableBuffers, packBytes, unpackBytes } from './sent-bytes.ts'

// A thread of a crew: it does what it is asked, one task after the other.
parentPort?.on('message', ({ id, name, input }: ThreadQuestion) => {
  try {
    // The request names the task that its input is for.
    const output = packBytes((tasks[name] as (input: unknown) => unknown)(unpackBytes(input)))
    parentPort?.postMessage({ id, output }, movableBuffers(output))
  } catch (error) {
    parentPort?.postMessage({ id, error: sendableError(error) })
  }
})
// As thread.ts sets it.
parentPort?.postMessage({ greeting: (workerData as ThreadData).greeting } satisfies ThreadReady)
