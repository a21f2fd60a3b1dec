// Fetches one asset, configured by the environment, and prints its path.
import { fetchAsset } from '../src/index.ts'

process.send?.(await fetchAsset(process.argv[2] ?? '', { quiet: true }))
process.disconnect()
