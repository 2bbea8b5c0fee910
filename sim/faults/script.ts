/**
 * A script of faults: a JSON list of what goes wrong, when, for how long, and with which devices. Times are seconds
 * of the mock's clock from its start. What is wrong with a script is said with the number of its entry.
 */
import type { MockFault } from '../../routing/contract/mock.js'
import { completeFault } from './index.js'

/** A fault of a script; `esp_id` may end in `*`, and all devices are meant where it is missing. */
export type ScriptEntry = MockFault & { readonly esp_id?: string }

const MOST = 1_000
const DEVICES = /^[A-Za-z0-9_-]{0,50}\*?$/

/** Throws an Error with a sentence. */
export function readScript(text: string): readonly ScriptEntry[] {
  let script: unknown
  try {
    script = JSON.parse(text)
  } catch (error) {
    throw new Error(`The script is not JSON: ${(error as Error).message}`)
  }
  if (!Array.isArray(script))
    throw new Error('A script is a list: [{"at": 60, "for": 30, "fault": "drop"}, …]')
  if (script.length > MOST) throw new Error(`A script has at most ${MOST} entries (it has ${script.length})`)
  return script.map((entry: unknown, index) => {
    const { esp_id, ...fault } = (entry ?? {}) as { esp_id?: unknown }
    if (esp_id != null && (typeof esp_id !== 'string' || !DEVICES.test(esp_id)))
      throw new Error(`Entry ${index + 1}: esp_id must be a device id, or the beginning of some and a *`)
    const whole = completeFault(typeof entry === 'object' && !Array.isArray(entry) ? fault : entry)
    if (typeof whole === 'string') throw new Error(`Entry ${index + 1}: ${whole}`)
    return esp_id == null ? whole : { ...whole, esp_id: esp_id as string }
  })
}

/** What of a script concerns a device. */
export const faultsOf = (script: readonly ScriptEntry[], device: string): MockFault[] =>
  script
    .filter(({ esp_id = '*' }) =>
      esp_id.endsWith('*') ? device.startsWith(esp_id.slice(0, -1)) : device === esp_id,
    )
    .map(({ esp_id: _, ...fault }) => fault)
