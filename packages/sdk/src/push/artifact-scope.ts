import { foldName } from '@trackway/protocol'
import type { Scope } from '../client/scope.ts'
import { isSameStore } from '../version/version.ts'

/** An artifact and the scope that it belongs to. */
export interface ArtifactScope {
  scope: Scope
  type: string
  name: string
}

export function isSameArtifact(a: ArtifactScope, b: ArtifactScope): boolean {
  const texts = ({ scope, type, name }: ArtifactScope) =>
    [scope.experiment, type, name].map(foldName).join('\n')
  return isSameStore(a.scope, b.scope) && texts(a) === texts(b)
}
