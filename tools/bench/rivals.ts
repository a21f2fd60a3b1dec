import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { writeSmallFiles } from './data.ts'
import { execute, type Lab } from './lab.ts'
import { time } from './statistics.ts'

/** A tool that people would use instead. */
export interface Rival {
  name: string
  /** Uploads and downloads this many files of 10 kB. */
  measure(lab: Lab): Promise<Measured>
}

/** The milliseconds of each direction. */
export interface Measured {
  upload: number
  download: number
}

/** Rivals take minutes for 10,000 files, so they are measured with fewer and compared by their rate. */
export const rivalFiles = 500
const minutes = 60_000

/**
 * The rivals installed on this machine: rclone, and MLflow and trackio in the Python that BENCH_PYTHON names.
 * Others are neither measured nor estimated.
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
  await writeSmallFiles(source, { seed: folder, files: rivalFiles, bytes: 10_000, folders: 10 })
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
    await execute('diff', ['-r', source, join(folder, 'target')])
    return { upload, download }
  } finally {
    server.kill('SIGKILL')
  }
}

async function measurePython(lab: Lab, python: string, module: string) {
  const folder = await lab.newFolder()
  const source = join(folder, 'source')
  await writeSmallFiles(source, { seed: folder, files: rivalFiles, bytes: 10_000, folders: 10 })
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
  await execute('diff', ['-r', source, join(folder, 'target')])
  // The Python scripts in `rivals/` print it.
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Measured
}
