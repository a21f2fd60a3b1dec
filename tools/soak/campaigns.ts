import type { Campaign } from './campaign.ts'
import { clients } from './campaigns/clients.ts'
import { corruption } from './campaigns/corruption.ts'
import { crashPoints } from './campaigns/crash-points.ts'
import { fullDisk } from './campaigns/full-disk.ts'
import { hostile } from './campaigns/hostile.ts'
import { interleavings } from './campaigns/interleavings.ts'
import { isolation } from './campaigns/isolation.ts'
import { kills } from './campaigns/kills.ts'
import { load } from './campaigns/load.ts'
import { network } from './campaigns/network.ts'
import { plantedBugs } from './campaigns/planted-bugs.ts'
import { powerLoss } from './campaigns/power-loss.ts'
import { randomFaults } from './campaigns/random-faults.ts'
import { servers } from './campaigns/servers.ts'
import { sweeps } from './campaigns/sweeps.ts'
import { systemFaults } from './campaigns/system-faults.ts'
import { tags } from './campaigns/tags.ts'

/** Every campaign, in the order in which they are run. */
export const campaigns: readonly Campaign[] = [
  crashPoints,
  interleavings,
  randomFaults,
  powerLoss,
  tags,
  sweeps,
  corruption,
  isolation,
  clients,
  kills,
  network,
  systemFaults,
  fullDisk,
  load,
  servers,
  hostile,
  plantedBugs,
]

export function findCampaign(name: string): Campaign {
  const found = campaigns.find((campaign) => campaign.name === name)
  if (found !== undefined) return found
  throw new Error(`There is no campaign '${name}': ${campaigns.map((campaign) => campaign.name).join(', ')}`)
}
