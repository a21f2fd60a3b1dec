import { formatBytes, type Artifact, type ArtifactSummary, type VersionRecord } from '@trackway/sdk'

const mostFiles = 8

/** Prints artifacts by type, name and tag, with some of the files of one version. */
export function printTree(artifacts: ArtifactSummary[], versions: VersionRecord[], shown: Artifact): void {
  for (const { type, name, aliases, latest } of artifacts) {
    console.log(`${type}\n└── ${name}`)
    const [newest, ...older] = versions
    for (const version of [...older.toReversed(), ...(newest ? [newest] : [])]) {
      const names = Object.keys(aliases).filter((alias) => aliases[alias] === version.tag)
      if (version.tag === latest?.tag) names.push('latest')
      const last = version === newest
      console.log(`    ${last ? '└──' : '├──'} ${describe(version)}  ${names.join(', ')}`.trimEnd())
      if (version.tag === shown.tag) printFiles(shown, last ? '        ' : '    │   ')
    }
  }
}

function printFiles({ entryList }: Artifact, indent: string): void {
  const rest = entryList.length - mostFiles
  for (const { path, size } of entryList.slice(0, mostFiles)) {
    console.log(`${indent}├── ${path.padEnd(26)} ${formatBytes(size).padStart(8)}`)
  }
  console.log(`${indent}└── … and ${rest} more`)
}

function describe({ tag, fileCount, size, digest }: VersionRecord): string {
  return `${tag.padEnd(4)} ${fileCount} files  ${formatBytes(size)}  ${digest.slice(0, 19)}…`
}
