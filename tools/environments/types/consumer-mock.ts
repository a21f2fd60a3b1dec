// A user's tests.
import {
  createMock,
  startMockServer,
  trackwayHandlers,
  type Fault,
  type Mock,
  type MockServer,
} from '@trackway/mock-server'

export async function mocks(): Promise<unknown[]> {
  const mock: Mock = createMock({ url: 'http://x' })
  const fault: Fault = { path: /x/, status: 503 }
  mock.faults.add(fault)
  await mock.seed({ 'dataset/sample': { 'a.csv': 'x' } })
  const server: MockServer = await startMockServer()
  return [trackwayHandlers(mock), server.url]
}
