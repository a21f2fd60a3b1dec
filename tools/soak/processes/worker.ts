// A process that uploads or downloads, and is killed meanwhile. Its order is its argument, as JSON.
import { Artifact, login } from '@trackway/sdk'
import type { Order } from './order.ts'

// The order is what `startWorker` wrote.
const order = JSON.parse(process.argv[2] ?? '{}') as Order
const session = await login({
  ...(order.host !== undefined && { host: order.host, apiKey: order.apiKey }),
  quiet: true,
})
await session.init({ experiment: 'demo', quiet: true })
process.stdout.write('begin\n')
if (order.do === 'download') {
  const artifact = await session.getArtifact('sample', 'dataset')
  await artifact.download(order.folder, { quiet: true })
  process.stdout.write(`${JSON.stringify({ tag: artifact.tag })}\n`)
} else {
  for (const folder of order.folders) {
    const artifact = new Artifact('sample', 'dataset')
    await artifact.add(folder)
    const { tag, uploadedBytes, created } = await session.uploadArtifact(artifact, { quiet: true })
    process.stdout.write(`${JSON.stringify({ tag, uploadedBytes, created })}\n`)
  }
}
await session.run?.finish()
