/**
 * The server's log as a file, as it comes: straight onto the disk where the browser can, else gathered first. The token
 * goes in a header, never in the address.
 */
import { stream } from '../../api.js'
import { save } from '../../parts/saving.js'
import type { Filter } from './filter.js'

const TYPE = 'application/x-ndjson'

interface Writable extends WritableStream<Uint8Array> {}
type Picker = (options: object) => Promise<{ createWritable(): Promise<Writable> }>

/** What of the filter the server knows: a topic without wildcards, or a pattern, is the page's own. */
function queryOf({ topic, text, device, type, show }: Filter): URLSearchParams {
  const query = new URLSearchParams()
  if (/[+#]/.test(topic) && !/[*?]/.test(topic)) query.set('topic', topic)
  if (text) query.set('q', text.slice(0, 200))
  if (show === 'raw' && /^ESP_\w+$/.test(device)) query.set('esp_id', device)
  if (show === 'raw' && type) query.set('type', type)
  return query
}

/** Exports. Returns how many bytes; undefined when nobody wanted it after all. Throws ApiError. */
export async function exportMessages(
  filter: Filter,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<number | undefined> {
  const name = `kaiser-mqtt-${new Date().toISOString().slice(0, 10)}.ndjson`
  const pick = (window as { showSaveFilePicker?: Picker }).showSaveFilePicker
  let file: Writable | undefined
  try {
    file = pick && (await (await pick({ suggestedName: name })).createWritable())
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined
    // It may not write there: it is gathered instead.
  }
  let bytes = 0
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, out) {
      bytes += chunk.byteLength
      progress(bytes)
      out.enqueue(chunk)
    },
  })
  const response = await stream(`/mqtt/messages/export?${queryOf(filter)}`, signal)
  const body = response.body!.pipeThrough(counting)
  if (file) await body.pipeTo(file, { signal })
  else save(await new Response(body, { headers: { 'content-type': TYPE } }).blob(), name)
  return bytes
}
