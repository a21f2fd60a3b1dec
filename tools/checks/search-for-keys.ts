// Reads the output of all tests, and fails if something in it looks like a real API key. Tests that start the
// command capture its output, including the line that shows a new key.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

const [path] = process.argv.slice(2)
if (path === undefined) {
  console.error('Usage: node tools/checks/search-for-keys.ts <file with the output of a run>')
  process.exit(2)
}

const key = /tw_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g
const found: number[] = []
let number = 0
for await (const line of createInterface({ input: createReadStream(path) })) {
  number += 1
  if (line.search(key) !== -1) found.push(number)
}

if (found.length > 0) {
  console.error(`${path} contains what looks like an API key, in line ${found.slice(0, 20).join(', ')}`)
  process.exitCode = 1
} else {
  console.log(`No API key in ${number} lines of ${path}`)
}
