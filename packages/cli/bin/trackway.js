#!/usr/bin/env node
// Checked before loading anything that an older Node cannot parse.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`trackway needs Node 22.18 or newer; this is ${process.versions.node}\n`)
  process.exit(1)
}
const { runCommand } = await import('../dist/run-command.js')
const { endSoon, openTerminal } = await import('../dist/terminal/terminal.js')
const terminal = openTerminal()
process.exitCode = await runCommand(process.argv.slice(2), terminal)
endSoon(terminal)
