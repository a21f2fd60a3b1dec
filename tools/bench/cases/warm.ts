import { writeSmallFiles } from '../data.ts'
import type { Lab, Row } from '../lab.ts'
import { median } from '../statistics.ts'

/** Measures cached data: a pinned asset, and versions that were read before. */
export async function warm(lab: Lab): Promise<Row[]> {
  const folder = await lab.newFolder()
  await writeSmallFiles(folder, { seed: folder, files: 100, bytes: 1000 })
  await lab.client({ action: 'upload', name: 'warm', path: folder }, { action: 'fetch-asset', name: 'warm' })
  const asset: { ms: number[]; stat: number[]; requests: number } = { ms: [], stat: [], requests: 0 }
  const pinned: { ms: number[]; requests: number } = { ms: [], requests: 0 }
  const latest: { ms: number[]; requests: number } = { ms: [], requests: 0 }
  for (let round = 0; round < lab.rounds; round += 1) {
    const [found, byTag, byName] = await lab.client(
      { action: 'fetch-asset', name: 'warm' },
      { action: 'get', name: 'warm', revision: 'V1' },
      { action: 'get', name: 'warm' },
    )
    asset.ms.push(found?.ms ?? Number.NaN)
    asset.stat.push(found?.baselineMs ?? Number.NaN)
    asset.requests = Math.max(asset.requests, found?.requests ?? Number.NaN)
    pinned.ms.push(byTag?.ms ?? Number.NaN)
    pinned.requests = Math.max(pinned.requests, byTag?.requests ?? Number.NaN)
    latest.ms.push(byName?.ms ?? Number.NaN)
    latest.requests = Math.max(latest.requests, byName?.requests ?? Number.NaN)
  }
  const stat: Row = { case: 'warm', what: 'stat', ms: asset.stat }
  const isQuick = median(asset.ms) <= 1 && asset.requests === 0
  const count = (requests: number, wanted: number) => ({
    text: `${wanted} request(s): ${requests}`,
    reached: requests === wanted,
  })
  return [
    stat,
    {
      case: 'warm',
      what: 'fetchAsset, pinned and present',
      ms: asset.ms,
      against: stat,
      target: { text: `at most 1 ms, no request: ${asset.requests}`, reached: isQuick },
    },
    { case: 'warm', what: 'getArtifact of a tag', ms: pinned.ms, target: count(pinned.requests, 1) },
    { case: 'warm', what: 'getArtifact of the latest', ms: latest.ms, target: count(latest.requests, 1) },
  ]
}
