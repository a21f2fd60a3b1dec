import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { findProgram } from './programs.ts'
import { credentials, type StoreServer } from './store-server.ts'

/** `rclone serve s3` over a remote. It ignores `If-None-Match` in PUT requests. */
export const rclone: StoreServer = {
  name: 'rclone',
  isInstalled: async () => {
    const program = findProgram('rclone')
    return program !== undefined && (await servesS3(program))
  },
  start: async (processes) => {
    const port = await freePort()
    const data = join(processes.folder, 'data')
    const config = join(processes.folder, 'rclone.conf')
    mkdirSync(data)
    writeFileSync(config, `[store]\ntype = alias\nremote = ${data}\n`)
    const { accessKeyId, secretAccessKey } = credentials
    const words = [
      '--config',
      config,
      '--addr',
      `127.0.0.1:${port}`,
      '--auth-key',
      `${accessKeyId},${secretAccessKey}`,
    ]
    processes.start(findProgram('rclone') ?? '', ['serve', 's3', ...words, 'store:'])
    return port
  },
}

/** The first release with `serve s3` is 1.65; distributions have older ones. */
async function servesS3(program: string): Promise<boolean> {
  const { stdout } = await promisify(execFile)(program, ['version'], { timeout: 20_000 })
  const [, major, minor] = /^rclone v(\d+)\.(\d+)/.exec(stdout) ?? []
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 65)
}
