import { foldName } from '@trackway/protocol'
import type { Place } from '../client/scope.ts'
import { isSameStore } from '../version/version.ts'

/** An artifact and the scope that it belongs to. */
export interface ArtifactPlace {
  place: Place
  type: string
  name: string
}

export function isSameArtifact(a: ArtifactPlace, b: ArtifactPlace): boolean {
  const texts = ({ place, type, name }: ArtifactPlace) =>
    [place.experiment, type, name].map(foldName).join('\n')
  return isSameStore(a.place, b.place) && texts(a) === texts(b)
}
