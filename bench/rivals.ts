import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { writeSmallFiles } from './data.ts'
import { execute, type Lab } from './lab.ts'
import { time } from './statistics.ts'

/** What people would use instead. */
export interface Rival {
  name: string
  /** Milliseconds for so many files of 10 kB, each way. */
  measure(lab: Lab): Promise<{ files: number; upload: number; download: number }>
}

/** What does less than this many files in a minute or two is measured with fewer, and compared by its rate. */
const files = 1000
const minutes = 60_000

/**
 * The rivals that this machine has: rclone, and MLflow and trackio in the Python that BENCH_PYTHON names. Those that it
 * has not are not measured, and not guessed.
 */
export async function findRivals(): Promise<Rival[]> {
  const rivals: Rival[] = []
  if (await works('rclone', ['version']))
    rivals.push({ name: 'rclone copy to rclone serve webdav', measure: measureRclone })
  const python = process.env['BENCH_PYTHON']
  for (const module of ['mlflow', 'trackio']) {
    if (python === undefined || !(await works(python, ['-c', `import ${module}`]))) continue
    rivals.push({ name: module, measure: (lab) => measurePython(lab, python, module) })
  }
  return rivals
}

async function works(command: string, words: string[]): Promise<boolean> {
  try {
    await execute(command, words, { timeout: minutes })
    return true
  } catch {
    return false
  }
}

async function measureRclone(lab: Lab) {
  const folder = await lab.newFolder()
  const source = join(folder, 'source')
  await writeSmallFiles(source, { seed: folder, files, bytes: 10_000, folders: 10 })
  const config = ['--config', '/dev/null']
  const served = join(folder, 'served')
  await execute('mkdir', [served])
  const server = spawn('rclone', ['serve', 'webdav', served, '--addr', '127.0.0.1:0', ...config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  try {
    let text = ''
    let url: string | undefined
    while (url === undefined) {
      const [piece] = (await once(server.stderr, 'data')) as [Buffer]
      text += String(piece)
      url = /(http:\/\/127\.0\.0\.1:[1-9]\d*)/.exec(text)?.[1]
    }
    const remote = `:webdav,url="${url}":`
    const run = (from: string, to: string) =>
      execute('rclone', ['copy', from, to, ...config], { timeout: 10 * minutes })
    const upload = await time(() => run(source, remote))
    const download = await time(() => run(remote, join(folder, 'target')))
    return { files, upload, download }
  } finally {
    server.kill('SIGKILL')
  }
}

async function measurePython(lab: Lab, python: string, module: string) {
  const folder = await lab.newFolder()
  const source = join(folder, 'source')
  await writeSmallFiles(source, { seed: folder, files, bytes: 10_000, folders: 10 })
  const script = new URL(`rivals/run-${module}.py`, import.meta.url).pathname
  const { stdout } = await execute(python, [script, source, join(folder, 'target'), join(folder, 'data')], {
    timeout: 10 * minutes,
    env: {
      ...process.env,
      HOME: folder,
      TRACKIO_DIR: join(folder, 'trackio'),
      MLFLOW_DISABLE_TELEMETRY: 'true',
    },
    maxBuffer: 64 * 1024 * 1024,
  })
  const { upload, download } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
    upload: number
    download: number
  }
  return { files, upload, download }
}
