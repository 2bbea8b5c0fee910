/**
 * A sentence of the server with its facts apart: `code` names the sentence in one of the tables of `sentences/`,
 * `facts` are what stands in its places. Whoever reads English takes the sentence; a page in another language has
 * its own for the code and puts the same facts in.
 */
import Type, { type Static } from 'typebox'

export const Facts = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
  description: 'what stands in the sentence, by name',
})
export type Facts = Static<typeof Facts>

export const Said = Type.Object({
  code: Type.String({ description: 'names the sentence' }),
  facts: Facts,
})
export type Said = Static<typeof Said>

/** The sentence with its facts in their places, `{name}`. */
export const spelledOut = (sentence: string, facts: Facts): string =>
  sentence.replace(/\{(\w+)\}/g, (place, name: string) => String(facts[name] ?? place))

/** What is said without its sentence, as it travels. */
export const withoutSentence = ({ code, facts }: Said): Said => ({ code, facts })

/** For one table: makes what is said, which must be a code of it. */
export const speakerOf =
  <const Table extends Readonly<Record<string, string>>>(table: Table) =>
  (code: keyof Table & string, facts: Facts = {}): Said & { sentence: string } => ({
    code,
    facts,
    sentence: spelledOut(table[code]!, facts),
  })
