/**
 * Whether a configuration fits into a device: its MQTT buffer holds one whole PUBLISH packet, header and topic
 * included, or the packet is lost without a word. What does not fit at once is told in several messages, by kind, and
 * items of one kind apart only where they must be; an item that fits into none is not told at all.
 */
import type { Device } from '../../storage/devices.js'
import { type Content, type Item, KINDS, type Kind } from './content.js'

/** What the firmware takes when it says nothing, bytes. protocol.md §1.7 */
export const CONFIG_BUFFER = 4_096
/** More than this no device is sent at once, whatever it says, bytes. protocol.md §1.7 */
const LARGEST = 16_384

const isSize = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0

/** How large a PUBLISH the device takes, bytes: as it says in its heartbeat, or as people say in its capabilities. */
export function bufferOf({ health, capabilities }: Pick<Device, 'health' | 'capabilities'>): number {
  for (const text of [health, capabilities]) {
    if (!text.includes('config_buffer_size')) continue
    const { config_buffer_size } = JSON.parse(text) as { config_buffer_size?: unknown }
    if (isSize(config_buffer_size)) return Math.min(config_buffer_size, LARGEST)
  }
  return CONFIG_BUFFER
}

const bytesOf = (text: string): number => Buffer.byteLength(text)

/** Bytes of a QoS 1 PUBLISH. [MQTT-2.2.3, MQTT-3.3] */
export function packetSize(topic: string, payload: string): number {
  const remaining = 2 + bytesOf(topic) + 2 + bytesOf(payload)
  return 1 + (remaining < 128 ? 1 : remaining < 16_384 ? 2 : remaining < 2_097_152 ? 3 : 4) + remaining
}

/** The fields beside the items, at their longest. */
const ENVELOPE = JSON.stringify({
  correlation_id: 'x'.repeat(36),
  request_id: 'x'.repeat(36),
  intent_id: 'x'.repeat(36),
  reason_code: 'x'.repeat(32),
  generation: 9_999_999_999,
  config_fingerprint: 'x'.repeat(64),
  timestamp: 9_999_999_999,
  part_index: 999,
  total_parts: 999,
})

/** What every message takes beside its items, bytes. */
const overhead = (topic: string): number =>
  packetSize(topic, ENVELOPE) + KINDS.reduce((sum, kind) => sum + `"${kind}":[],`.length, 1)

const sizeOf = (items: readonly Item<unknown>[]): number =>
  items.reduce((sum, { text }) => sum + bytesOf(text) + 1, 0)

/** The items of one message; a kind that is missing is told in another one. */
export type Part = Partial<Content>

/** Bytes of a message that has this item alone. */
export const alone = (topic: string, item: Item<unknown>): number => overhead(topic) + sizeOf([item])

/** Items of one kind, in as few messages as they fit into. Each fits by itself. */
function portions<T extends Item<unknown>>(items: readonly T[], room: number): T[][] {
  const all: T[][] = []
  let left = -1
  for (const item of items) {
    const size = sizeOf([item])
    if (size > left) {
      all.push([])
      left = room
    }
    all.at(-1)!.push(item)
    left -= size
  }
  return all
}

/** The messages that tell all of it; every item fits by itself. */
export function split(content: Content, topic: string, buffer: number): Part[] {
  const room = buffer - overhead(topic)
  const whole = KINDS.reduce((sum, kind) => sum + sizeOf(content[kind]), 0)
  if (whole <= room) return [content]
  return KINDS.flatMap((kind) =>
    portions<Item<unknown>>(content[kind], room).map((items) => ({ [kind]: items })),
  )
}

/** An item that does not fit into the device, with the sentence about it. */
export interface Oversize {
  readonly kind: Kind
  readonly item: Item<unknown>
  readonly sentence: string
}

/** Why this item cannot be told to the device; undefined when it can. */
export function tooLarge(
  device: Pick<Device, 'device_id' | 'health' | 'capabilities'>,
  topic: string,
  item: Item<unknown>,
): string | undefined {
  const bytes = alone(topic, item)
  const buffer = bufferOf(device)
  return bytes <= buffer
    ? undefined
    : `It takes ${bytes} bytes to tell ${device.device_id} this alone, and its buffer holds ${buffer}: shorten names or metadata`
}
