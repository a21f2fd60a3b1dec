#!/usr/bin/env node
// Checked before anything is loaded that an older Node cannot run.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`trackway-server needs Node 22.18 or newer; this is ${process.versions.node}\n`)
  process.exit(1)
}
const { runCommand } = await import('../dist/node/command/cli.js')
await runCommand(process.argv.slice(2))
