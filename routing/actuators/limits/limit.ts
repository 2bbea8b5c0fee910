/** What a limit is: it stands before what is wished, and ends what is reported. One file each; index.ts lists them. */
import type { Said } from '../../contract/said.js'
import type { CommandSaid } from '../../contract/sentences/commands.js'
import type { Order } from '../order.js'
import type { Surroundings } from '../surroundings.js'

export interface Blocked {
  /** A sentence for people. */
  readonly detail: string
  /** The same by its code. */
  readonly said: Said
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

/** What blocks, from what there is to say about it. */
export const blockedBy = ({ sentence, code, facts }: CommandSaid, possible_at: number | null): Blocked => ({
  detail: sentence,
  said: { code, facts },
  possible_at,
})

export interface Limit {
  readonly name: string
  /** Which orders it is asked about; all that do not switch off, when it is not said. */
  concerns?(order: Order): boolean
  /** Why this cannot be now. */
  blocks?(order: Order, surroundings: Surroundings): Blocked | undefined
  /** What is to be said about an order that passes. */
  warns?(surroundings: Surroundings): CommandSaid | undefined
  /** Why what is reported cannot stay; asked only while it is on, unless `always`. */
  broken?(surroundings: Surroundings): Broken | undefined
  readonly always?: true
}

/** Gives a limit its name as a type. */
export const limit = <const Name extends string>(
  definition: Limit & { name: Name },
): Limit & { name: Name } => definition
