/** An event as one line of a terminal: when, what, who, and what it says. */

interface Said {
  type?: string
  timestamp?: number
  data?: Record<string, unknown>
  skipped?: number
}

type Data = Record<string, unknown>

const joined = (...parts: unknown[]): string =>
  parts.filter((part) => part !== null && part !== undefined && part !== '' && part !== false).join(' ')

const LINES: Readonly<Record<string, (data: Data) => string>> = {
  sensor_data: ({ gpio, sensor_type, value, unit, quality, stored }) =>
    joined(`gpio ${gpio}`, sensor_type, value, unit, `(${quality})`, stored === false && 'not stored yet'),
  esp_health: ({ status, health_status, wifi_rssi, heap_free, uptime, reason, flapping }) =>
    joined(
      status,
      health_status,
      wifi_rssi !== null && `${wifi_rssi} dBm`,
      heap_free !== null && `${heap_free} B free`,
      uptime !== null && `up ${uptime} s`,
      reason,
      flapping === true && 'flapping',
    ),
  system_event: ({ event_type, message }) => joined(event_type, message),
}

const plain = (data: Data): string => {
  const { esp_id: _, device_id: __, topic: ___, ...rest } = data
  return JSON.stringify(rest)
}

/** One line, with its line break. */
export function eventLine({ type = '', timestamp = 0, data = {}, skipped }: Said): string {
  if (skipped !== undefined) return `… ${skipped} events were not shown: the terminal is too slow\n`
  const time = new Date(timestamp * 1000).toISOString().slice(11, 23)
  const text = (LINES[type] ?? plain)(data)
  return `${time}  ${type.padEnd(16)}  ${joined(data.esp_id, text)}\n`
}
