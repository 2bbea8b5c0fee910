/** The readings of a chart as a file: the server's stream, taken with the session's token, handed to the browser. */
import { stream } from '../../api.js'
import type { Window } from '../../parts/chart/range.js'

/** Reads all of it. Throws ApiError; undefined when it was stopped. */
export async function collect(
  sensors: readonly string[],
  { from, to }: Window,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<Blob | undefined> {
  const names = sensors.map((name) => `sensor=${encodeURIComponent(name)}`).join('&')
  const times = `start_time=${new Date(from).toISOString()}&end_time=${new Date(to).toISOString()}`
  try {
    const { body } = await stream(`/sensors/data?format=csv&${names}&${times}`, signal)
    const parts: Uint8Array<ArrayBuffer>[] = []
    let size = 0
    for (const reader = body!.getReader(); ; ) {
      const { value, done } = await reader.read()
      if (done) break
      parts.push(value)
      size += value.length
      progress(size)
    }
    return new Blob(parts, { type: 'text/csv' })
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

export const fileName = ({ from, to }: Window): string =>
  `kaiser-readings-${[from, to].map((at) => new Date(at).toISOString().slice(0, 10)).join('-to-')}.csv`
