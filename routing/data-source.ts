/** Where a message comes from: production, mock, test or simulation. The order is protocol.md §2.1. */
import type { Device } from '../storage/devices.js'
import { DATA_SOURCES, type DataSource } from './contract/quality.js'

const PREFIXES: readonly (readonly [RegExp, DataSource])[] = [
  [/^(ESP_)?MOCK_/i, 'mock'],
  [/^TEST_/i, 'test'],
  [/^SIM_/i, 'simulation'],
]

const byPrefix = (esp_id: string): DataSource => {
  for (const [prefix, source] of PREFIXES) if (prefix.test(esp_id)) return source
  return 'production'
}

/** The hardware type a device gets that nobody described. */
export const hardwareTypeOf = (esp_id: string): string =>
  byPrefix(esp_id) === 'mock' ? 'MOCK_ESP32' : 'ESP32_WROOM'

/** What kind of device this is, without looking at a payload. Cached per record, records are immutable. */
const kinds = new WeakMap<Device, DataSource>()
const kindOf = (device: Device): DataSource => {
  const known = kinds.get(device)
  if (known) return known
  const capabilities = JSON.parse(device.capabilities) as { mock?: unknown }
  const kind =
    device.hardware_type === 'MOCK_ESP32' || capabilities?.mock ? 'mock' : byPrefix(device.device_id)
  kinds.set(device, kind)
  return kind
}

/** `device` is an id where nobody has let it in. */
export function dataSourceOf(
  payload: { _test_mode?: unknown; _source?: unknown },
  device: Device | string,
): DataSource {
  if (payload._test_mode) return 'test'
  if (payload._source !== undefined) {
    const word = typeof payload._source === 'string' ? payload._source.toLowerCase() : ''
    return DATA_SOURCES.find((source) => source === word) ?? 'production'
  }
  return typeof device === 'string' ? byPrefix(device) : kindOf(device)
}
