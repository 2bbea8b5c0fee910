/** Hands a file to the browser, as if somebody had followed a link to it. */
export function save(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  // A browser may ask where to put it before it reads it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
