import { listChecks } from './checks/list-checks.ts'
import { mixedChecks } from './checks/mixed-checks.ts'
import { putChecks } from './checks/put-checks.ts'
import { readChecks } from './checks/read-checks.ts'
import type { StoreCheck } from './checks/store-check.ts'

/** The checks that every store must pass, for a test suite; the probe runs the quick ones. */
export const storeChecks: readonly StoreCheck[] = [...putChecks, ...readChecks, ...listChecks, ...mixedChecks]
