import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { own, tool, type Packed } from './packed.ts'
import type { Part, Trial } from './part.ts'
import { run } from '../../processes/run.ts'

const versions = ['5.4', '5.6', '5.9', '6.0', '7.0']
/** Node's own types need a newer TypeScript than these. */
const withoutNode = new Set(['5.4'])
/** msw, which the mock uses, needs a newer TypeScript than these. */
const withoutMock = new Set(['5.4', '5.6'])

/** Compiler options, each of which is tested on and off. */
const projects = [
  { resolution: 'nodenext', exact: true, node: false },
  { resolution: 'bundler', exact: false, node: true },
]

/** Compiles a program that uses most exports of the packages, and their declarations. */
export const types: Part = (packed) => {
  const trials: Record<string, Trial> = {}
  for (const version of versions)
    for (const project of projects) {
      const { resolution, exact } = project
      const node = project.node && !withoutNode.has(version)
      const name = `TypeScript ${version}, ${resolution}, ${exact ? '' : 'not '}exact, ${node ? 'with' : 'without'} Node's types`
      trials[name] = () => compile(packed, version, { resolution, exact, node })
    }
  return trials
}

async function compile(
  packed: Packed,
  version: string,
  { resolution, exact, node }: (typeof projects)[number],
): Promise<void> {
  const folder = join(packed.project, 'types', `${version}-${resolution}-${node ? 'node' : 'web'}`)
  await mkdir(folder, { recursive: true })
  const files = ['consumer.ts']
  if (node) files.push('consumer-node.ts')
  if (node && !withoutMock.has(version)) files.push('consumer-mock.ts')
  for (const file of files) await cp(own(`types/${file}`), join(folder, file))
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2022', 'dom'],
    module: resolution === 'bundler' ? 'esnext' : resolution,
    moduleResolution: resolution,
    types: node ? ['node'] : [],
    strict: true,
    exactOptionalPropertyTypes: exact,
    skipLibCheck: false,
    noEmit: true,
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const { bin } = JSON.parse(await readFile(tool(`typescript-${version}/package.json`), 'utf8')) as {
    bin: { tsc: string } // As it is published.
  }
  await run([process.execPath, tool(`typescript-${version}/${bin.tsc}`), '-p', folder], { cwd: folder })
}
