import { listChecks } from './checks/list-checks.ts'
import { mixedChecks } from './checks/mixed-checks.ts'
import { putChecks } from './checks/put-checks.ts'
import { readChecks } from './checks/read-checks.ts'
import type { StoreCheck } from './checks/store-check.ts'

/** The questions that every store must answer rightly, for a test suite; the quick ones are the probe's. */
export const storeChecks: readonly StoreCheck[] = [...putChecks, ...readChecks, ...listChecks, ...mixedChecks]
