// What needs Node's types beside the rest.
import { createMock, startMockServer, trackwayHandlers, type Fault, type Mock, type MockServer } from '@trackway/mock-server'
import { openDirectoryStore, serve, type RunningServer } from '@trackway/server/node'
import { runCommand } from '@trackway/server/command'
import { createFaultStore, describeObjectStore } from '@trackway/server/testing'

export async function mocks(): Promise<unknown[]> {
  const mock: Mock = createMock({ url: 'http://x' })
  const fault: Fault = { path: /x/, status: 503 }
  mock.faults.add(fault)
  await mock.seed({ 'dataset/sample': { 'a.csv': 'x' } })
  const server: MockServer = await startMockServer()
  const running: RunningServer = await serve({ app: mock })
  return [trackwayHandlers(mock), server.url, running.url, openDirectoryStore, runCommand, createFaultStore, describeObjectStore]
}
