/**
 * A reading as REST shows it. Thousands of them make an answer, so the text is put together here instead of by
 * JSON.stringify of an object each, which takes three times as long; a test compares it with the schema.
 * rest-contract §2
 */
import Type from 'typebox'
import { DATA_SOURCES, PROCESSING_MODES, QUALITIES, TIME_SOURCES } from '../routing/contract/quality.js'
import type { Reading } from '../storage/readings.js'
import { EspId, Gpio, nullable, Time } from './shapes.js'

const oneOf = <Word extends string>(words: readonly Word[], description: string) =>
  Type.Union(
    words.map((word) => Type.Literal(word)),
    { description },
  )
export const QualityName = oneOf(QUALITIES, 'how far it can be trusted, best first')
export const DataSourceName = oneOf(DATA_SOURCES, 'what sent it')

export const ReadingBody = Type.Object({
  esp_id: EspId,
  gpio: Gpio,
  sensor_type: Type.String(),
  address: nullable(Type.String({ description: 'bus address' })),
  timestamp: Time,
  raw_value: Type.Number({ description: 'as it was sent: the native number, or the value in `unit`' }),
  processed_value: nullable(Type.Number({ description: 'in `unit`; null when nothing converts it' })),
  value: nullable(Type.Number({ description: 'the processed value, or the raw one where there is none' })),
  unit: nullable(Type.String({ description: 'e.g. °C' })),
  quality: QualityName,
  processing_mode: oneOf(PROCESSING_MODES, 'how the processed value came about'),
  received_at: Time,
  time_source: oneOf(TIME_SOURCES, 'whose clock `timestamp` is'),
  seq: nullable(Type.Integer({ description: 'the number the device gave it' })),
  zone_id: nullable(Type.String()),
  subzone_id: nullable(Type.String()),
  data_source: DataSourceName,
})

const DAY = 86_400_000
const padded = (n: number, length: number): string => String(n).padStart(length, '0')
const minutes = Array.from(
  { length: 1_440 },
  (_, n) => `${padded(Math.floor(n / 60), 2)}:${padded(n % 60, 2)}:`,
)
const seconds = Array.from({ length: 60 }, (_, n) => `${padded(n, 2)}.`)
const thousandths = Array.from({ length: 1_000 }, (_, n) => `${padded(n, 3)}Z`)
let day = Number.NaN
let date = ''

/** ms since 1970 → ISO 8601, UTC. Times of the same day follow each other: their date is made once. */
export function isoText(ms: number): string {
  const today = Math.floor(ms / DAY)
  if (today !== day) {
    date = new Date(ms).toISOString().slice(0, -'00:00:00.000Z'.length)
    day = today
  }
  const rest = ms - today * DAY
  const ofMinute = rest % 60_000
  return (
    date +
    minutes[Math.floor(rest / 60_000)] +
    seconds[Math.floor(ofMinute / 1_000)] +
    thousandths[ofMinute % 1_000]
  )
}

/** Writes words as JSON; the same word as before is not written anew. */
const createQuote = (): ((word: string | null) => string) => {
  let last: string | null = null
  let text = 'null'
  return (word) => {
    if (word === last) return text
    last = word
    text = JSON.stringify(word)
    return text
  }
}

/**
 * Writes readings as JSON, one after the other. What is the same as in the reading before is not written
 * anew: mostly all but times and values.
 */
export function createReadingText(): (reading: Reading) => string {
  const esp = createQuote()
  const type = createQuote()
  const wire = createQuote()
  const measure = createQuote()
  const zone = createQuote()
  const subzone = createQuote()
  let last: Partial<Reading> = {}
  let who = ''
  let how = ''
  let clock = ''
  let where = ''
  return (reading) => {
    const { esp_id, gpio, sensor_type, address, unit, quality, processing_mode } = reading
    const { time_source, zone_id, subzone_id, data_source, raw_value, processed_value } = reading
    if (
      sensor_type !== last.sensor_type ||
      gpio !== last.gpio ||
      esp_id !== last.esp_id ||
      address !== last.address
    )
      who = `{"esp_id":${esp(esp_id)},"gpio":${gpio},"sensor_type":${type(sensor_type)},"address":${wire(address || null)},"timestamp":"`
    if (unit !== last.unit || quality !== last.quality || processing_mode !== last.processing_mode)
      how = `,"unit":${measure(unit)},"quality":"${quality}","processing_mode":"${processing_mode}","received_at":"`
    if (time_source !== last.time_source) clock = `","time_source":"${time_source}","seq":`
    if (zone_id !== last.zone_id || subzone_id !== last.subzone_id || data_source !== last.data_source)
      where = `,"zone_id":${zone(zone_id)},"subzone_id":${subzone(subzone_id)},"data_source":"${data_source}"}`
    last = reading
    const raw = String(raw_value)
    const processed = processed_value === raw_value ? raw : String(processed_value)
    const value = processed_value === null ? raw : processed
    return `${who}${isoText(reading.timestamp)}","raw_value":${raw},"processed_value":${processed},"value":${value}${how}${isoText(reading.received_at)}${clock}${reading.seq}${where}`
  }
}
