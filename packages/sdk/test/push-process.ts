// Pushes from a folder to a server, and prints the result: for tests that kill it in the middle.
import { login } from '../src/index.ts'

const [folder = '', host = ''] = process.argv.slice(2)
const plane = await login({ store: folder, experiment: 'flowers', quiet: true })
const team = await login({ host, quiet: true })
process.send?.(await plane.push('dataset/sample', { to: team, concurrency: 1 }))
process.disconnect()
