import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { own, tool, type Packed } from './packed.ts'
import type { Part, Trial } from './part.ts'
import { run, runToEnd } from '../../processes/run.ts'

const architecture = process.arch === 'arm64' ? 'arm64' : 'x64'
const node20 = tool(`node-20-${architecture}/bin/node`)
const oldestNode = tool(`node-22.18-${architecture}/bin/node`)

/** Older Nodes fail with a clear error, and the README's first program runs on the oldest supported Node. */
export const nodes: Part = (packed) => {
  const trials: Record<string, Trial> = {}
  for (const name of ['@trackway/sdk', '@trackway/mock-server'])
    trials[`${name} on Node 20`] = () => tryImport(packed, name)
  for (const [name, path] of Object.entries({
    trackway: 'cli/bin/trackway.js',
    'trackway-server': 'server/bin/trackway-server.js',
    'trackway-mock-server': 'mock-server/bin/trackway-mock-server.js',
  }))
    trials[`${name} on Node 20`] = () =>
      refuses(packed, name, [join('node_modules/@trackway', path), '--version'])
  for (const [version, node] of Object.entries({ 'Node 22.18': oldestNode, 'Node 24': process.execPath }))
    for (const extension of ['mjs', 'ts', 'mts'])
      trials[`the README's first program as .${extension} on ${version}`] = () =>
        tryReadme(packed, node, extension)
  return trials
}

function tryImport(packed: Packed, name: string): Promise<void> {
  return refuses(packed, name, ['--input-type=module', '-e', `await import('${name}')`])
}

async function refuses({ project, env }: Packed, name: string, words: string[]): Promise<void> {
  const { code, output } = await runToEnd([node20, ...words], { cwd: project, env })
  if (code === 0 || !output.includes(`${name} needs Node 22.18 or newer; this is 20.`))
    throw new Error(`It ended with ${code} and printed: ${output}`)
}

async function tryReadme({ project, env }: Packed, node: string, extension: string): Promise<void> {
  const readme = await readFile(own('../../README.md'), 'utf8')
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const folder = join(project, 'readme', `${extension}-${node === oldestNode ? 'oldest' : 'newest'}`)
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'data'), { recursive: true })
  await writeFile(join(folder, 'data', 'train.csv'), 'a,b\n1,2\n')
  await writeFile(join(folder, `script.${extension}`), code)
  const output = await run([node, `script.${extension}`], { cwd: folder, env })
  if (!output.includes('dataset/sample:V1, 8 bytes sent\ntrue\n')) throw new Error(`It printed: ${output}`)
}
