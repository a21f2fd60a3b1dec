// Uploads a folder, or a file, to a bucket, and downloads the latest version and one by its digest.
// With Node 22.18 or newer (in this repository, node_modules/.bin/node), and with AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY set:
// node bucket.ts <folder> 's3://bucket?endpoint=http://localhost:9000&region=region1'
import { Artifact, login } from '@trackway/sdk'

const [folder = './hello_dir', store = 's3://artifacts?endpoint=http://localhost:9000'] =
  process.argv.slice(2)
const session = await login({ store })
await session.init({ experiment: 'files' })
const artifact = new Artifact('hello', 'folder')
await artifact.add(folder)
const { digest } = await session.uploadArtifact(artifact)

await (await session.getArtifact('hello', 'folder')).download('./latest')
await (await session.getArtifact('hello', 'folder', digest)).download('./by-hash')
