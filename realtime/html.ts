/** HTML as values: what is put into a template is escaped, unless it is HTML already. */
export interface Html {
  readonly text: string
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => ESCAPES[letter]!)

export const html = (parts: TemplateStringsArray, ...values: readonly (string | number | Html)[]): Html => ({
  text: parts.reduce((text, part, n) => {
    const value = values[n - 1]!
    return `${text}${typeof value === 'object' ? value.text : escaped(String(value))}${part}`
  }),
})

export const join = (all: readonly Html[]): Html => ({ text: all.map(({ text }) => text).join('') })

/** A sentence in which `words` between backticks are code. */
export const prose = (sentence: string): Html =>
  join(sentence.split('`').map((part, n) => (n % 2 === 1 ? html`<code>${part}</code>` : html`${part}`)))
