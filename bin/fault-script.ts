/** `--faults FILE`: a script of what goes wrong with mock devices, read and checked before anything begins. */
import { readFileSync } from 'node:fs'
import type { ScriptEntry } from '../sim/faults/script.js'
import { UsageError } from './config.js'
import { given } from './flags.js'

export const faultsOption = given(
  'FILE',
  'a script of what goes wrong with them: JSON, sim/README.md has one',
)

/** The script of a file. Throws UsageError with what is wrong and where; without a file nothing goes wrong. */
export async function scriptIn(file: string | undefined): Promise<readonly ScriptEntry[]> {
  if (file === undefined) return []
  const { readScript } = await import('../sim/faults/script.js')
  try {
    return readScript(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UsageError(`--faults is "${file}"; ${(error as Error).message}`)
  }
}
