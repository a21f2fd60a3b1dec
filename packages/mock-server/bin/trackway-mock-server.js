#!/usr/bin/env node
// Said before anything is loaded that an older Node would stumble over.
if (Number.parseInt(process.versions.node, 10) < 22) {
  process.stderr.write(`trackway-mock-server needs Node 22 or newer, and this is ${process.version}\n`)
  process.exit(1)
}
const { runCommand } = await import('../dist/command.js')
await runCommand(process.argv.slice(2))
