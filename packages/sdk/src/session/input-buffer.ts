import type { VersionReference } from '@trackway/protocol'

/** Takes note of the versions that a run read, and tells the server in the background. */
export interface InputBuffer {
  add(input: VersionReference): void
  /** Tells the server of all that was added. Rejects where that fails; what was not told is kept. */
  flush(): Promise<void>
}

const intervalMs = 1_000

/** `send` tells of one version, and with `once` does not try for long; of the same one it may be told again. */
export function createInputBuffer(
  send: (input: VersionReference, options: { once: boolean }) => Promise<void>,
): InputBuffer {
  const told = new Set<string>()
  const waiting = new Map<string, VersionReference>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let telling: Promise<unknown> = Promise.resolve()

  /** One after the other, so that what is on its way is not told once more, and is waited for. */
  function tell(options: { once: boolean }): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const next = telling.catch(() => {}).then(() => tellWaiting(options))
    telling = next
    return next
  }

  async function tellWaiting(options: { once: boolean }): Promise<void> {
    await Promise.all(
      [...waiting].map(async ([key, input]) => {
        await send(input, options)
        waiting.delete(key)
        told.add(key)
      }),
    )
  }

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      tell({ once: true }).catch(schedule) // flush() says so when it fails again.
    }, intervalMs)
    // A script that has ended does not wait for it.
    if (typeof timer === 'object') timer.unref()
  }

  return {
    flush: () => tell({ once: false }),
    add(input) {
      const key = JSON.stringify(input)
      if (told.has(key)) return
      waiting.set(key, input)
      schedule()
    },
  }
}
