/** Waits until something holds; says what was waited for when it never does. */
export async function until(holds: () => unknown, what: string, patience = 30_000): Promise<void> {
  const end = performance.now() + patience
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${patience} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
