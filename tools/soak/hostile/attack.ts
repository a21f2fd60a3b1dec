import type { Counts } from '../campaign.ts'
import type { Site } from '../processes/exchange.ts'

/** An order to an attacker. */
export interface AttackOrder {
  attack: string
  host: string
  port: number
  /** Of the attacker's own team, where it may write. */
  key: string
  /** The most connections that it may have. */
  connections: number
}

/** The team of those who attack. */
export const hostileTeam = 'hostile'

/** Whom an attack is made on. */
export interface Target extends Site {
  connections: number
  /** How often it was answered with which status, and how often it was cut off. */
  tally: Counts
}

/** What is done to a server. */
export interface Attack {
  /** Stores what the attack needs: ordinary requests, made before. */
  prepare?(site: Site): Promise<void>
  /** Continues until its process is ended. */
  run(target: Target): Promise<void>
}
