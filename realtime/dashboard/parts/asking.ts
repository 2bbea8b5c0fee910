/**
 * Whether a question is open. The rest of the page waits for the answer; the emergency stop never does, so a question
 * is no modal dialog of the browser, which would take it out of reach. The frame makes the rest inert instead.
 */
import { nextTick, ref } from 'vue'

/** How many questions are open. */
export const questions = ref(0)

/** A question opens; what is returned closes it and gives the focus back to where it was. */
export function open(): () => void {
  const before = document.activeElement as HTMLElement | null
  questions.value++
  return () => {
    questions.value--
    void nextTick(() => (before?.isConnected ? before : document.getElementById('content'))?.focus())
  }
}
