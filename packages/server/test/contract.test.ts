import { expect, it } from 'vitest'
import * as server from '../src/index.ts'
import * as internals from '../src/internals.ts'
import * as command from '../src/node/command/index.ts'
import * as node from '../src/node/index.ts'
import * as testing from '../src/testing/index.ts'

// What others import from each entry of the package. If a change is intended, `vitest run -u` on this file
// rewrites the list; the diff then shows what was removed.

it('exports the same names', () => {
  const entries = Object.entries({ server, node, command, testing, internals })
  const names = entries.map(([entry, exported]) => `${entry}: ${Object.keys(exported).sort().join(' ')}`)
  expect(names.join('\n')).toMatchInlineSnapshot(`
    "server: checkStore createApiKey createApp createMemoryStore createPageAccess hasApiKeys listApiKeys probeSigning probeStore revokeApiKey sweepTeam
    node: isLoopback loopbackHosts openDirectoryStore openObjectStore openS3Object serve
    command: addServeCommand hintOfNames hintWords isAddress isBucketAddress nearestHint nearestNames nearestPaths parsePort parseSize printable printableJson quotasOf reportUnknownOptionsFirst usageMessage watchOutput withQuotas
    testing: createFaultStore createSigningStore describeObjectStore
    internals: bytesResponse createEngine handle json jsonUnlessSame layout openEngine openService problemResponse putStoredRecord quotasKind requireRole toReadableStream"
  `)
})
