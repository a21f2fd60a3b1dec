// Uploads or downloads, as it is told, and tells what came of it: for tests that kill it in the middle.
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
