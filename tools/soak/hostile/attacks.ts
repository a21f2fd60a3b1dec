import type { Attack } from './attack.ts'
import {
  idleConnections,
  pipelinedDocuments,
  readersThatDoNotRead,
  slowBodies,
  slowHeaders,
  slowReaders,
} from './attacks/connections.ts'
import {
  commitsWithoutBase,
  largeConfigs,
  largeLogPages,
  manyAliases,
  manyDigests,
  wrongValues,
} from './attacks/documents.ts'
import { hintsOverLongPaths, manifestsOfManyParts, millionEntries, unknownKeys } from './attacks/manifests.ts'

/** Attacks of one kind are made on one server. */
export type AttackKind =
  | 'pipelines'
  | 'unread answers'
  | 'many parts'
  | 'heavy bodies'
  | 'long lists'
  | 'slowness'

/** Every attack. */
export const attacks: readonly (Attack & { name: string; kind: AttackKind })[] = [
  {
    kind: 'pipelines',
    name: '1,100 requests sent ahead on each of 100 connections',
    ...pipelinedDocuments,
  },
  { kind: 'unread answers', name: 'readers of 16 MiB who do not read', ...readersThatDoNotRead },
  { kind: 'many parts', name: 'manifests of 3.9 million parts', ...manifestsOfManyParts },
  { kind: 'heavy bodies', name: 'hints over 10,000 long paths', ...hintsOverLongPaths },
  { kind: 'heavy bodies', name: 'a million entries', ...millionEntries },
  { kind: 'heavy bodies', name: '50 MB of unknown keys', ...unknownKeys },
  { kind: 'heavy bodies', name: '100,000 wrong values', ...wrongValues },
  { kind: 'heavy bodies', name: '10,000 digests in a question', ...manyDigests },
  { kind: 'heavy bodies', name: 'a config of 49,000 keys', ...largeConfigs },
  { kind: 'long lists', name: 'pages of a log of large segments', ...largeLogPages },
  { kind: 'long lists', name: 'versions with 3,000 aliases', ...manyAliases },
  { kind: 'long lists', name: 'commits without a base', ...commitsWithoutBase },
  { kind: 'slowness', name: 'slow headers', ...slowHeaders },
  { kind: 'slowness', name: 'slow bodies', ...slowBodies },
  { kind: 'slowness', name: 'slow readers', ...slowReaders },
  { kind: 'slowness', name: 'connections that say nothing', ...idleConnections },
]
