import { createRandom } from '@trackway/simulation'

/** Just more than what is bundled with other files: each is a blob of its own. */
const bytes = 270_000
const perRound = 4

let last: { round: number; contents: Uint8Array[] } | undefined

/** Contents that all clients draw from in one round, so that several send the same blob. */
export function sharedContents(round: number): readonly Uint8Array[] {
  if (last?.round !== round) {
    const contents = Array.from({ length: perRound }, (_, index) =>
      createRandom(round * perRound + index).bytes(bytes),
    )
    last = { round, contents }
  }
  return last.contents
}
