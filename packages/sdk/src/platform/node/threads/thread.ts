import { Worker } from 'node:worker_threads'
import { TrackwayError } from '@trackway/protocol'
import type { Lane, OwnedBytes, TaskInput, TaskName, TaskOutput } from '../../tasks.ts'
import { packBytes, unpackBytes } from './sent-bytes.ts'
import { reviveError, type ThreadAnswer, type ThreadReady } from './messages.ts'

/** One thread of a crew. */
export interface Thread extends Lane {
  /** Tasks that are not done yet. */
  readonly load: number
  /** Whether it takes tasks; false once it broke down or was ended. */
  readonly isAlive: boolean
  /** Done when the thread works; rejects where the runtime cannot start it. */
  readonly ready: Promise<void>
  end(): void
}

// The sources run as they are where the runtime takes TypeScript: then the thread's file is a source as well.
const isSource = import.meta.url.endsWith('.ts')
const entry = new URL(isSource ? './worker.ts' : './worker.js', import.meta.url)

export function startThread(): Thread {
  const worker = new Worker(entry, isSource ? { execArgv: ['--conditions=@trackway/source'] } : {})
  const waiting = new Map<number, { resolve(output: unknown): void; reject(error: unknown): void }>()
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {}) // Whoever uses the thread looks at it.
  let count = 0
  let failure: unknown

  worker.on('message', (message: ThreadReady | ThreadAnswer) => {
    if ('ready' in message) {
      ready.resolve()
      rest()
      return
    }
    const task = waiting.get(message.id)
    waiting.delete(message.id)
    rest()
    if ('error' in message) task?.reject(reviveError(message.error))
    else task?.resolve(unpackBytes(message.output))
  })

  /** A thread that has nothing to do keeps no process alive. */
  function rest(): void {
    if (waiting.size === 0) worker.unref()
  }

  function fail(error: unknown): void {
    failure ??= error
    ready.reject(failure)
    for (const { reject } of waiting.values()) reject(failure)
    waiting.clear()
  }
  worker.on('error', (cause) =>
    fail(new TrackwayError('internal_error', `A thread broke down: ${String(cause)}`, { cause })),
  )
  const ended = () => fail(new TrackwayError('internal_error', 'A thread ended before its work was done'))
  worker.on('exit', ended)

  return {
    get load() {
      return waiting.size
    },
    get isAlive() {
      return failure === undefined
    },
    ready: ready.promise,
    run<Name extends TaskName>(name: Name, input: TaskInput<Name>, moved: readonly OwnedBytes[] = []) {
      if (failure !== undefined) return Promise.reject(failure)
      const { promise, resolve, reject } = Promise.withResolvers<TaskOutput<Name>>()
      // What comes back under this number is what the task of this name gave.
      waiting.set((count += 1), { resolve: (output) => resolve(output as TaskOutput<Name>), reject })
      worker.ref()
      worker.postMessage(
        { id: count, name, input: packBytes(input) },
        moved.map((bytes) => bytes.buffer),
      )
      return promise
    },
    end() {
      ended()
      void worker.terminate()
    },
  }
}
