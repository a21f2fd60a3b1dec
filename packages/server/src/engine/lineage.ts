import {
  edgeSchema,
  tagNumber,
  type Edge,
  type Lineage,
  type RunName,
  type VersionRecord,
  type VersionName,
} from '@trackway/protocol'
import { layout, type EdgeDirection, type RunScope } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { putDocument, readDocument } from './documents.ts'
import { listObjects } from './listing.ts'
import { timeOf, type ClockAndIds } from './clock-and-ids.ts'

/** Which run read and made which version. */
export interface LineageEdges {
  /** Records that a run read a version. Repeating it is harmless. */
  addInput(run: RunScope, version: VersionRecord): Promise<Edge>
  /** Records that a run made a version; the version's record says so too. */
  addOutput(version: VersionRecord): Promise<void>
  ofRun(run: RunScope): Promise<{ inputs: VersionName[]; outputs: VersionName[] }>
  ofVersion(version: VersionRecord): Promise<Lineage>
}

export function createLineage(store: ObjectStore, clockAndIds: ClockAndIds): LineageEdges {
  function makeEdge(run: RunName, { experiment, type, name, tag }: VersionRecord): Edge {
    return {
      formatVersion: 1,
      run,
      version: { experiment, type, name, tag },
      createdAt: timeOf(clockAndIds),
    }
  }

  async function versionsOf(run: RunScope, direction: EdgeDirection): Promise<VersionName[]> {
    return (await readEdges(store, layout.edges(run, direction))).map((edge) => edge.version)
  }

  return {
    async addInput(run, version) {
      const edge = makeEdge({ experiment: run.experiment, run: run.run }, version)
      await Promise.all([
        putDocument(store, layout.edge(run, 'inputs', numbered(version)), edge),
        putDocument(store, layout.reader(version, numbered(version).number, run), edge),
      ])
      return edge
    },
    async addOutput(version) {
      if (version.run === null) return
      const edge = makeEdge(version.run, version)
      await putDocument(
        store,
        layout.edge({ team: version.team, ...version.run }, 'outputs', numbered(version)),
        edge,
      )
    },
    async ofRun(run) {
      const [inputs, outputs] = await Promise.all([versionsOf(run, 'inputs'), versionsOf(run, 'outputs')])
      return { inputs, outputs }
    },
    async ofVersion(version) {
      const edges = await readEdges(store, layout.readers(version, numbered(version).number))
      return { producedBy: version.run, usedBy: edges.map((edge) => edge.run) }
    },
  }
}

function numbered(version: VersionRecord) {
  return { ...version, number: tagNumber(version.tag) ?? 0 }
}

async function readEdges(store: ObjectStore, prefix: string): Promise<Edge[]> {
  const edges: Edge[] = []
  for await (const { key } of listObjects(store, { prefix })) {
    const edge = await readDocument(store, key, edgeSchema)
    if (edge !== undefined) edges.push(edge)
  }
  return edges
}
