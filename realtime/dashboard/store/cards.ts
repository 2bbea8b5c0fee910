/**
 * Which cards the overview shows: a section for each zone by name, devices without a zone last, and in each the
 * devices by name, each with its sensors and actuators in a steady order. A value that changes moves nothing here.
 */
import { computed, toRaw } from 'vue'
import { byText } from '../by-text.js'
import { actuators } from './actuators.js'
import { type Shape, shapes } from './devices.js'
import { readings } from './greenhouse.js'

export interface Card extends Omit<Shape, 'zone_id' | 'zone_name'> {
  readonly zone: string
  /** Keys of `readings`. */
  readonly sensors: readonly string[]
  /** Keys of `actuators`. */
  readonly actuators: readonly string[]
}

export interface Section {
  /** null: in no zone. */
  readonly zone_id: string | null
  readonly name: string
  readonly cards: readonly Card[]
  /** Of all its cards, also when only some of them are shown. */
  readonly size: number
  readonly online: number
}

const NONE: readonly string[] = Object.freeze([])

interface Part {
  readonly key: string
  readonly esp_id: string
  readonly gpio: number
}

/** The keys of each device's parts, by gpio. Follows parts that come and go, not what they say. */
function byDevice(map: Map<string, Part>): Map<string, string[]> {
  const raw = toRaw(map)
  const parts = [...map.keys()].flatMap((key) => raw.get(key) ?? [])
  parts.sort((a, b) => a.gpio - b.gpio || byText(a.key, b.key))
  const found = new Map<string, string[]>()
  for (const { esp_id, key } of parts) {
    const keys = found.get(esp_id)
    if (keys) keys.push(key)
    else found.set(esp_id, [key])
  }
  return found
}

const sensorsOf = computed(() => byDevice(readings))
const actuatorsOf = computed(() => byDevice(actuators))

const stranger = (device_id: string): Shape => ({
  ...{ device_id, title: device_id, zone_id: null, zone_name: null },
  ...{ status: 'unknown', flapping: false, safe_mode: false },
})

/** Every device that was listed or speaks. */
function allShapes(): Shape[] {
  const found = [...shapes.values()]
  const heard = new Set([...sensorsOf.value.keys(), ...actuatorsOf.value.keys()])
  for (const id of heard) if (!shapes.has(id)) found.push(stranger(id))
  return found
}

/** These cards as a section. */
const section = (zone_id: string | null, name: string, cards: readonly Card[]): Section => ({
  zone_id,
  name,
  cards,
  size: cards.length,
  online: cards.filter(({ status }) => status === 'online').length,
})

export const sections = computed<Section[]>(() => {
  const zones = new Map<string | null, { name: string; cards: Card[] }>()
  for (const { zone_id, zone_name, ...shape } of allShapes()) {
    const id = zone_id || null
    const zone = zones.get(id) ?? { name: zone_name || zone_id || '', cards: [] }
    zones.set(id, zone)
    zone.cards.push({
      ...shape,
      zone: zone.name,
      sensors: sensorsOf.value.get(shape.device_id) ?? NONE,
      actuators: actuatorsOf.value.get(shape.device_id) ?? NONE,
    })
  }
  for (const { cards } of zones.values())
    cards.sort((a, b) => byText(a.title, b.title) || byText(a.device_id, b.device_id))
  return [...zones]
    .map(([zone_id, { name, cards }]) => section(zone_id, name, cards))
    .sort((a, b) => Number(a.zone_id === null) - Number(b.zone_id === null) || byText(a.name, b.name))
})
