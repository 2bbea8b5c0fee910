/**
 * What the sensors and actuators of one greenhouse share: its air, its bed, its tank, and the sky above. Devices say
 * what they switch, sensors ask what there is; in between the world is moved on in short steps. It has no timer of
 * its own, and the same seed, switching and times give the same numbers.
 */
import { kindOf } from '../routing/actuators/kinds.js'
import { deficit, relativeHumidity, saturated } from './physics/air.js'
import { carbon } from './physics/carbon.js'
import { heat } from './physics/heat.js'
import { HOUSE, type Part, type Powers, type State } from './physics/parts.js'
import { vapour } from './physics/vapour.js'
import { flowOf, solution, water } from './physics/water.js'
import { PLACE, type Place, type Sky, skyAt } from './sky.js'

export type { Place } from './sky.js'

export interface WorldOptions {
  readonly place?: Partial<Place>
  readonly seed?: number | string
  /** What `snapshot` gave. */
  readonly kept?: WorldState | undefined
}

/** Plain JSON. */
export interface WorldState {
  readonly state: State
  /** Until when it was moved on, ms since 1970. */
  readonly at: number
}

export interface World {
  readonly place: Place
  /** Any quantity at a moment, ms since 1970. A moment before the last one that was asked for is answered as that one. */
  read(quantity: WorldQuantity, at: number): number
  /** An actuator has another value, 0–1, from that moment on. */
  switched(esp_id: string, gpio: number, actuator_type: string, value: number, at: number): void
  /** A device, and all its actuators, is taken out. */
  forget(esp_id: string, at: number): void
  snapshot(): WorldState | undefined
}

const QUANTITIES = {
  temperature: ({ temperature }) => temperature,
  humidity: (state) => relativeHumidity(state.vapour, state.temperature),
  vpd: (state) => deficit(state.vapour, state.temperature),
  soil_temperature: ({ soil_temperature }) => soil_temperature,
  water_temperature: ({ water_temperature }) => water_temperature,
  /** % */
  soil_moisture: ({ bed }) => (100 * bed) / HOUSE.bed,
  tank_level: ({ tank }) => (100 * tank) / HOUSE.tank,
  /** L/min */
  flow: (state, _, powers) => flowOf(state, powers),
  // 110 lm/W of daylight (P. Littlefair, "The luminous efficacy of daylight", 1985); a lamp of 15,000 lux.
  illuminance: (_, { irradiance }, { light = 0 }) => HOUSE.transmission * irradiance * 110 + 15_000 * light,
  // 2.06 µmol/J: 45 % of sunlight drives plants, at 4.57 µmol/J (R. W. Thimijan and R. D. Heins, 1983).
  ppfd: (_, { irradiance }, { light = 0 }) => HOUSE.transmission * irradiance * 2.06 + 200 * light,
  co2: ({ co2 }) => co2,
  ph: ({ ph }) => ph,
  ec: ({ ec }) => ec,
  /** W/m² */
  sun: (_, { irradiance }) => irradiance,
  outside_temperature: (_, { temperature }) => temperature,
  outside_humidity: (_, sky) => relativeHumidity(sky.vapour, sky.temperature),
} as const satisfies Record<string, (state: State, sky: Sky, powers: Powers) => number>

export type WorldQuantity = keyof typeof QUANTITIES
export const WORLD_QUANTITIES = Object.keys(QUANTITIES) as WorldQuantity[]

/** In the order in which one feeds the next. */
const PARTS: readonly Part[] = [vapour, heat, carbon, water, solution]
/** Seconds of its own time a step is at most; of the day before anybody looked, coarser ones will do. */
const [STEP, COARSE] = [60, 900]
/** A clock that was put back by more, ms, is believed. */
const PUT_BACK = 60_000
/** A longer absence is not made up for, days: air has forgotten it, and catching up takes time. */
const CATCH_UP = 2
const KINDS = ['pump', 'valve', 'heater', 'fan', 'light', 'dosing'] as const

const NOBODY: Powers = {
  pump: undefined,
  valve: undefined,
  heater: undefined,
  fan: undefined,
  light: undefined,
  dosing: undefined,
}

const beginning = ({ temperature, vapour }: Sky): State => ({
  temperature,
  soil_temperature: temperature + 3,
  water_temperature: temperature + 3,
  vapour: Math.min(vapour, saturated(temperature)),
  latent: 0,
  co2: 420,
  bed: 0.6 * HOUSE.bed,
  tank: 0.8 * HOUSE.tank,
  filling: 0,
  ph: 5.9,
  ec: 1_800,
})

/** Costs nothing until somebody asks. */
export function createWorld(options: WorldOptions = {}): World {
  const place: Place = { ...PLACE, ...options.place }
  const seed = String(options.seed ?? '')
  const speed = PLACE.day_ms / place.day_ms
  const switches = new Map<string, { readonly kind: keyof Powers; readonly value: number }>()
  let powers = NOBODY
  let state: State | undefined
  let last = 0

  const move = (moved: State, until: number, longest = STEP): void => {
    const seconds = ((until - last) / 1_000) * speed
    const steps = Math.ceil(seconds / longest)
    for (let step = 0; step < steps; step++) {
      const sky = skyAt(last + ((until - last) * (step + 0.5)) / steps, place, seed)
      for (const part of PARTS) part(moved, { sky, powers }, seconds / steps)
    }
    last = until
  }

  let seen: { readonly at: number; readonly sky: Sky } | undefined
  const skyOf = (at: number): Sky => {
    if (seen?.at !== at) seen = { at, sky: skyAt(at, place, seed) }
    return seen.sky
  }

  const moved = (at: number): State => {
    if (!state) {
      state = options.kept ? { ...options.kept.state } : beginning(skyAt(at - place.day_ms, place, seed))
      last = options.kept?.at ?? at - place.day_ms
      if (!options.kept) {
        // A day goes by before anybody looks, so that air and soil are what the weather made of them.
        const { bed, tank, ph, ec } = state
        move(state, at, COARSE)
        Object.assign(state, { bed, tank, filling: 0, ph, ec })
      }
    }
    if (last - at > PUT_BACK) last = at
    last = Math.max(last, at - CATCH_UP * place.day_ms)
    if (at > last) move(state, at)
    return state
  }

  const count = (): void => {
    const sums: { -readonly [kind in keyof Powers]: Powers[kind] } = { ...NOBODY }
    // Two heaters heat as one that is on: a zone has the power its house was built with.
    for (const { kind, value } of switches.values()) sums[kind] = Math.max(sums[kind] ?? 0, value)
    powers = sums
  }

  return {
    place,
    read(quantity, at) {
      const now = moved(at)
      return QUANTITIES[quantity](now, skyOf(Math.max(at, last)), powers)
    },
    switched(esp_id, gpio, actuator_type, value, at) {
      const kind = KINDS.find((one) => one === kindOf(actuator_type).type)
      if (!kind || !Number.isFinite(value)) return
      const key = `${esp_id}/${gpio}`
      const held = Math.min(1, Math.max(0, value))
      const before = switches.get(key)
      if (before?.kind === kind && before.value === held) return
      // An actuator that is told of for the first time has been like this since before anybody looked.
      if (state || before) moved(at)
      switches.set(key, { kind, value: held })
      count()
    },
    forget(esp_id, at) {
      const keys = [...switches.keys()].filter((key) => key.startsWith(`${esp_id}/`))
      if (keys.length === 0) return
      if (state) moved(at)
      for (const key of keys) switches.delete(key)
      count()
    },
    snapshot: () => (state ? { state: { ...state }, at: last } : undefined),
  }
}
