// Prints an address of a file, for programs that are not JavaScript:
// node print-address.ts <type> <name> <reference> <path>
import { login } from '@trackway/sdk'

const [type = 'dataset', name = 'flights', reference = 'latest', path = 'flights-3m.parquet'] =
  process.argv.slice(2)
const session = await login({ quiet: true })
const artifact = await session.getArtifact(name, type, reference, { experiment: 'interop' })
console.log(await artifact.entry(path).url({ expiresInSeconds: 600 }))
