/**
 * What every form here does with its submit button: one attempt at a time, the server's sentences beside their
 * fields, the rest above the form.
 */
import { reactive } from 'vue'
import { ApiError } from './api.js'

export interface Submission {
  busy: boolean
  error: string
  fields: Record<string, string>
  submit: (attempt: () => Promise<unknown>) => Promise<void>
  /** Everything that is wrong within a field that has parts, in one text. */
  within: (field: string) => string
}

const isWithin = (field: string, whole: string): boolean => field === whole || field.startsWith(`${whole}.`)

/** The state of one form; `known` names the fields that can show a sentence themselves. */
export function createSubmission(known: readonly string[]): Submission {
  const submission: Submission = reactive({
    busy: false,
    error: '',
    fields: {},
    within: (field: string) =>
      Object.entries(submission.fields)
        .filter(([name]) => isWithin(name, field))
        .map(([, text]) => text)
        .join(' '),
    async submit(attempt: () => Promise<unknown>) {
      if (submission.busy) return
      Object.assign(submission, { busy: true, error: '', fields: {} })
      try {
        await attempt()
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        const elsewhere = Object.entries(error.fields).filter(
          ([field]) => !known.some((whole) => isWithin(field, whole)),
        )
        submission.fields = { ...error.fields }
        submission.error = [error.message, ...elsewhere.map(([field, text]) => `${field}: ${text}`)]
          .filter(Boolean)
          .join(' ')
      } finally {
        submission.busy = false
      }
    },
  })
  return submission
}
