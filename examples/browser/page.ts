// A page that versions dropped files.
import { Artifact, formatBytes, login, TrackwayError, type Session } from '@trackway/sdk'
import { chosenFiles, droppedFiles, type NamedFile } from './dropped-files.ts'
import { count, find } from './elements.ts'
import { attempt, transfer, type Watched } from './transfer.ts'
import { showVersions, type ArtifactScope } from './versions.ts'

const connectForm = find('connect', HTMLFormElement)
const host = find('host', HTMLInputElement)
const key = find('key', HTMLInputElement)
const versionForm = find('new-version', HTMLFormElement)
const typeInput = find('type', HTMLInputElement)
const nameInput = find('name', HTMLInputElement)
const keep = find('keep', HTMLInputElement)
const drop = find('drop', HTMLElement)
let session: Session | undefined

connectForm.addEventListener('submit', (event) => {
  event.preventDefault()
  void attempt(connect)
})

async function connect(): Promise<void> {
  // A user is waiting: retry for a minute only.
  session = await login({ host: host.value, apiKey: key.value, retry: { budgetMs: 60_000 } })
  find('place', HTMLElement).textContent = `${session.user} at ${new URL(host.value).host}`
  connectForm.hidden = true
  versionForm.hidden = false
  find('versions', HTMLElement).hidden = false
  await showVersions(session, scope())
}

function scope(): ArtifactScope {
  return { name: nameInput.value, type: typeInput.value, experiment: 'browser' }
}

for (const input of [typeInput, nameInput]) input.addEventListener('change', () => void attempt(refresh))

async function refresh(): Promise<void> {
  if (session !== undefined && versionForm.reportValidity()) await showVersions(session, scope())
}

function upload(files: readonly NamedFile[]): void {
  if (session === undefined || files.length === 0 || !versionForm.reportValidity()) return
  const [uploader, at] = [session, scope()]
  void transfer(`Uploading ${count(files.length, 'file')}`, async (watched) => {
    const artifact = await draft(uploader, at, watched)
    for (const { path, file } of files) await artifact.add(file, { name: path })
    const result = await uploader.uploadArtifact(artifact, { ...watched, experiment: at.experiment })
    await refresh()
    if (!result.created) return `Nothing has changed since ${result.tag}.`
    return `${result.tag} is stored: ${formatBytes(result.uploadedBytes)} sent, ${formatBytes(result.reusedBytes)} reused.`
  })
}

/** The artifact to add to: the latest version, or an empty one if its files are not kept. */
async function draft(
  from: Session,
  { name, type, experiment }: ArtifactScope,
  { signal }: Watched,
): Promise<Artifact> {
  if (!keep.checked) return new Artifact(name, type)
  try {
    return await from.getArtifact(name, type, 'latest', { experiment, signal })
  } catch (error) {
    if (TrackwayError.hasCode(error, 'not_found')) return new Artifact(name, type)
    throw error
  }
}

for (const kind of ['files', 'folder']) {
  const input = find(kind, HTMLInputElement)
  find(`choose-${kind}`, HTMLButtonElement).addEventListener('click', () => input.click())
  input.addEventListener('change', () => {
    upload(chosenFiles(input.files))
    input.value = '' // So that choosing the same file again is a change.
  })
}

// Otherwise the browser would open a file that is dropped beside the field.
for (const event of ['dragover', 'drop']) document.addEventListener(event, (each) => each.preventDefault())
for (const event of ['dragover', 'dragleave', 'drop'])
  drop.addEventListener(event, () => drop.classList.toggle('over', event === 'dragover'))
drop.addEventListener('drop', ({ dataTransfer }) => {
  if (dataTransfer !== null) void attempt(async () => upload(await droppedFiles(dataTransfer)))
})

// The start script passes the URL and the key after the #, which browsers send to no server.
const given = new URLSearchParams(location.hash.slice(1))
history.replaceState(null, '', location.pathname)
host.value = given.get('host') ?? ''
key.value = given.get('key') ?? ''
if (host.value !== '') void attempt(connect)
