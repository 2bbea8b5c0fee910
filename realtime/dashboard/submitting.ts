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
}

/** The state of one form; `known` names the fields that can show a sentence themselves. */
export function createSubmission(known: readonly string[]): Submission {
  const submission: Submission = reactive({
    busy: false,
    error: '',
    fields: {},
    async submit(attempt: () => Promise<unknown>) {
      if (submission.busy) return
      Object.assign(submission, { busy: true, error: '', fields: {} })
      try {
        await attempt()
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        const elsewhere = Object.entries(error.fields).filter(([field]) => !known.includes(field))
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
