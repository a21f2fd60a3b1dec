import { tryBucket } from './chromium-bucket.ts'
import { openTab } from './chromium-tab.ts'
import type { Addresses } from './addresses.ts'
import type { Outcome } from './scenario.ts'

/** Runs the scenarios in a page of another origin than the server's, some with buckets if there are any. */
export async function runInChromium(at: Addresses, tell: (outcome: Outcome) => void): Promise<void> {
  await using tab = await openTab()
  await tab.page.exposeFunction('tellOutcome', tell)
  await tab.page.evaluate((addresses) => runAll(addresses), at)
  const buckets = process.env['TRACKWAY_TEST_S3']?.split(' ') ?? []
  if (buckets.length === 0)
    console.log('TRACKWAY_TEST_S3 does not name a bucket: pages are not tested with one.')
  for (const location of buckets) await tryBucket(location, tell)
}
