/** Sentences of the server in the language of the page: by their code, with their facts put in. */
import type { Facts, Said } from '../../../routing/contract/said.js'
import { type Words, wordIf } from './index.js'
import { number } from './times.js'

export type SaidGroup = keyof Words['said']

const shown = (facts: Facts): Record<string, string> =>
  Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [
      name,
      typeof fact === 'number' ? number(fact, Number.isInteger(fact) ? 0 : 3) : fact,
    ]),
  )

/** Undefined where there are no words for this code; then the server's own sentence is all there is. */
export const saidIn = (group: SaidGroup, said: Said | null | undefined): string | undefined =>
  said ? wordIf(`said.${group}`, said.code, shown(said.facts)) : undefined
