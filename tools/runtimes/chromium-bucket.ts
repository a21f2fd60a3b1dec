import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { DeleteBucketCorsCommand, PutBucketCorsCommand, S3Client } from '@aws-sdk/client-s3'
import { createApiKey, createApp } from '@trackway/server'
import { openObjectStore, serve } from '@trackway/server/node'
import type { Page } from 'playwright-core'
import * as z from 'zod'
import { openTab } from './chromium-tab.ts'
import type { Outcome } from './scenario.ts'

const names = ['ranges', 'a version as a tar archive']
const rulesSchema = z.array(
  z.object({
    AllowedOrigins: z.array(z.string()),
    AllowedMethods: z.array(z.string()),
    AllowedHeaders: z.array(z.string()),
    ExposeHeaders: z.array(z.string()),
    MaxAgeSeconds: z.number(),
  }),
)

/** Uploads and reads in a page with a bucket, without CORS rules and with those of docs/deploy.md. */
export async function tryBucket(location: string, tell: (outcome: Outcome) => void): Promise<void> {
  const { host: Bucket, pathname, searchParams } = new URL(location)
  const endpoint = searchParams.get('endpoint') ?? ''
  const s3 = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true })
  const store = pathname.slice(1)
  await s3.send(new DeleteBucketCorsCommand({ Bucket }))
  const shut = await tryPage(location, endpoint, async () => {})
  tell(outcomeOf(`over ${store}, which lets no page in, all goes through the server`, shut, shut.past === 0))
  const open = await tryPage(location, endpoint, async (origin) => {
    const CORSRules = (await documentedRules()).map((rule) => ({ ...rule, AllowedOrigins: [origin] }))
    await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }))
  })
  await s3.send(new DeleteBucketCorsCommand({ Bucket }))
  // The first blobs do not wait for the bucket's response.
  tell(outcomeOf(`over ${store}, which lets pages in, large blobs bypass the server`, open, open.past > 6))
}

interface Visit {
  ms: number
  failures: string[]
  /** The numbers of successful requests with bytes of blobs, to the bucket and to the server. */
  past: number
  through: number
}

function outcomeOf(name: string, { ms, failures, past, through }: Visit, isRight: boolean): Outcome {
  if (!isRight) failures.push(`${past} requests went to the bucket and ${through} to the server`)
  return { name, ms, ...(failures.length > 0 && { failure: failures.join('\n') }) }
}

async function tryPage(
  location: string,
  endpoint: string,
  allow: (origin: string) => Promise<void>,
): Promise<Visit> {
  await using tab = await openTab()
  await allow(tab.origin)
  const store = await openObjectStore(location.replace('?', `/${randomUUID()}?`), { signing: true })
  const { key: apiKey } = await createApiKey(store, { user: 'mock', roles: { '*': 'write' } })
  const server = await serve({ app: await createApp({ store, origins: [tab.origin] }), port: 0 })
  const failures: string[] = []
  const counts = countRequests(tab.page, endpoint)
  const begin = performance.now()
  try {
    await tab.page.exposeFunction('tellOutcome', ({ name, failure }: Outcome) => {
      if (failure !== undefined) failures.push(`${name}: ${failure}`)
    })
    await tab.page.evaluate(([at, some]) => runAll(at, some), [
      { host: server.url, apiKey, control: '' },
      names,
    ] as const)
  } finally {
    await server.close()
  }
  return { ms: Math.round(performance.now() - begin), failures, ...counts }
}

function countRequests(page: Page, endpoint: string): { past: number; through: number } {
  const counts = { past: 0, through: 0 }
  page.on('response', (response) => {
    const request = response.request()
    const isBytes = ['GET', 'PUT', 'POST'].includes(request.method()) && response.ok()
    const { origin, pathname } = new URL(response.url())
    if (isBytes && origin === endpoint) counts.past += 1
    else if (isBytes && /\/blobs(\/sha256:\w+)?$/.test(decodeURIComponent(pathname))) counts.through += 1
  })
  return counts
}

/** The rules that the documentation tells users to set. */
async function documentedRules() {
  const text = await readFile(new URL('../../docs/deploy.md', import.meta.url), 'utf8')
  const json = /```json\n(\[\n[^`]*"AllowedOrigins"[^`]*)```/.exec(text)?.[1]
  return rulesSchema.parse(JSON.parse(json ?? 'null'))
}
