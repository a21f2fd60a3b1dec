// Packs every package into ./packed, or into the given folder, and prints how to install them elsewhere.
import { execFile } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const packer = process.env['npm_execpath'] ?? 'pnpm'
const folder = resolve(process.argv[2] ?? 'packed')

await rm(folder, { recursive: true, force: true })
for (const name of await readdir('packages'))
  await execute(packer, ['pack', '--pack-destination', folder], { cwd: resolve('packages', name) })

const { length } = await readdir(folder)
console.log(`Packed ${length} packages into ${folder}. In the folder of your project, run
  npm install ${folder.includes(' ') ? `'${folder}'` : folder}/*.tgz
then import { login } from '@trackway/sdk' there, or run npx trackway --help.`)
