// Fetches one asset, as the environment says, and tells where it lies.
import { fetchAsset } from '../src/index.ts'

process.send?.(await fetchAsset(process.argv[2] ?? '', { quiet: true }))
process.disconnect()
