import { setTimeout as sleep } from 'node:timers/promises'
import { BucketAlreadyOwnedByYou, CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { ServerProcesses } from './server-processes.ts'

/** A kind of S3 server that tests can run against. */
export interface StoreServer {
  readonly name: string
  /** Whether this machine has the programs that it needs. */
  isInstalled(): Promise<boolean>
  /** Starts it on a free port of loopback, and returns the port. It may respond only later. */
  start(processes: ServerProcesses): Promise<number>
}

export interface RunningServer {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string
  /** Aborted when it ends without being stopped. */
  readonly endedEarly: AbortSignal
  stop(): Promise<void>
}

export const region = 'us-east-1'
/** The servers' credentials. They protect nothing: the servers listen on loopback and end with the tests. */
export const credentials = { accessKeyId: 'TRACKWAYTESTS', secretAccessKey: 'nothing-is-secret-here' }
const attempts = 3
const secondsToStart = 40

/** Starts a server with a bucket of each name. Throws the end of its output if it does not respond. */
export async function startServer(server: StoreServer, buckets: readonly string[]): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const processes = new ServerProcesses(server.name)
    const { endedEarly } = processes
    try {
      const endpoint = `http://127.0.0.1:${await server.start(processes)}`
      const until = AbortSignal.any([endedEarly, AbortSignal.timeout(secondsToStart * 1000)])
      for (const bucket of buckets) await createBucket(endpoint, bucket, until)
      return { endpoint, endedEarly, stop: () => processes.stop() }
    } catch (error) {
      const printed = processes.lastLines()
      await processes.stop()
      // Another process may have taken the port after it was chosen.
      const message = `${server.name} did not start: ${String(error)}\n${printed}`
      if (attempt === attempts) throw new Error(message, { cause: error })
    }
  }
}

/** Creates a bucket as soon as the server responds. */
async function createBucket(endpoint: string, bucket: string, until: AbortSignal): Promise<void> {
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 })
  let last: unknown
  while (!until.aborted) {
    try {
      const abortSignal = AbortSignal.any([until, AbortSignal.timeout(5000)])
      await client.send(new CreateBucketCommand({ Bucket: bucket }), { abortSignal })
      return
    } catch (error) {
      if (error instanceof BucketAlreadyOwnedByYou) return // The response to an earlier attempt was lost.
      last = error
    }
    await sleep(50)
  }
  throw new Error(`${String(until.reason)} before ${endpoint}/${bucket} could be created: ${String(last)}`)
}
