// Downloads dataset/sample:V1 from a store in a folder to a target, as the user that the process runs as, and
// says how it went.
import { login, TrackwayError } from '../src/index.ts'

const [folder = '', target = '', overwrite] = process.argv.slice(2)
const outcome = await download().then(
  (path) => ({ path }),
  (error: unknown) =>
    TrackwayError.isInstance(error) ? { code: error.code, message: error.message } : { error: String(error) },
)
process.stdout.write(JSON.stringify(outcome))

async function download(): Promise<string> {
  const session = await login({ store: folder, create: false, quiet: true })
  const artifact = await session.getArtifact('sample', 'dataset', 'V1', { experiment: 'targets' })
  return artifact.download(target, { overwrite: overwrite === 'overwrite' })
}
