import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { peakMemory } from './machine.ts'

/** A server in a separate process. */
export interface BenchServer {
  url: string
  apiKey: string
  /** MiB. */
  peak(): Promise<number | undefined>
  stop(): Promise<void>
}

export async function startServer(data: string): Promise<BenchServer> {
  const command = new URL('../../packages/server/bin/trackway-server.js', import.meta.url).pathname
  const child = spawn(process.execPath, [command, 'serve', '--store', data, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (piece) => {
    text += String(piece)
  })
  for (;;) {
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    if (child.exitCode !== null) throw new Error(`The server ended before it was ready: ${text}`)
    const url = /listening on (\S+)/.exec(text)?.[1]
    const apiKey = /API key \(shown once\): (\S+)/.exec(text)?.[1]
    if (url === undefined || apiKey === undefined) continue
    return {
      url,
      apiKey,
      peak: () => peakMemory(child.pid ?? 0),
      async stop() {
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      },
    }
  }
}
