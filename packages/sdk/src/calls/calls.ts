// The options of each function of the public API. Loaded with the first call.
import { maxSignedUrlSeconds } from '@trackway/protocol'
import {
  amount,
  callback,
  checkOptions,
  flag,
  nested,
  oneOf,
  other,
  signal,
  text,
  texts,
  whole,
  type KindsOf,
  type OptionKinds,
} from '@trackway/protocol/options'
import type { RetryPolicy } from '../client/retry.ts'
import { longCallKinds } from './long-call-options.ts'

const retry = {
  budgetMs: amount(60_000),
  firstDelayMs: amount(300),
  maxDelayMs: amount(30_000),
} satisfies KindsOf<RetryPolicy>
const selection = { include: texts('**/*.csv'), exclude: texts('old/**') }
const folderFilter = { ignore: texts('*.tmp'), gitignore: flag }

const project = {
  host: text('http://127.0.0.1:9111'),
  store: text('./.trackway'),
  team: text('vision'),
  experiment: text('flowers'),
}

const calls = {
  login: {
    host: text('http://127.0.0.1:9111'),
    store: text('./.trackway'),
    apiKey: text('tw_…'),
    team: text('vision'),
    experiment: text('flowers'),
    create: flag,
    quiet: flag,
    fetch: callback('mock.fetch'),
    retry: nested(retry),
    signal,
  },
  add: { name: text('data/train.csv'), ...folderFilter, signal },
  addReference: {
    name: text('data/train.csv'),
    digest: text('sha256:…'),
    size: whole(1024),
    signal,
  },
  download: { overwrite: flag, verify: flag, ...selection, ...longCallKinds },
  archive: { ...selection, ...longCallKinds },
  verify: { ...folderFilter, ...longCallKinds },
  checksums: { signal },
  diff: { signal },
  'reading an entry': { start: whole(0), end: whole(1024), signal },
  'entry.url': { expiresInSeconds: whole(3600, 1, maxSignedUrlSeconds), signal },

  'run.log': { step: other('a whole number', '12'), time: other('a Date', 'new Date()') },
  'run.finish': { state: oneOf('finished', 'failed'), error: text('out of memory'), signal },
  'run.flush': { signal },

  pruneAssets: { keep: whole(3), maxBytes: whole(10_000_000_000), dryRun: flag },
  removeAsset: {
    experiment: text('flowers'),
    team: text('vision'),
    address: text('http://127.0.0.1:9111'),
    storeId: text('…'),
  },
  changeProjectConfig: project,
  changeUserConfig: {
    ...project,
    apiKey: text('tw_…'),
    keys: other('an object', "{ 'https://host': 'tw_…' }"),
  },
} satisfies Record<string, OptionKinds>

type Calls = typeof calls

/** A function that takes options, or what its options are for. */
export type CallName = keyof Calls

/**
 * The name of a call, if it knows exactly the names of this type of options; else a type that does not
 * compile.
 */
export type CallWith<Name extends CallName, Options> = [
  Exclude<keyof Options, keyof Calls[Name]>,
  Exclude<keyof Calls[Name], keyof Options>,
] extends [never, never]
  ? Name
  : never

/** Checks the options of a call, for callers that have no types. Throws `option_invalid`. */
export function checkCall<Name extends CallName, Options>(
  call: CallWith<Name, Options> & Name,
  options: Options,
): void {
  checkOptions(call, options, calls[call])
}
