import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { chromium, type Browser, type Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'

const executablePath = process.env['CHROMIUM'] || '/usr/bin/chromium'
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-sync',
]
const screenshots = join(import.meta.dirname, 'output', 'screenshots')
const picture =
  '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="120"><rect width="240" height="120" rx="12" fill="#2557c9"/><circle cx="120" cy="60" r="40" fill="#fff"/></svg>'

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-example-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Starts the example as its command does, and returns the URL that it prints. */
async function startExample(data: string): Promise<string> {
  const script = join(import.meta.dirname, 'start.ts')
  const child = spawn(process.execPath, [script, '--port', '0', '--store', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Open (\S+)$/.exec(line)?.[1]
    if (url !== undefined) return url
  }
  throw new Error('The example printed no URL')
}

async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath, args: flags })
  onTestFinished(() => browser.close())
  return browser
}

/** Drops local files and folders on an element, as a user does. */
async function dropOn(page: Page, selector: string, files: string[]): Promise<void> {
  const box = await page.locator(selector).boundingBox()
  const at = { x: (box?.x ?? 0) + 20, y: (box?.y ?? 0) + 20 }
  const devtools = await page.context().newCDPSession(page)
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', {
      type,
      ...at,
      data: { items: [], files, dragOperationsMask: 1 },
    })
}

/** Holds requests that upload blobs until the returned function is called. */
async function holdUploads(page: Page): Promise<() => Promise<void>> {
  const { promise, resolve } = Promise.withResolvers<void>()
  await page.route('**/blobs', async (route) => {
    await promise
    await route.continue().catch(() => {}) // The page may have given up.
  })
  return async () => {
    resolve()
    await page.unroute('**/blobs')
  }
}

async function writeData(folder: string): Promise<string> {
  const data = join(folder, 'flowers')
  await mkdir(join(data, 'images'), { recursive: true })
  await writeFile(join(data, 'labels.csv'), 'image,flower\nrose.svg,rose\n')
  await writeFile(join(data, 'images', 'rose.svg'), picture)
  await writeFile(join(data, 'weights.bin'), Buffer.alloc(3_000_000, 'weights'))
  return data
}

test('a page uploads dropped and chosen files, shows versions and downloads them', async ({ skip }) => {
  if (!existsSync(executablePath)) {
    if (process.env['CI'] === 'true')
      throw new Error(`There is no Chromium at ${executablePath}; install it, or set CHROMIUM`)
    return skip(`There is no Chromium at ${executablePath}: the page was NOT tested`)
  }
  const folder = await temporaryFolder()
  const data = await writeData(folder)
  const [url, browser] = await Promise.all([startExample(join(folder, 'store')), openBrowser()])
  const page = await browser.newPage()
  const problems: string[] = []
  page.on('pageerror', ({ message }) => void problems.push(message))
  page.setDefaultTimeout(20_000)
  const sees = (text: string) => page.getByText(text).first().waitFor()
  await page.goto(url)
  await sees('There is no version of dataset/sample yet')
  expect(page.url()).not.toContain('tw_')

  // Dropping a folder uploads it, and shows the progress.
  const letGo = await holdUploads(page)
  await dropOn(page, '#drop', [data])
  await sees('Uploading 3 files')
  expect(await page.getByRole('progressbar').isVisible()).toBe(true)
  await takeScreenshots(page, 'uploading')
  await letGo()
  await sees('V1 is stored')
  await sees('flowers/images/rose.svg')

  // Choosing a file adds it to the files of the latest version.
  await page.setInputFiles('#files', {
    name: 'notes.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('first\nsecond\n'),
  })
  await sees('V2 is stored')
  await page.setInputFiles('#files', {
    name: 'notes.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('first\nsecond\n'),
  })
  await sees('Nothing has changed since V2')

  // An aborted upload makes no version.
  const letGoOn = await holdUploads(page)
  await page.setInputFiles('#files', {
    name: 'large.bin',
    mimeType: '',
    buffer: Buffer.alloc(9_000_000, 'large'),
  })
  await sees('Uploading 1 file')
  await page.getByRole('button', { name: 'Abort' }).click()
  await sees('Aborted.')
  await letGoOn()
  await takeScreenshots(page, 'versions')

  // Previews, and the version as an archive.
  await page.getByRole('button', { name: 'notes.txt' }).click()
  await sees('second')
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'rose.svg' }).click()
  await expect
    .poll(() => page.getByRole('img').evaluate((image) => (image as HTMLImageElement).naturalWidth))
    .toBe(240)
  await takeScreenshots(page, 'preview')
  await page.keyboard.press('Escape')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download V2 as .tar' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('sample-V2.tar')
  await download.saveAs(join(folder, 'sample.tar'))
  const { stdout } = await promisify(execFile)('tar', ['tf', join(folder, 'sample.tar')])
  const paths = ['flowers/images/rose.svg', 'flowers/labels.csv', 'flowers/weights.bin', 'notes.txt']
  expect(stdout.trim().split('\n').sort()).toEqual(paths)

  // The server cannot be reached.
  await page.route('**/api/v1**', (route) => route.abort())
  await page.getByRole('button', { name: 'Download V2 as .tar' }).waitFor()
  await page.goto('about:blank')
  await page.goto(url)
  await sees('could not be reached')
  await takeScreenshots(page, 'server-away')
  expect(problems).toEqual([])
})

/** Takes screenshots for review, in light and dark, on a desktop and on a phone. */
async function takeScreenshots(page: Page, name: string): Promise<void> {
  const sizes = { desktop: { width: 1100, height: 850 }, phone: { width: 390, height: 844 } }
  for (const [device, size] of Object.entries(sizes)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(size)
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: join(screenshots, `${name}-${device}-${colorScheme}.png`) })
    }
  }
  await page.setViewportSize(sizes.desktop)
}
