#!/usr/bin/env node
// Said before anything is loaded that an older Node would stumble over.
if (Number.parseInt(process.versions.node, 10) < 22) {
  process.stderr.write(`trackway needs Node 22 or newer, and this is ${process.version}\n`)
  process.exit(1)
}
const { runCommand } = await import('../dist/run-command.js')
const { endSoon, openTerminal } = await import('../dist/terminal.js')
const terminal = openTerminal()
process.exitCode = await runCommand(process.argv.slice(2), terminal)
endSoon(terminal)
