import { digestHex, sha256 } from '@trackway/protocol'

const qualities =
  'amber brave calm clear coral crisp dawn deep early fair fine fleet free fresh gentle glad golden grand green happy ' +
  'hazel honest ivory jolly keen kind lively lucky lunar mellow merry misty noble opal pale patient plain polar proud ' +
  'quick quiet rapid rare rosy royal sable serene sharp silent silver sleek smart solar still stout sunny swift tidy ' +
  'true vivid warm wise young'
const things =
  'acorn anchor apple arrow aspen badger beacon birch bloom breeze brook canyon cedar cloud comet crane creek delta ' +
  'dune eagle ember falcon fern field finch fjord forest fox garden glade grove harbor hawk heron hill island lake ' +
  'lark leaf life lynx maple meadow mesa moon moss oak ocean orchard otter pine plain pond raven reef ridge river ' +
  'robin sky spring star stone thunder valley willow'

/** The beginning of a generated run's name, such as `sable-life`: always the same for the same commit. */
export function runNameOf(commitId: string): string {
  const hex = digestHex(sha256(new TextEncoder().encode(commitId)))
  return `${pick(qualities, hex.slice(0, 8))}-${pick(things, hex.slice(8, 16))}`
}

function pick(words: string, hex: string): string {
  const all = words.split(' ')
  return all[Number.parseInt(hex, 16) % all.length] ?? 'plain'
}
