// The program that is bundled: uploads a folder of 20 MB, which is enough for threads, to a local store or a
// server, and reads it back.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Artifact, login } from '@trackway/sdk'

let threads = 0
process.on('worker', (worker) => worker.once('message', () => (threads += 1)))

async function main() {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-bundled-'))
  try {
    await mkdir(join(folder, 'data'))
    const large = Buffer.alloc(12_000_000)
    for (let index = 0; index < large.length; index += 4)
      large.writeUInt32LE(Math.imul(index, 2_654_435_761) >>> 0, index)
    await writeFile(join(folder, 'data', 'large.bin'), large)
    for (let index = 0; index < 400; index += 1)
      await writeFile(join(folder, 'data', `${index}.txt`), `${index} `.repeat(5_000))
    const { TRACKWAY_TRY_HOST: host, TRACKWAY_TRY_KEY: apiKey } = process.env
    const place = host === undefined ? { store: join(folder, 'store') } : { host, apiKey }
    const session = await login({ ...place, quiet: true, retry: { budgetMs: 20_000 } })
    const run = await session.init({ experiment: 'bundled' })
    const artifact = new Artifact('bundled', 'dataset')
    await artifact.add(join(folder, 'data'))
    const { tag, fileCount } = await session.uploadArtifact(artifact)
    const target = await (await session.getArtifact(artifact.name, 'dataset')).download(
      join(folder, 'target'),
    )
    if (!large.equals(await readFile(join(target, 'large.bin')))) throw new Error('The bytes differ')
    await run.finish()
    if (process.env.TRACKWAY_TRY_THREADS && threads === 0) throw new Error('No thread worked')
    console.log(`${tag} ${fileCount}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
