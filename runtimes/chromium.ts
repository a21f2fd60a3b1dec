import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'
import { build } from 'vite'
import type { Addresses } from './run.ts'
import type { Outcome } from './scenario.ts'

const patienceMs = 240_000
const flags = [
  '--host-resolver-rules=MAP pages.test 127.0.0.1',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

// A name that is not localhost: over plain http such a page has less, no crypto.subtle for instance.
const pageHost = 'pages.test'

/** The Chromium of this machine. */
export function findChromium(): string | undefined {
  const path = process.env['CHROMIUM'] || '/usr/bin/chromium'
  return existsSync(path) ? path : undefined
}

/** Bundles the scenarios as a user would, and runs them in a page of another origin than the server's. */
export async function runInChromium(at: Addresses, tell: (outcome: Outcome) => void): Promise<void> {
  const script = await bundle()
  const page = createServer((_, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(`<!doctype html><title>Runtimes</title><script type="module">${script}</script>`)
  })
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
  const address = page.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const executablePath = findChromium()
  const browser = await chromium.launch({ args: flags, ...(executablePath && { executablePath }) })
  try {
    const tab = await browser.newPage()
    tab.setDefaultTimeout(patienceMs)
    tab.on('pageerror', (error) => console.log(error))
    await tab.exposeFunction('tellOutcome', tell)
    await tab.goto(`http://${pageHost}:${port}`)
    await tab.evaluate((addresses) => runAll(addresses), at)
  } finally {
    await browser.close()
    page.close()
  }
}

async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    root: import.meta.dirname,
    build: {
      write: false,
      target: 'es2024',
      lib: { entry: 'page.ts', formats: ['es'] },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })
  const [first] = Array.isArray(result) ? result : [result]
  const chunk = first !== undefined && 'output' in first ? first.output[0] : undefined
  if (chunk?.type !== 'chunk') throw new Error('vite made no script')
  return chunk.code.replaceAll('</script', '<\\/script')
}
