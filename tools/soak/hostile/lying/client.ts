// A client in a process of its own, so that its memory can be measured. It does what its parent sends, one
// call after the other, and returns the result.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '@trackway/protocol'
import { TrackwayError } from '@trackway/sdk'
import type { Scene } from './call.ts'
import { forgetPeak, readMemory } from '../../../processes/memory.ts'
import { calls } from './calls.ts'
import type { CallOrder, FromClient, ToClient } from './messages.ts'

let lied: (() => void) | undefined

process.on('message', (message: ToClient) => {
  if (message.do === 'continue') lied?.()
  else void obey(message)
})
process.channel?.ref() // It waits for nothing else.
tell({ is: 'there' })

function tell(message: FromClient): void {
  process.send?.(message)
}

async function obey({ call: name, limitMs, ...scene }: CallOrder): Promise<void> {
  const call = calls.find((one) => one.name === name)
  if (call === undefined) throw new Error(`There is no call ${name}`)
  const folder = await mkdtemp(join(tmpdir(), 'trackway-lied-to-'))
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache')
  process.env['XDG_CONFIG_HOME'] = join(folder, 'config')
  process.env['TRACKWAY_ASSETS_DIR'] = join(folder, 'assets')
  const signal = AbortSignal.timeout(limitMs)
  const whole: Scene = { ...scene, folder: join(folder, 'work'), signal }
  try {
    const prepare = async () => (await call.prepare?.(whole)) ?? {}
    // A machine may be too busy for the little time that requests have here.
    const prepared = await prepare().catch(prepare).catch(prepare)
    const going = new Promise<void>((resolve) => (lied = resolve))
    tell({ is: 'prepared' })
    await going
    await forgetPeak(process.pid)
    const begin = performance.now()
    const outcome = await call.run(whole, prepared).then(
      (value) => ({ value: sha256(new TextEncoder().encode(JSON.stringify(value) ?? 'undefined')) }),
      (error: unknown) => ({
        code: TrackwayError.isInstance(error) ? error.code : 'not a TrackwayError',
        said: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
    )
    tell({
      is: 'done',
      ...outcome,
      ms: performance.now() - begin,
      peakMiB: (await readMemory(process.pid))?.peak ?? Number.NaN,
    })
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}
