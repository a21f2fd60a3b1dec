// Versions a Parquet file of 13.5 MB and reads one column of a few of its rows by URL, with a reader that
// does not know Trackway: only these bytes are transferred. It needs a server; see README.md.
import { zstdDecompressSync } from 'node:zlib'
import { Artifact, login } from '@trackway/sdk'
import { asyncBufferFromUrl, parquetReadObjects } from 'hyparquet'

const session = await login()
await using run = await session.init({ experiment: 'interop' })
const artifact = new Artifact('flights', 'dataset')
for (const file of ['flights-3m.parquet', 'airports.csv'])
  await artifact.add(new URL(`../data/${file}`, import.meta.resolve('vega-datasets')))
const { tag } = await session.uploadArtifact(artifact)
await run.log({ files: artifact.fileCount })

const url = await artifact.entry('flights-3m.parquet').url({ expiresInSeconds: 600 })
const file = await asyncBufferFromUrl({ url })
const rows = await parquetReadObjects({
  file,
  columns: ['delay'],
  rowStart: 1_000_000,
  rowEnd: 1_000_003,
  compressors: { ZSTD: (bytes) => zstdDecompressSync(bytes) },
})
console.log(
  `${tag}: delays of three flights of three million:`,
  rows.map(({ delay }) => Number(delay)).join(', '),
)
