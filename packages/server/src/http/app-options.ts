import type { Limits } from '@trackway/protocol'
import {
  amount,
  callback,
  flag,
  having,
  listOfTexts,
  nested,
  oneOf,
  required,
  whole,
  type KindsOf,
} from '@trackway/protocol/options'
import type { ClockAndIds } from '../engine/clock-and-ids.ts'
import type { ProbeWhen } from '../engine/open-store.ts'
import type { SweepPatience } from '../engine/sweep-marker.ts'
import { storeKind } from '../stores/check-store-kind.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import type { BodyLimits } from './limits.ts'
import { quotasKind, type Quotas } from './quota-options.ts'

/** Options of an app. */
export interface AppOptions {
  /** Where everything is stored. If it has `signing`, clients get presigned URLs to it. */
  store: ObjectStore
  /**
   * `keys`: callers need an API key of the store. A user: every caller is that user and may do everything,
   * for a store that only this process reaches. Default: `keys`.
   */
  access?:
    | 'keys'
    | {
        /** The user that every caller is. */
        user: string
      }
    | undefined
  /**
   * Whether each opening tests the store's promises with about 300 requests, or only the first one: later
   * ones then test conditions with a dozen. Default: `always`.
   */
  probe?: ProbeWhen | undefined
  /**
   * Whether to create a store if the location does not hold one; otherwise throws `not_found`. Default: true.
   */
  create?: boolean | undefined
  /** The server's limits. Default: those of the format. */
  limits?: Partial<Limits> | undefined
  /** Limits on the memory and the pace of bodies that arrive at the same time. */
  bodies?: Partial<BodyLimits> | undefined
  /** What teams and API keys may use. Default: no quotas. */
  quotas?: Quotas | undefined
  /** Host names, without ports, that requests may use. Default: any. */
  hosts?: readonly string[] | undefined
  /**
   * Origins, such as `https://app.example.org`, whose pages may use the server, or `*` for all. Default:
   * none.
   */
  origins?: readonly string[] | undefined
  /** How long writers wait for a sweep that is about to delete what they need. Default: 20 s. */
  patience?: SweepPatience | undefined
  /** The clock and random ids. Default: the machine's. */
  clockAndIds?: ClockAndIds | undefined
  /** Called after every answered request. */
  onRequest?: ((event: RequestEvent) => void) | undefined
  /** Called for every answer that breaks off after its status was sent, as over a damaged blob. */
  onBroken?: ((event: RequestEvent) => void) | undefined
}

/** The details of an answered request. */
export interface RequestEvent {
  /** The id of the request, which errors carry. */
  requestId: string
  /** The HTTP method. */
  method: string
  /** Without its query. */
  path: string
  /** The status of the answer. */
  status: number
  /** Milliseconds until the answer began. */
  durationMs: number
  /** The error, if the status reports one. */
  error?: unknown
}

export const appOptionKinds = {
  store: required(storeKind),
  access: {
    expected: "'keys' or an object with a user",
    example: "{ user: 'ada' }",
    accepts: (value) => value === 'keys' || typeof Object(value).user === 'string',
  },
  probe: oneOf('always', 'new'),
  create: flag,
  limits: nested({
    requestBytes: whole(1_000_000, 1),
    blobBytes: whole(1_000_000, 1),
    digests: whole(1000, 1),
    entries: whole(1000, 1),
    manifestBytes: whole(1_000_000, 1),
  } satisfies KindsOf<Limits>),
  bodies: nested({
    heldBytes: amount(1_000_000),
    bytesPerSecond: amount(1024),
    windowMs: amount(30_000),
  } satisfies KindsOf<BodyLimits>),
  quotas: quotasKind,
  hosts: listOfTexts('localhost'),
  origins: listOfTexts('https://app.example.org'),
  patience: nested({ waitMs: amount(20_000), pollMs: amount(200) } satisfies KindsOf<SweepPatience>),
  clockAndIds: having('an object with a clock and ids', 'clockAndIds', 'now', 'sleep', 'newId'),
  onRequest: callback('(event) => console.log(event)'),
  onBroken: callback('(event) => console.log(event)'),
} satisfies KindsOf<AppOptions>
