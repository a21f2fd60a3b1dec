// Prints a signed URL of a file, for programs in other languages:
// node print-address.ts <type> <name> <revision> <path>
import { login } from '@trackway/sdk'

const [type = 'dataset', name = 'flights', revision = 'latest', path = 'flights-3m.parquet'] =
  process.argv.slice(2)
const session = await login({ quiet: true })
const artifact = await session.getArtifact(name, type, revision, { experiment: 'interop' })
console.log(await artifact.entry(path).url({ expiresInSeconds: 600 }))
