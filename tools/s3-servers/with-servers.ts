// Starts the S3 servers installed on this machine, runs a command with their locations in its environment,
// and stops them. `pnpm s3-servers <command>`; CONTRIBUTING.md says what the environment holds. With CI=true
// no server may be missing.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { ceph } from './ceph.ts'
import { rclone } from './rclone.ts'
import { credentials, region, startServer, type RunningServer, type StoreServer } from './store-server.ts'
import { versitygw } from './versitygw.ts'

const bucket = 'trackway-tests'
const unconditionalBucket = 'trackway-unconditional'

const command = process.argv.slice(process.argv[2] === '--' ? 3 : 2)
if (command.length === 0)
  throw new Error('There is no command to run; write pnpm s3-servers <command> [<argument>…]')
const started = await Promise.allSettled([
  startIfInstalled(ceph, [bucket]),
  startIfInstalled(versitygw, [bucket]),
  startIfInstalled(rclone, [bucket, unconditionalBucket]),
])
const servers = started.flatMap((result) => (result.status === 'fulfilled' ? (result.value ?? []) : []))
try {
  for (const result of started) if (result.status === 'rejected') throw result.reason
  process.exitCode = await runCommand(command, environment(servers))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await Promise.all(servers.map(({ running }) => running.stop()))
}

interface NamedServer {
  readonly server: StoreServer
  readonly running: RunningServer
}

/** Returns undefined, with a note on standard error, if the server is not installed. */
async function startIfInstalled(server: StoreServer, buckets: string[]): Promise<NamedServer | undefined> {
  if (await server.isInstalled()) {
    const running = await startServer(server, buckets)
    running.endedEarly.addEventListener('abort', () =>
      console.error(`${server.name}: ${running.endedEarly.reason}`),
    )
    return { server, running }
  }
  const message = `${server.name} is not installed: \`bash tools/s3-servers/install.sh\` installs it.`
  if (process.env['CI'] === 'true') throw new Error(message)
  console.error(`${message} Tests that need it are skipped.`)
  return undefined
}

/** The environment variables with the locations of the servers. */
function environment(found: readonly NamedServer[]): NodeJS.ProcessEnv {
  const urlOf = (wanted: StoreServer, name = bucket): string[] =>
    found
      .filter(({ server }) => server === wanted)
      .map(({ running }) => `s3://${name}/${wanted.name}?endpoint=${running.endpoint}&region=${region}`)
  const urls = {
    TRACKWAY_TEST_S3: [...urlOf(ceph), ...urlOf(versitygw)],
    TRACKWAY_TEST_S3_UNCONDITIONAL: urlOf(rclone, unconditionalBucket),
    TRACKWAY_TEST_RCLONE: urlOf(rclone),
  }
  const known = Object.entries(urls).filter(([, list]) => list.length > 0)
  return {
    ...Object.fromEntries(known.map(([name, list]) => [name, list.join(' ')])),
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  }
}

/** Returns the command's exit code. A signal to this process ends the command, and then the servers. */
async function runCommand([program = '', ...words]: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(program, words, { stdio: 'inherit', env: { ...process.env, ...env } })
  process.on('SIGINT', () => undefined) // The terminal sends it to the command as well.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  await once(child, 'exit')
  return child.exitCode ?? 128 + (child.signalCode === null ? 0 : constants.signals[child.signalCode])
}
