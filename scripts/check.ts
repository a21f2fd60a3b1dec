// Runs every check that needs no test: types, lint, format, dependency directions, unused code, published shape.
import { spawn } from 'node:child_process'

const checks = {
  types: 'tsc -p tsconfig.check.json',
  lint: 'oxlint --type-aware --deny-warnings',
  format: 'biome format .',
  directions: 'depcruise --config .dependency-cruiser.mjs packages examples',
  unused: 'knip',
  packages: 'node scripts/check-packages.ts',
  reference: 'node tools/api-reference/src/main.ts --check',
}

let failed = 0
for (const [name, command] of Object.entries(checks)) {
  const begin = performance.now()
  const { code, output } = await run(command)
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  console.log(`${code === 0 ? '✔' : '✘'} ${name.padEnd(12)} ${command}  (${seconds} s)`)
  if (code === 0) continue
  failed += 1
  console.log(output)
}
console.log(failed === 0 ? 'All checks passed.' : `${failed} of ${Object.keys(checks).length} checks failed.`)
process.exitCode = failed === 0 ? 0 : 1

/** Runs a command with all it prints kept, in the order in which it came. */
function run(command: string): Promise<{ code: number | null; output: string }> {
  const [program = '', ...words] = command.split(' ')
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString()))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}
