// Runs every check that needs no test: types, lint, format, dependency directions, unused code,
// published shape.
import { runToEnd } from '../processes/run.ts'

const checks = {
  types: 'tsc -p tsconfig.check.json',
  lint: 'oxlint --type-aware --deny-warnings',
  format: 'biome format .',
  directions: 'depcruise --config .dependency-cruiser.mjs packages examples tools',
  unused: 'knip',
  rules: 'node tools/soak/planted-bugs/main.ts',
  spelling: 'cspell lint --no-progress --no-summary --relative **',
  phrases: 'node tools/checks/wording.ts',
  'public types': 'node tools/checks/public-types.ts',
  packages: 'node tools/checks/packages.ts',
  reference: 'node tools/api-reference/src/main.ts --check',
}

let failed = 0
for (const [name, command] of Object.entries(checks)) {
  const begin = performance.now()
  const { code, output } = await runToEnd(command.split(' '), { cwd: '.' })
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  console.log(`${code === 0 ? '✔' : '✘'} ${name.padEnd(12)} ${command}  (${seconds} s)`)
  if (code === 0) continue
  failed += 1
  console.log(output)
}
console.log(failed === 0 ? 'All checks passed.' : `${failed} of ${Object.keys(checks).length} checks failed.`)
process.exitCode = failed === 0 ? 0 : 1
