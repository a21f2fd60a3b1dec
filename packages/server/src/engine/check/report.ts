import { messageOf, TrackwayError } from '@trackway/protocol'

/** What is wrong with an object of a store. */
export interface Damage {
  /** `missing`: it should be there. `damaged`: its bytes are not what they were. `unreadable`: the store failed. */
  kind: 'missing' | 'damaged' | 'unreadable'
  /** The key of the object. */
  key: string
  /** What is wrong, for people. */
  problem: string
  /** Versions that cannot be had whole because of it, such as `flowers/dataset/sample:V2`. */
  versions: string[]
  /** Where a damaged blob was moved, so that an upload of its bytes heals it. */
  movedTo?: string
}

/** What a check came to. */
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
  /** Blobs that no version uses: what uploads left that broke off, and what was deleted. No damage. */
  unusedBlobs: number
  /** Their bytes. */
  unusedBytes: number
  /** What is damaged. */
  damages: Damage[]
  /** What is as a crash may leave it, or belongs to somebody else: worth knowing, no damage. */
  notes: string[]
  /** Hints from a digest to its version that were missing and are there now. */
  repairedHints: number
}

/** How a check goes. */
export interface CheckOptions {
  /** Whether the bytes of blobs are read: of all, or of one part of so many, which are chosen by their digests. */
  readData?:
    | boolean
    | {
        /** Which part, from 1. */
        part: number
        /** How many parts there are. */
        of: number
      }
    | undefined
  /** Writes hints that are missing. Default: false. */
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

/** What keeps an object from being read. */
export function describeFailure(key: string, error: unknown): Damage {
  const isDamage = TrackwayError.hasCode(error, 'integrity_error')
  const problem = messageOf(error)
  return { kind: isDamage ? 'damaged' : 'unreadable', key, problem, versions: [] }
}
