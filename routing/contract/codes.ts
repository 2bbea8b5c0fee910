/**
 * Every refusal and fault: what it is called, how loudly it is logged, what HTTP says, the sentence people
 * read, and where the original system filed it (the seed's family and number, protocol.md §11). Logs, REST,
 * the reject list, the counters and the README read this table; a code that is not here does not exist. Its rows
 * stand in `codes/`, by what they are about.
 */
import type { Code } from './codes/code.js'
import { connections } from './codes/connections.js'
import { faults } from './codes/faults.js'
import { refusals } from './codes/refusals.js'
import { requests } from './codes/requests.js'

export type { Level } from './codes/code.js'

/** The names that stand in more than one of these tables. */
type Twice<Tables, Seen = never> = Tables extends [infer Table, ...infer Rest]
  ? Extract<keyof Table, Seen> | Twice<Rest, Seen | keyof Table>
  : never

type Tables = [typeof refusals, typeof faults, typeof connections, typeof requests]

/** One row for each code: a name that stands twice does not compile, for one row would hide the other. */
export const codes = {
  ...refusals,
  ...faults,
  ...connections,
  ...requests,
} satisfies Record<string, Code> & Record<Twice<Tables>, never>

export type Refusal = keyof typeof refusals
export type CodeName = keyof typeof codes

/** Counts that it happened, and logs it: to whom, and what there is to know. */
export type Report = (code: CodeName, who: string, fields: object) => void
