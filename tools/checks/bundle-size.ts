// Measures how much of the SDK a browser loads, and fails if it loads more than the budget at once.
import { gzipSync } from 'node:zlib'
import { formatBytes } from '@trackway/protocol'
import { rolldown, type OutputChunk } from 'rolldown'
import { minifySync } from 'rolldown/utils'

/** How many gzipped bytes an application may load at once. */
const budget = 40_000

/** The source of an application that uses the SDK. */
const application = `
  import { Artifact, login } from '@trackway/sdk'
  console.log(login, Artifact)
`
const applicationId = `${import.meta.dirname}/application.js`

const chunks = await bundle()
const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
const entry = chunks.find((chunk) => chunk.isEntry)
if (entry === undefined) throw new Error('The bundle has no entry')
const atOnce = withImports(entry)

printTable('Loaded at once', ['', 'bytes', 'gzipped'], [['import { Artifact, login }', ...sizesOf(atOnce)]])
printTable('By source', ['', 'bytes', 'gzipped by itself'], [...contentsOf(atOnce)])
printTable(
  'Loaded on demand, in addition',
  ['', 'bytes', 'gzipped'],
  chunks.filter((chunk) => chunk.isDynamicEntry).map((part) => [nameOf(part), ...sizesOf(added(part))]),
)

const gzipped = gzippedBytes(atOnce)
console.log(`\n${formatBytes(gzipped)} of ${formatBytes(budget)}, gzipped, are loaded at once.`)
if (gzipped > budget) {
  console.log('That is too much: see docs/decisions/browser-size.md for what may be loaded at once.')
  process.exitCode = 1
}

/** Bundles the application and the built packages as a browser gets them: minified, and in chunks. */
async function bundle(): Promise<OutputChunk[]> {
  const build = await rolldown({
    input: applicationId,
    platform: 'browser',
    resolve: { conditionNames: ['browser', 'import', 'default'] },
    plugins: [
      {
        name: 'application',
        resolveId: (id) => (id === applicationId ? id : undefined),
        load: (id) => (id === applicationId ? application : undefined),
      },
    ],
  })
  const { output } = await build.generate({ format: 'es', minify: true, comments: false })
  await build.close()
  return output.filter((file) => file.type === 'chunk')
}

/** A chunk and all chunks that it imports statically. */
function withImports(chunk: OutputChunk, seen = new Set<OutputChunk>()): Set<OutputChunk> {
  seen.add(chunk)
  for (const name of chunk.imports) {
    const imported = byFile.get(name)
    if (imported === undefined)
      throw new Error(`The bundle leaves out ${name}, which a browser does not have`)
    if (!seen.has(imported)) withImports(imported, seen)
  }
  return seen
}

/** The chunks that a part adds to those loaded at once. */
function added(part: OutputChunk): Set<OutputChunk> {
  return new Set([...withImports(part)].filter((chunk) => !atOnce.has(chunk)))
}

function gzippedBytes(of: Iterable<OutputChunk>): number {
  return [...of].reduce((sum, { code }) => sum + gzipSync(code).length, 0)
}

function sizesOf(of: Set<OutputChunk>): [string, string] {
  const bytes = [...of].reduce((sum, { code }) => sum + Buffer.byteLength(code), 0)
  return [bytes.toLocaleString('en'), gzippedBytes(of).toLocaleString('en')]
}

/** The size of each package or folder in the chunks, compressed separately, which is more than together. */
function contentsOf(of: Iterable<OutputChunk>): [string, string, string][] {
  const sources = new Map<string, string>()
  for (const { modules } of of) {
    for (const [id, { code }] of Object.entries(modules)) {
      if (id !== applicationId)
        sources.set(folderOf(id), `${sources.get(folderOf(id)) ?? ''}${minified(code)}`)
    }
  }
  return [...sources]
    .map(([folder, code]) => ({ folder, bytes: Buffer.byteLength(code), gzip: gzipSync(code).length }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.gzip - a.gzip)
    .map(({ folder, bytes, gzip }) => [folder, bytes.toLocaleString('en'), gzip.toLocaleString('en')])
}

function minified(code: string | null): string {
  return code === null ? '' : minifySync('module.js', code).code
}

/** `zod`, `protocol`, `sdk/http`. */
function folderOf(id: string): string {
  const [, own] = /\/packages\/([^/]+\/dist(?:\/[^/]+(?=\/))?)/.exec(id) ?? []
  if (own !== undefined) return own.replace('/dist', '')
  const [, library] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id) ?? []
  return library ?? 'the bundler'
}

/** `sdk/artifact/upload-artifact`. */
function nameOf({ facadeModuleId }: OutputChunk): string {
  const [, own, path] = /\/packages\/([^/]+)\/dist\/(.+)\.js$/.exec(facadeModuleId ?? '') ?? []
  return own === undefined ? folderOf(facadeModuleId ?? '') : `${own}/${path}`
}

function printTable(title: string, head: [string, ...string[]], rows: [string, ...string[]][]): void {
  const all = [[title, ...head.slice(1)], ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
  console.log(`\n${all.map(line).join('\n')}`)
}
