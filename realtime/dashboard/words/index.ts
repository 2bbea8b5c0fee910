/**
 * The page in the language of the person in front of it. English and German are loaded one at a time; the compiler
 * holds German to the keys of English, and every call of `t` to a key that exists.
 */
import { createI18n } from 'vue-i18n'
import type { en } from './en/index.js'

export type Words = typeof en

type Keys<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Keys<T[K]>}` }[keyof T & string]
/** A path to a text, such as `frame.log_out`. */
export type WordKey = Keys<Words>

/** The languages, by the names their speakers know them by. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof LANGUAGES

const loaders: Record<Language, () => Promise<Words>> = {
  en: async () => (await import('./en/index.js')).en,
  de: async () => (await import('./de/index.js')).de,
}

const KEPT_AS = 'kaiser_language'
const isLanguage = (tag: unknown): tag is Language => typeof tag === 'string' && tag in LANGUAGES

const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackWarn: false,
  missingWarn: false,
  messages: {},
})

/** Installs the words into the application. */
export const words = i18n

export const language = (): Language => i18n.global.locale.value as Language

/** The tag to format numbers and dates by: the browser's own (de-AT, en-GB) where it speaks the chosen language. */
export function region(): string {
  const chosen = language()
  return navigator.languages.find((tag) => tag === chosen || tag.startsWith(`${chosen}-`)) ?? chosen
}

/** A text, with its named values; `count` chooses between one and many. Changes with the language. */
export function t(key: WordKey, named: Record<string, unknown> = {}, count?: number): string {
  return count === undefined ? i18n.global.t(key, named) : i18n.global.t(key, { n: count, ...named }, count)
}

/** The word for a name from the wire, if there is one. Such a name may be anything, `constructor` too. */
export function wordIf(group: string, name: string, named: Record<string, unknown> = {}): string | undefined {
  let words: unknown = i18n.global.getLocaleMessage(language())
  for (const part of [...group.split('.'), name]) {
    if (typeof words !== 'object' || words === null || !Object.hasOwn(words, part)) return undefined
    words = (words as Record<string, unknown>)[part]
  }
  return typeof words === 'string' ? i18n.global.t(`${group}.${name}`, named) : undefined
}

/** The word for a name from the wire, or the name itself, spaced, where there is none. */
export const wordFor = (group: string, name: string): string =>
  wordIf(group, name) ?? name.replaceAll('_', ' ')

/** What the server refuses, in the language of the page: our sentence by its code, then the server's own. */
export function refusalShown(code: string | undefined, detail: string): string {
  const sentence = code === undefined ? undefined : wordIf('codes', code)
  return sentence === undefined ? detail : t('errors.beside', { sentence, detail })
}

/** Shows the page in this language, and remembers it in this browser. */
export async function speak(chosen: Language, remember = true): Promise<void> {
  if (!i18n.global.availableLocales.includes(chosen))
    i18n.global.setLocaleMessage(chosen, await loaders[chosen]())
  i18n.global.locale.value = chosen
  document.documentElement.lang = chosen
  if (!remember) return
  try {
    localStorage.setItem(KEPT_AS, chosen)
  } catch {
    // A full or forbidden storage: the choice lasts as long as this page.
  }
}

/** What somebody chose here before, else the first language of the browser that we have, else English. */
export function preferred(): Language {
  const kept = localStorage.getItem(KEPT_AS)
  if (isLanguage(kept)) return kept
  return navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en'
}
