/** What a limit is: it stands before what is wished, and ends what is reported. One file each; index.ts lists them. */
import type { Order } from '../order.js'
import type { Surroundings } from '../surroundings.js'

export interface Blocked {
  /** A sentence for people. */
  readonly detail: string
  /** When it could pass, ms since 1970; null when nobody knows. */
  readonly possible_at: number | null
}

export interface Broken {
  readonly detail: string
  /** What it has to be instead, 0 to 1; 0 when it is not said. */
  readonly value?: number
  /** Somebody has to look at it. */
  readonly alarm?: 'no_flow' | 'level_unchanged'
  /** How long it has been told so already, ms. */
  readonly told_for?: number
}

export interface Limit {
  readonly name: string
  /** Which orders it is asked about; all that do not switch off, when it is not said. */
  concerns?(order: Order): boolean
  /** Why this cannot be now. */
  blocks?(order: Order, surroundings: Surroundings): Blocked | undefined
  /** What is to be said about an order that passes. */
  warns?(surroundings: Surroundings): string | undefined
  /** Why what is reported cannot stay; asked only while it is on, unless `always`. */
  broken?(surroundings: Surroundings): Broken | undefined
  readonly always?: true
}

/** Gives a limit its name as a type. */
export const limit = <const Name extends string>(
  definition: Limit & { name: Name },
): Limit & { name: Name } => definition
