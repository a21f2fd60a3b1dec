import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startMockServer } from '@trackway/mock-server'
import { own, tool, type Packed } from './packed.ts'
import type { Part, Trial } from './part.ts'
import { run } from '../../processes/run.ts'

/** The bundlers, with their output formats. */
const formats = {
  esbuild: ['esm', 'cjs'],
  webpack: ['esm', 'cjs'],
  rollup: ['esm', 'cjs'],
  rolldown: ['esm', 'cjs'],
  vite: ['esm'],
  bun: ['esm', 'cjs'],
}

/** Bundles a program that uploads 20 MB with each, and runs it with a local store and with a server. */
export const bundlers: Part = (packed) => {
  const trials: Record<string, Trial> = {}
  for (const [bundler, each] of Object.entries(formats))
    for (const format of each) trials[`${bundler} (${format})`] = () => tryBundle(packed, bundler, format)
  trials['files of the user beside a bundle are not started as threads'] = () => tryFilesBeside(packed)
  trials['threads in a bundle'] = () => tryThreads(packed)
  return trials
}

async function tryBundle(packed: Packed, bundler: string, format: string): Promise<void> {
  const bundle = await build(packed, bundler, format, `${bundler}-${format}`)
  await upload(packed, bundle)
  const mock = await startMockServer()
  try {
    await upload(packed, bundle, { TRACKWAY_TRY_HOST: mock.url, TRACKWAY_TRY_KEY: mock.apiKey })
  } finally {
    await mock.close()
  }
}

/** A file next to the bundle that is not our thread never reports ready, and work is done without it. */
async function tryFilesBeside(packed: Packed): Promise<string> {
  const bundle = await build(packed, 'esbuild', 'esm', 'files-beside')
  const begun = join(bundle, '..', 'begun')
  await writeFile(join(bundle, '..', 'worker.js'), `require('node:fs').writeFileSync('${begun}', '')`)
  await writeFile(join(bundle, '..', 'trackway-thread.js'), 'setInterval(() => {}, 1000)')
  const begin = performance.now()
  await upload(packed, bundle)
  await run(
    [process.execPath, '-e', `if (fs.existsSync('${begun}')) throw new Error('worker.js was started')`],
    {
      cwd: packed.work,
    },
  )
  return `${Math.round(performance.now() - begin)} ms`
}

/** As docs/environments.md says. */
async function tryThreads(packed: Packed): Promise<void> {
  const bundle = await build(packed, 'esbuild', 'esm', 'threads')
  const thread = join(packed.project, 'node_modules/@trackway/sdk/dist/disk/threads/trackway-thread.js')
  const words = [thread, '--bundle', '--platform=node', '--format=esm', `--outdir=${join(bundle, '..')}`]
  await run([tool('.bin/esbuild'), ...words, '--log-level=error'], { cwd: packed.project })
  await writeFile(join(bundle, '..', 'package.json'), '{ "type": "module" }')
  await upload(packed, bundle, { TRACKWAY_TRY_THREADS: 'yes' })
}

async function build(packed: Packed, bundler: string, format: string, name: string): Promise<string> {
  // Below the project, so that its packages are found.
  const folder = join(packed.project, 'bundles', name)
  await mkdir(join(folder, 'out'), { recursive: true })
  await cp(own('programs/upload.js'), join(folder, 'upload.js'))
  const outfile = join(folder, 'out', `bundle.${format === 'cjs' ? 'cjs' : 'mjs'}`)
  const words =
    bundler === 'bun'
      ? [
          tool('.bin/bun'),
          'build',
          join(folder, 'upload.js'),
          '--target=node',
          `--format=${format}`,
          `--outfile=${outfile}`,
        ]
      : [process.execPath, own('programs/bundle.js'), bundler, folder, format]
  await run(words, { cwd: folder })
  return outfile
}

async function upload(packed: Packed, bundle: string, env: Record<string, string> = {}): Promise<void> {
  const output = await run([process.execPath, bundle], { cwd: packed.work, env: { ...packed.env, ...env } })
  if (!output.includes('V1 401')) throw new Error(`It printed: ${output}`)
}
