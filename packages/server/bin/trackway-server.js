#!/usr/bin/env node
import { runCommand } from '../dist/node/command/cli.js'

await runCommand(process.argv.slice(2))
