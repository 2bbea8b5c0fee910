/** The order of people for names: numbers by their value, letters by the language of the browser. */
export const byText = new Intl.Collator(undefined, { numeric: true }).compare
