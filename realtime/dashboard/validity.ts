/**
 * What a browser finds wrong in a field before a form is sent, in the language of the page: its own words are in the
 * language of the browser, which may be another.
 */
import { t } from './words/index.js'
import { number } from './words/times.js'

type Judged = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

const isJudged = (what: unknown): what is Judged =>
  what instanceof HTMLInputElement || what instanceof HTMLSelectElement || what instanceof HTMLTextAreaElement

/** Empty where we have no words: the browser's own stay. */
function sentenceOn(field: Judged): string {
  const { validity } = field
  if (validity.valueMissing) return t('parts.invalid.missing')
  if (validity.badInput) return t('parts.invalid.number')
  if (validity.typeMismatch && field.type === 'email') return t('parts.invalid.email')
  if (!(field instanceof HTMLInputElement)) return ''
  if (validity.rangeUnderflow) return t('parts.invalid.least', { least: number(Number(field.min)) })
  if (validity.rangeOverflow) return t('parts.invalid.most', { most: number(Number(field.max)) })
  return validity.stepMismatch && field.step === '1' ? t('parts.invalid.whole') : ''
}

/** Judges the fields of a document in our words from now on. */
export function judgeFields(page: Document): void {
  const judge = ({ target }: Event): void => {
    if (!isJudged(target)) return
    target.setCustomValidity('')
    if (!target.validity.valid) target.setCustomValidity(sentenceOn(target))
  }
  const forget = ({ target }: Event): void => {
    if (isJudged(target)) target.setCustomValidity('')
  }
  // What we said of a value holds until it changes, also by the page itself: each attempt is judged anew.
  const attempt = ({ target }: Event): void => {
    const button = target instanceof Element ? target.closest('button') : null
    for (const field of button?.form?.elements ?? []) if (isJudged(field)) field.setCustomValidity('')
  }
  page.addEventListener('invalid', judge, true)
  page.addEventListener('input', forget, true)
  page.addEventListener('change', forget, true)
  page.addEventListener('click', attempt, true)
}
