#!/usr/bin/env node
import { runCommand } from '../dist/run-command.js'
import { openTerminal } from '../dist/terminal.js'

process.exitCode = await runCommand(process.argv.slice(2), openTerminal())
