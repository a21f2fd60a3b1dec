import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { findProgram } from './programs.ts'
import type { ServerProcesses } from './server-processes.ts'
import { credentials, type StoreServer } from './store-server.ts'

const programs = ['ceph', 'ceph-authtool', 'ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin']
const gibibyte = 1024 ** 3

/** Ceph's object gateway on a cluster of one monitor and one object store in memory. */
export const ceph: StoreServer = {
  name: 'ceph',
  isInstalled: async () => programs.every((program) => findProgram(program) !== undefined),
  start: async (processes) => {
    const gatewayPort = await freePort()
    const monitor = { id: randomUUID(), port: await freePort() }
    const conf = join(processes.folder, 'ceph.conf')
    writeFileSync(conf, configuration(processes.folder, monitor, gatewayPort))
    for (const folder of ['mon', 'osd', 'rgw', 'run']) mkdirSync(join(processes.folder, folder))
    await createKeys(processes)
    await startMonitor(processes, conf, monitor)
    await startObjectStore(processes, conf)
    await createUser(processes, conf)
    processes.start('radosgw', ['-f', '-c', conf, '-n', 'client.rgw'])
    return gatewayPort
  },
}

interface Monitor {
  /** The id of its cluster. */
  readonly id: string
  readonly port: number
}

async function createKeys(processes: ServerProcesses): Promise<void> {
  const capabilities = {
    'mon.': { mon: 'allow *' },
    'client.admin': { mon: 'allow *', osd: 'allow *' },
    'client.rgw': { mon: 'allow rwx', osd: 'allow rwx' },
    'osd.0': { mon: 'allow profile osd', osd: 'allow *' },
  }
  await processes.run('ceph-authtool', '--create-keyring', 'keyring')
  for (const [name, allowed] of Object.entries(capabilities)) {
    const words = Object.entries(allowed).flatMap(([service, what]) => ['--cap', service, what])
    await processes.run('ceph-authtool', 'keyring', '--gen-key', '-n', name, ...words)
  }
}

async function startMonitor(processes: ServerProcesses, conf: string, { id, port }: Monitor): Promise<void> {
  const address = `[v2:127.0.0.1:${port}]`
  const map = ['--create', '--addv', 'a', address, '--fsid', id, '--enable-all-features', 'monmap']
  await processes.run('monmaptool', ...map)
  const files = ['--monmap', 'monmap', '--keyring', 'keyring']
  await processes.run('ceph-mon', '-c', conf, '-i', 'a', '--mkfs', ...files)
  processes.start('ceph-mon', ['-f', '-c', conf, '-i', 'a'])
}

async function startObjectStore(processes: ServerProcesses, conf: string): Promise<void> {
  const id = randomUUID()
  await processes.run('ceph', '-c', conf, '--connect-timeout', '20', 'osd', 'new', id)
  await processes.run('ceph-osd', '-c', conf, '-i', '0', '--mkfs', '--osd-uuid', id)
  processes.start('ceph-osd', ['-f', '-c', conf, '-i', '0'])
}

async function createUser(processes: ServerProcesses, conf: string): Promise<void> {
  const { accessKeyId, secretAccessKey } = credentials
  const keys = [`--access-key=${accessKeyId}`, `--secret=${secretAccessKey}`]
  const words = ['user', 'create', '--uid=tests', '--display-name=tests', ...keys]
  await processes.run('radosgw-admin', '-c', conf, '-n', 'client.rgw', ...words)
}

/** By default, Paxos waits up to a second before each decision, and a start takes a dozen of them. */
function configuration(folder: string, monitor: Monitor, gatewayPort: number): string {
  return `[global]
fsid = ${monitor.id}
mon_host = v2:127.0.0.1:${monitor.port}
mon_initial_members = a
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
public_network = 127.0.0.0/8
ms_bind_ipv6 = false
keyring = ${folder}/keyring
run_dir = ${folder}/run
crash_dir = ${folder}/run
admin_socket = ${folder}/run/$name.$pid.asok
log_file = ${folder}/$name.log
paxos_propose_interval = 0.01
paxos_min_wait = 0.01
mon_allow_pool_size_one = true
mon_data_avail_crit = 1
mon_data_avail_warn = 2
mon_max_pg_per_osd = 1000
osd_crush_chooseleaf_type = 0
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
[mon.a]
host = localhost
mon_data = ${folder}/mon
[osd.0]
osd_data = ${folder}/osd
osd_objectstore = memstore
memstore_device_bytes = ${4 * gibibyte}
[client.rgw]
rgw_data = ${folder}/rgw
rgw_frontends = beast endpoint=127.0.0.1:${gatewayPort} tcp_nodelay=1
rgw_run_sync_thread = false
rgw_enable_gc_threads = false
rgw_enable_lc_threads = false
rgw_enable_quota_threads = false
`
}
