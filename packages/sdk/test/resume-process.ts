// Uploads or downloads, as its arguments say, and prints the result: for tests that kill it in the middle.
import { Artifact, login } from '../src/index.ts'

const [action, path = ''] = process.argv.slice(2)
const session = await login({ quiet: true })
await session.init({ experiment: 'resume', quiet: true })
if (action === 'upload') {
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(path)
  process.send?.(await session.uploadArtifact(artifact))
} else {
  const artifact = await session.getArtifact('sample', 'dataset', 'V1')
  process.send?.(await artifact.download(path))
}
process.disconnect()
