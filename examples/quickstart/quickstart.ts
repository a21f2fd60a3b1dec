// Versions real data, changes it, versions it again, and downloads both versions, bit for bit.
//
// Without configuration, everything is stored in ./.trackway. With TRACKWAY_HOST and TRACKWAY_API_KEY set,
// the same script works with a server. You can run it repeatedly: each run makes the next two versions. The
// second run sends 7zip.png again, which the edit of the first one removed (docs/decisions/bundles.md); the
// third sends nothing.
import assert from 'node:assert/strict'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Artifact, formatBytes, login, type UploadResult } from '@trackway/sdk'
import { printTree } from './print-tree.ts'

// About seventy files of example data: CSV, JSON, images, Arrow, Parquet.
const data = fileURLToPath(new URL('../data', import.meta.resolve('vega-datasets')))
const output = fileURLToPath(new URL('output', import.meta.url))
await rm(output, { recursive: true, force: true })

const session = await login()
await using run = await session.init({ experiment: 'quickstart', config: { source: 'vega-datasets' } })

// 1. Upload a folder as a version.
const artifact = new Artifact('vega', 'dataset', { description: 'The example data of Vega' })
await artifact.add(data)
const first = await session.uploadArtifact(artifact)
report('The folder', first)

// 2. Change one file in the middle, add one, and remove one.
const edited = await session.getArtifact('vega', 'dataset')
const flights = await edited.entry('flights-200k.json').bytes()
await edited.add(insertFlight(flights), { name: 'flights-200k.json' })
await edited.add(new TextEncoder().encode('One flight more than in the original.\n'), {
  name: 'notes/CHANGES.md',
})
edited.remove('7zip.png')
const second = await session.uploadArtifact(edited)
report('The edit', second)
await session.setAlias('vega', 'dataset', 'edited', second.tag)

// 3. Download both versions by their tags.
const before = await session.getArtifact('vega', 'dataset', first.tag)
const after = await session.getArtifact('vega', 'dataset', second.tag)
const beforeFolder = await before.download(join(output, 'before'))
const afterFolder = await after.download(join(output, 'after'))
await writeFile(join(output, 'before.sha256'), await before.checksums())

// 4. Compare every byte.
const names = await readdir(data)
for (const name of names)
  assert.deepEqual(await readFile(join(beforeFolder, name)), await readFile(join(data, name)))
assert.deepEqual((await readdir(beforeFolder)).sort(), names.sort())
assert.deepEqual(
  new Uint8Array(await readFile(join(afterFolder, 'flights-200k.json'))),
  insertFlight(flights),
)
assert.equal((await after.verify(afterFolder)).ok, true)
console.log(
  `\nCompared every byte of ${before.fileCount} and ${after.fileCount} files: all are as they were uploaded.`,
)

// 5. Print the difference, and all versions.
console.log('\n%s\n', String(await before.diff(after)))
printTree(await session.listArtifacts(), await session.listVersions('vega', 'dataset'), after)
await run.log({ sentBytes: second.uploadedBytes, reusedBytes: second.reusedBytes })

/** Inserts a flight in the middle of a list of flights. */
function insertFlight(json: Uint8Array): Uint8Array {
  const middle = json.indexOf('{'.charCodeAt(0), Math.floor(json.length / 2))
  const flight = new TextEncoder().encode('{"delay":0,"distance":42,"time":12},')
  return new Uint8Array(Buffer.concat([json.subarray(0, middle), flight, json.subarray(middle)]))
}

function report(what: string, { tag, created, uploadedBytes, reusedBytes, fileCount }: UploadResult): void {
  const outcome = created ? 'is now' : 'was already'
  console.log(
    `${what} ${outcome} ${tag}: ${fileCount} files, ${formatBytes(uploadedBytes)} sent, ${formatBytes(reusedBytes)} reused.`,
  )
}
