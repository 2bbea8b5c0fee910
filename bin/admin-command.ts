/**
 * What the commands about devices and users share: an operation goes to the running server over its socket,
 * or, when none runs, to the database itself.
 */
import { type AdminContext, operations } from './admin.js'
import { askServer } from './control.js'
import { openDataDirectory } from './data-directory.js'

/** Carries out an operation wherever the store is. Throws an Error with a sentence for people. */
export async function carryOut(
  data: string,
  operation: string,
  args: Record<string, string | null>,
): Promise<unknown> {
  const directory = openDataDirectory(data)
  const answered = await askServer(directory.socket, operation, args)
  if (answered !== undefined) return answered

  const lock = directory.lock()
  try {
    const { openStore } = await import('../storage/store.js')
    const store = openStore({ path: directory.database, now: Date.now, monotonic: () => performance.now() })
    try {
      const context: AdminContext = { store, now: Date.now, secret: directory.secret }
      return await operations[operation]!(context, args)
    } finally {
      await store.close()
    }
  } finally {
    lock.release()
  }
}

/** A result as people read it: a table for a list, `name: value` lines for one thing. */
export function shown(result: unknown): string {
  if (!Array.isArray(result))
    return Object.entries(result as object)
      .map(([name, value]) => `${name}: ${value ?? '-'}\n`)
      .join('')
  if (result.length === 0) return 'none\n'
  const names = Object.keys(result[0] as object)
  const rows = [
    names,
    ...result.map((row) => names.map((name) => String((row as Record<string, unknown>)[name] ?? '-'))),
  ]
  const widths = names.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
