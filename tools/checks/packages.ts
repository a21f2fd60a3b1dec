// Packs each package as it would be published, and checks the tarball with publint and arethetypeswrong.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const execute = promisify(execFile)
const packer = process.env['npm_execpath'] ?? 'pnpm'
let problems = 0

const folder = await mkdtemp(join(tmpdir(), 'trackway-pack-'))
try {
  for (const name of await readdir('packages')) await checkPackage(name)
} finally {
  await rm(folder, { recursive: true })
}
process.exitCode = problems === 0 ? 0 : 1

async function checkPackage(name: string): Promise<void> {
  const cwd = join('packages', name)
  const before = new Set(await readdir(folder))
  await execute(packer, ['pack', '--pack-destination', folder], { cwd })
  const tarball = (await readdir(folder)).find((file) => !before.has(file))
  if (tarball === undefined) throw new Error(`Packing ${name} did not create a tarball`)
  const path = join(folder, tarball)
  await lint(name, path)
  await checkTypes(name, path)
}

async function lint(name: string, tarball: string): Promise<void> {
  const bytes = await readFile(tarball)
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true })
  for (const message of messages)
    report(`${name}: ${formatMessage(message, pkg, { color: false }) ?? message.code}`)
}

async function checkTypes(name: string, tarball: string): Promise<void> {
  try {
    await execute('attw', ['--profile', 'esm-only', '--no-emoji', tarball])
  } catch (error) {
    report(
      `${name}: ${typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : String(error)}`,
    )
  }
}

function report(problem: string): void {
  problems += 1
  console.log(problem)
}
