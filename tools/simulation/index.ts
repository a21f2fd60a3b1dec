// Everything that a process takes from its machine, taken from a seed instead, and an oracle of what
// must be stored.
export { createRandom, type Random } from './random.ts'
export {
  createScheduler,
  type Choose,
  type Scheduler,
  type SchedulerOptions,
  type Waiting,
} from './scheduler.ts'
export { playGlobals } from './virtual-globals.ts'
export { createCrashFileSystem, type CrashFileSystem } from './crash-file-system.ts'
export { commitFiles, manifestOf, storedManifest, type CommitRequest, type Files } from './engine-client.ts'
export { createOracle, type Oracle } from './oracle.ts'
