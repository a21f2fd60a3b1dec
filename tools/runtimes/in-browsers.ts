import { Artifact, login } from '@trackway/sdk'
import { equal, errorOf, holds, type Scenario } from './scenario.ts'

// Scenarios for browsers only.

export const inBrowsers: Record<string, Scenario> = {
  async 'the page is served over plain http, and lacks some APIs'() {
    equal([isSecureContext, 'randomUUID' in crypto, 'subtle' in crypto], [false, false, false])
  },

  async 'paths are refused, and the error names the alternative'({ host, apiKey }) {
    const session = await login({ host, apiKey })
    const artifact = new Artifact('paths', 'dataset')
    await errorOf('file_unsupported', artifact.add('./data'))
    await artifact.add(new File(['x'], 'x.txt'))
    await session.uploadArtifact(artifact, { experiment: 'browsers' })
    for (const attempt of [
      () => artifact.download('./folder'),
      () => artifact.download(),
      () => session.fetchAsset('dataset/paths:V1', { experiment: 'browsers' }),
    ]) {
      const error = await errorOf('file_unsupported', attempt())
      holds(error.message.includes('archive().blob()'), `the message names the other way: ${error.message}`)
    }
    await errorOf('config_invalid', login())
  },

  async 'a File of a chosen folder keeps its path'() {
    const file = new File(['x'], 'x.txt')
    Object.defineProperty(file, 'webkitRelativePath', { value: 'chosen/below/x.txt' }) // A picker sets it.
    const artifact = new Artifact('chosen', 'dataset')
    await artifact.add(file)
    equal(
      artifact.entryList.map(({ path }) => path),
      ['chosen/below/x.txt'],
    )
  },

  async 'the error tells a server that allows no page from a wrong one'({ apiKey, control }) {
    const retry = { firstDelayMs: 1, maxDelayMs: 200, budgetMs: 2000 }
    const error = await errorOf('network_error', login({ host: `${control}/closed`, apiKey, retry }))
    holds(error.message.includes(`--allowed-origin`), error.message)
    holds(error.message.includes(location.origin), error.message)
  },
}
