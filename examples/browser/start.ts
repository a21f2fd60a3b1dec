// Starts a server, and a page on another port that may use it. Ends with Ctrl+C.
import { parseArgs } from 'node:util'
import { createApiKey, createApp } from '@trackway/server'
import { loopbackHosts, openDirectoryStore, serve } from '@trackway/server/node'
import { createServer } from 'vite'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '5173' },
    store: { type: 'string', default: `${import.meta.dirname}/output/store` },
  },
})

const pages = await createServer({
  root: import.meta.dirname,
  configFile: false,
  logLevel: 'warn',
  server: { host: '127.0.0.1', port: Number(values.port), watch: { ignored: ['**/output/**'] } },
})
await pages.listen()
const page = new URL(pages.resolvedUrls?.local[0] ?? '')

const store = await openDirectoryStore(values.store)
// A key for this page only. On your own page, visitors would bring their own keys.
const { key } = await createApiKey(store, {
  user: 'visitor',
  roles: { default: 'write' },
  name: 'examples/browser',
})
const app = await createApp({ store, hosts: loopbackHosts, origins: [page.origin] })
const server = await serve({ app, port: 0 })

console.log(`The server is at ${server.url}, and stores its data in ${values.store}`)
console.log(`Open ${page.href}#${new URLSearchParams({ host: server.url, key })}`)

process.once('SIGINT', () => void end())
process.once('SIGTERM', () => void end())

async function end(): Promise<void> {
  await Promise.all([pages.close(), server.close()])
  process.exit()
}
