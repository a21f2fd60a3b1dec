import { messageOf, TrackwayError } from '@trackway/protocol'

/** Damage of an object of a store. */
export interface Damage {
  /** `missing`: it should exist. `damaged`: its bytes have changed. `unreadable`: the store failed. */
  kind: 'missing' | 'damaged' | 'unreadable'
  /** The key of the object. */
  key: string
  /** What is wrong, for people. */
  problem: string
  /** Versions that are incomplete because of it, such as `flowers/dataset/sample:V2`. */
  versions: string[]
  /** Where a damaged blob was moved, so that an upload of its bytes repairs it. */
  movedTo?: string
}

/** The result of a check. */
export interface CheckReport {
  /** Nothing is damaged. */
  ok: boolean
  /** Teams that were checked. */
  teams: number
  /** Versions that were checked. */
  versions: number
  /** Stored blobs, and their bytes. */
  blobs: number
  /** Bytes of stored blobs. */
  bytes: number
  /** Blobs whose bytes were read and hashed. */
  readBlobs: number
  /** Blobs that no version uses: leftovers of interrupted uploads, and deleted data. Not damage. */
  unusedBlobs: number
  /** Their bytes. */
  unusedBytes: number
  /** The damage. */
  damages: Damage[]
  /** Leftovers of crashes, and objects that are not Trackway's: worth knowing, but not damage. */
  notes: string[]
  /** Hints from a digest to its version that were missing and exist now. */
  repairedHints: number
}

/** Options of a check. */
export interface CheckOptions {
  /** Whether to read the bytes of blobs: all of them, or one of several parts, which are chosen by digest. */
  readData?:
    | boolean
    | {
        /** Which part, from 1. */
        part: number
        /** The number of parts. */
        of: number
      }
    | undefined
  /** Recreates missing hints. Default: false. */
  repair?: boolean | undefined
}

export function emptyReport(): CheckReport {
  return {
    ok: true,
    teams: 0,
    versions: 0,
    blobs: 0,
    bytes: 0,
    readBlobs: 0,
    unusedBlobs: 0,
    unusedBytes: 0,
    damages: [],
    notes: [],
    repairedHints: 0,
  }
}

/** The damage that keeps an object from being read. */
export function describeFailure(key: string, error: unknown): Damage {
  const isDamage = TrackwayError.hasCode(error, 'integrity_error')
  const problem = messageOf(error)
  return { kind: isDamage ? 'damaged' : 'unreadable', key, problem, versions: [] }
}
