import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { chromium, type Page } from 'playwright-core'
import { build } from 'vite'

const patienceMs = 240_000
// Not localhost: over plain http, such a page lacks some APIs, such as crypto.subtle.
const pageHost = 'pages.test'
const flags = [
  `--host-resolver-rules=MAP ${pageHost} 127.0.0.1`,
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The Chromium of this machine. */
export function findChromium(): string | undefined {
  const path = process.env['CHROMIUM'] || '/usr/bin/chromium'
  return existsSync(path) ? path : undefined
}

/** Opens a page with the scenarios, bundled as by a user, in its own browser. */
export interface Tab extends AsyncDisposable {
  page: Page
  origin: string
}

export async function openTab(): Promise<Tab> {
  const script = await bundle()
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(`<!doctype html><title>Runtimes</title><script type="module">${script}</script>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const origin = `http://${pageHost}:${typeof address === 'object' ? address?.port : ''}`
  const executablePath = findChromium()
  const browser = await chromium.launch({ args: flags, ...(executablePath && { executablePath }) })
  const page = await browser.newPage()
  page.setDefaultTimeout(patienceMs)
  page.on('pageerror', (error) => console.log(error))
  await page.goto(origin)
  return {
    page,
    origin,
    async [Symbol.asyncDispose]() {
      await browser.close()
      server.close()
    },
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
  if (chunk?.type !== 'chunk') throw new Error('vite did not create a script')
  return chunk.code.replaceAll('</script', '<\\/script')
}
