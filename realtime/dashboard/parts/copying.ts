/** Copies what an input holds, and selects it. False where the browser lets nobody: then people copy by hand. */
export async function copied(
  input: HTMLInputElement | HTMLTextAreaElement | null | undefined,
): Promise<boolean> {
  if (!input) return false
  input.select()
  // The clipboard API needs HTTPS; on a plain HTTP box the selected text is copied the old way.
  if (!navigator.clipboard) return document.execCommand('copy')
  return navigator.clipboard.writeText(input.value).then(
    () => true,
    () => false,
  )
}
