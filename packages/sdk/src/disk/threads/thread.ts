import { randomUUID } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { TrackwayError } from '@trackway/protocol'
import type { Lane, OwnedBytes, TaskInput, TaskName, TaskOutput } from '../../tasks/tasks.ts'
import { packBytes, unpackBytes } from './sent-bytes.ts'
import { reviveError, type ThreadAnswer, type ThreadData } from './messages.ts'

/** One thread of a crew. */
export interface Thread extends Lane {
  /** How many tasks are not done yet. */
  readonly load: number
  /** Whether it accepts tasks; false once it broke down or was ended. */
  readonly isAlive: boolean
  /** Resolves when the thread works; rejects if the runtime cannot start it. */
  readonly ready: Promise<void>
  end(): void
}

/** Milliseconds within which a thread has to begin to listen. */
const startMs = 5_000

/** Throws if there cannot be a thread, as in a CommonJS bundle, which does not know its own location. */
export function startThread(file: URL = ownFile()): Thread {
  const greeting = randomUUID()
  const worker = new Worker(file, {
    workerData: { greeting } satisfies ThreadData,
    ...(isSource(file) && { execArgv: ['--conditions=@trackway/source'] }),
  })
  const waiting = new Map<number, { resolve(output: unknown): void; reject(error: unknown): void }>()
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {}) // Users of the thread await it.
  let count = 0
  let failure: unknown
  let isReady = false

  const lateness = setTimeout(() => {
    fail(new TrackwayError('internal_error', `A thread did not start within ${startMs / 1000} s`))
    void worker.terminate()
  }, startMs)

  worker.on('message', (message: ThreadAnswer) => {
    if (!isReady) return greet(message)
    const task = waiting.get(message.id)
    waiting.delete(message.id)
    rest()
    if ('error' in message) task?.reject(reviveError(message.error))
    else task?.resolve(unpackBytes(message.output))
  })

  /** Before its greeting, a thread may send anything: it may be a program that was started by mistake. */
  function greet(message: unknown): void {
    if (!isGreeting(message, greeting)) return
    isReady = true
    clearTimeout(lateness)
    ready.resolve()
    rest()
  }

  /** An idle thread does not keep the process alive. */
  function rest(): void {
    if (waiting.size === 0) worker.unref()
  }

  function fail(error: unknown): void {
    failure ??= error
    clearTimeout(lateness)
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
      // The answer with this number is the result of the task of this name.
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

/** The file that a thread runs. Its name is unique, so that a bundle does not start a file of its user's. */
function ownFile(): URL {
  const url: string = import.meta.url // In a variable, or webpack would look for the file during the build.
  return new URL(url.endsWith('.ts') ? './trackway-thread.ts' : './trackway-thread.js', url)
}

/**
 * If the runtime supports TypeScript, the sources run as they are: then the thread's file is a source as
 * well.
 */
function isSource({ pathname }: URL): boolean {
  return pathname.endsWith('.ts')
}

function isGreeting(message: unknown, greeting: string): boolean {
  return (
    typeof message === 'object' && message !== null && 'greeting' in message && message.greeting === greeting
  )
}
